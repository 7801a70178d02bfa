"""Cells of any type as text."""

import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from etl_monitor.pipeline.answer_files.cell_texts import cell_texts, distinct_texts
from etl_monitor.pipeline.base import PipelineError

SEOUL = "서울"
DECOMPOSED = unicodedata.normalize("NFD", SEOUL)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            pa.array([202400000000001.0, 1.5, None, float("nan"), -0.0]),
            ["202400000000001", "1.5", "", "", "0"],
        ),
        (pa.array([2.0**53, 1e300]), ["9007199254740992", "1e+300"]),
        (pa.array(np.array([7.0, 0.5], dtype=np.float32)), ["7", "0.5"]),
        (pa.array([SEOUL, DECOMPOSED, " a "]), [SEOUL, SEOUL, "a"]),
        (pa.array([DECOMPOSED, None, "a"]).dictionary_encode(), [SEOUL, "", "a"]),
        (pa.array([b"a", None]), ["a", ""]),
        (pa.array([7, None]), ["7", ""]),
        (pa.array([], pa.string()), []),
        (pa.array([7.0, 7.0, None]).dictionary_encode(), ["7", "7", ""]),
    ],
)
def test_cells_become_text(cells: Any, expected: list[str]) -> None:
    assert cell_texts("group", cells).to_pylist() == expected


def test_a_part_of_a_large_dictionary_is_read_by_its_rows() -> None:
    encoded = pa.array([str(n) for n in range(100)]).dictionary_encode()
    assert cell_texts("group", encoded.slice(40, 2)).to_pylist() == ["40", "41"]


def test_lists_are_refused() -> None:
    with pytest.raises(PipelineError, match="group"):
        cell_texts("group", pa.array([[1]]))


@pytest.mark.parametrize("as_dictionary", [False, True])
def test_repeated_texts_come_in_the_order_in_which_they_appear(as_dictionary: bool) -> None:
    cells = pa.array(["unused", "b ", None, " b", "a", "b "])
    part = (cells.dictionary_encode() if as_dictionary else cells).slice(1)
    texts, which = distinct_texts("group", part)
    found = texts.to_pylist()
    assert [found[index] for index in which] == ["b", "", "b", "a", "b"]
    assert list(dict.fromkeys(found)) == ["b", "", "a"]
