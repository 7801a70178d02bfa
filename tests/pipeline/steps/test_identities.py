"""Ids as numbers: equal ids have equal numbers, whatever stands beside them; others differ."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.pipeline.steps.identities import NO_ID, identities

ids = st.one_of(
    st.text(st.sampled_from("ab01"), max_size=20),
    st.text(max_size=5),
    st.text(st.sampled_from("x\0"), max_size=70),
)


@given(texts=st.lists(ids, max_size=20))
def test_numbers_are_equal_exactly_if_ids_are(texts: list[str]) -> None:
    numbers = identities(pa.array(texts, pa.string())).tolist()
    assert numbers == [int(identities(pa.array([text]))[0]) for text in texts]
    assert len(set(numbers)) == len(set(texts))
    assert [number == NO_ID for number in numbers] == [text == "" for text in texts]


def test_many_similar_ids_all_differ() -> None:
    texts = [f"BEN{n:06}" for n in range(200_000)]
    texts += [f"{n:06}BEN-{n % 7}@example.com" for n in range(200_000)]
    assert len(set(identities(pa.array(texts)).tolist())) == len(texts)


def test_a_part_of_an_array_has_the_numbers_of_its_ids() -> None:
    texts = pa.array(["first", "second", "세 번째", "fourth"])
    assert identities(texts.slice(1, 3)).tolist() == identities(texts)[1:].tolist()
    assert identities(texts.slice(3)).tolist() == identities(texts)[3:].tolist()
