"""The numbers that answers count for, compared with plain sums in double precision."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING
from etl_monitor.pipeline.kinds.definition import Kind
from etl_monitor.pipeline.progress import CHUNK_ROWS
from etl_monitor.pipeline.scoring.running_sums import RunningSums
from etl_monitor.pipeline.scoring.scoring_key import ScoringKey

NAMES = {"ko": "이름", "en": "Name"}
RANGES = [(1, 5), (0, 1), (-2, 2), (1, 100), (-100, 100)]


def rating_kind(lowest: int, highest: int, items: int = 4) -> Kind:
    """The first scale has all items but one, every second one reversed; the other scale, one."""
    names = [f"q{n}" for n in range(items)]
    scales = [
        {"key": "most", "names": NAMES, "items": names[:-1], "reversed": names[1:-1:2]},
        {"key": "last", "names": NAMES, "items": names[-1:]},
    ]
    answers = {"form": "rating", "lowest": lowest, "highest": highest}
    return Kind.model_validate({"key": "k", "names": NAMES, "answers": answers, "scales": scales})


def counted(codes: npt.NDArray[np.int8], kind: Kind) -> npt.NDArray[np.float64]:
    """What each answer counts, rows × items; NaN: not answered."""
    values = np.where((codes == MISSING) | (codes == INVALID), np.nan, codes.astype(float))
    for index in range(1, len(kind.items) - 1, 2):
        values[:, index] = sum(ScoringKey(kind).item_range) - values[:, index]
    return values


def some_codes(kind: Kind, rows: int, seed: int) -> npt.NDArray[np.int8]:
    random = np.random.default_rng(seed)
    lowest, highest = map(int, ScoringKey(kind).item_range)
    codes = random.integers(lowest, highest + 1, (rows, len(kind.items)))
    codes[random.random(codes.shape) < 0.2] = MISSING
    codes[random.random(codes.shape) < 0.05] = INVALID
    return codes.astype(np.int8)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("ends", RANGES)
@given(seed=st.integers(0, 1000))
def test_scores_are_prorated_sums(ends: tuple[int, int], order: Any, seed: int) -> None:
    kind = rating_kind(*ends)
    codes = some_codes(kind, 40, seed)
    values = counted(codes, kind)
    scores = ScoringKey(kind).scale_scores(np.array(codes, order=order))
    for scale, items in zip(scores.T, kind.slices, strict=True):
        part = values[:, items]
        answered = np.isfinite(part).sum(axis=1)
        expected = np.nansum(part, axis=1) * part.shape[1] / np.where(answered, answered, np.nan)
        assert np.array_equal(scale, expected, equal_nan=True)


def test_the_sum_of_many_large_answers_does_not_overflow() -> None:
    kind = rating_kind(-100, 100, items=501)
    codes = np.full((2, 501), 100, dtype=np.int8)
    codes[1] = -100
    assert ScoringKey(kind).scale_scores(codes).tolist() == [[0, 100], [0, -100]]
    codes[0, 1:-1:2] = -100
    assert ScoringKey(kind).scale_scores(codes)[0].tolist() == [50_000, 100]


@pytest.mark.parametrize("ends", RANGES)
def test_shifted_answers_are_those_counted_and_their_products_exact(ends: tuple[int, int]) -> None:
    kind = rating_kind(*ends)
    key = ScoringKey(kind)
    codes = some_codes(kind, CHUNK_ROWS, seed=1)
    codes[: CHUNK_ROWS // 2] = max(map(int, key.item_range))
    shifted, is_answered = key.shifted_items(codes), key.answered_items(codes)
    expected = counted(codes, kind).T - key.shift
    assert np.array_equal(is_answered, np.isfinite(expected))
    assert np.array_equal(shifted[is_answered], expected[is_answered])
    is_complete = np.asarray(is_answered.all(axis=0))
    sums, exact = RunningSums(4), RunningSums(4)
    sums.add(shifted, is_complete)
    exact.add(np.nan_to_num(expected), is_complete)
    assert np.array_equal(sums.covariance(), exact.covariance())


def test_right_answers_count_one_and_all_others_nothing() -> None:
    kind = Kind.model_validate(
        {
            "key": "k",
            "names": NAMES,
            "answers": {"form": "choice", "options": ["A", "B", "C"]},
            "answer_key": {"q1": "A", "q2": "C"},
            "scales": [{"key": "s", "names": NAMES, "items": ["q1", "q2"]}],
        }
    )
    codes = np.array([[0, 2], [1, 2], [MISSING, 0], [INVALID, 2]], dtype=np.int8)
    key = ScoringKey(kind)
    assert key.scale_scores(codes).tolist() == [[2], [1], [0], [1]]
    assert (key.shifted_items(codes) + key.shift).T.tolist() == [[1, 1], [0, 1], [0, 0], [0, 1]]
    assert key.answered_items(codes).T.tolist() == [[1, 1], [1, 1], [0, 1], [0, 1]]
