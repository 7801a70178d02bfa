"""The formulas, compared with scipy, pingouin, pandas or values computed by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats  # type: ignore[import-untyped]

from etl_monitor.pipeline.scoring import psychometrics
from etl_monitor.pipeline.scoring.psychometrics import Floats
from etl_monitor.pipeline.scoring.running_sums import CorrectByScore, ItemSums, RunningSums

RANDOM = np.random.default_rng(7)
ANSWERS = np.clip(
    np.round(3 + RANDOM.normal(size=(400, 1)) + RANDOM.normal(size=(400, 6))), 1, 5
)  # six items that share something


def covariance(answers: Floats) -> Floats:
    sums = RunningSums(answers.shape[1])
    add(sums, answers)
    return sums.covariance()


def add(sums: RunningSums | ItemSums, answers: Floats) -> None:
    """Add rows × items; NaN: not answered."""
    shifted, is_answered = np.nan_to_num(answers.T - 3), np.isfinite(answers.T)
    if isinstance(sums, RunningSums):
        sums.add(shifted, np.asarray(is_answered.all(axis=0)))
    else:
        sums.add(shifted, is_answered, np.ones(len(answers), dtype=np.bool_))


def one_group(count: int) -> psychometrics.GroupIndices:
    return np.zeros(count, dtype=np.int32)


def test_unanswered_items_are_prorated() -> None:
    totals, answered = (np.array(each, dtype=np.int32) for each in ([14, 9, 0], [3, 2, 0]))
    scores = psychometrics.prorated(totals, answered, 3)
    assert scores[0] == 14
    assert scores[1] == 9 / 2 * 3
    assert math.isnan(scores[2])


people = st.lists(
    st.tuples(st.integers(-4, 12), st.integers(0, 3), st.integers(1, 5)), min_size=1, max_size=30
)  # a score in halves, a group, and how many respondents have it


@given(people=people)
def test_a_score_of_several_respondents_counts_as_often(people: list[tuple[int, int, int]]) -> None:
    halves, group, count = (np.array(column) for column in zip(*people, strict=True))
    scores, groups, counts = halves / 2, group.astype(np.int32), count.astype(float)
    every, groups_of_all = np.repeat(scores, count), np.repeat(groups, count)
    ranks = psychometrics.mid_rank_percentiles(scores, groups, counts)
    assert np.array_equal(
        np.repeat(ranks, count), psychometrics.mid_rank_percentiles(every, groups_of_all)
    )
    t = np.repeat(psychometrics.t_scores(scores, groups, counts), count)
    assert t == pytest.approx(psychometrics.t_scores(every, groups_of_all), nan_ok=True)
    assert psychometrics.quantiles(scores, counts) == pytest.approx(
        psychometrics.quantiles(every), abs=1e-12
    )
    assert psychometrics.histogram(scores, -2, 6, counts) == psychometrics.histogram(every, -2, 6)
    mean, sd = psychometrics.mean_and_sd(scores, counts)
    assert mean == pytest.approx(np.mean(every), abs=1e-12)
    assert sd == (pytest.approx(np.std(every, ddof=1), abs=1e-12) if len(every) > 1 else None)


@given(scores=st.lists(st.floats(-100, 100), min_size=1, max_size=50))
def test_quantiles_equal_those_of_numpy(scores: list[float]) -> None:
    ours = psychometrics.quantiles(np.array(scores))
    expected = np.percentile(scores, psychometrics.PERCENTILES)
    assert list(ours.values()) == pytest.approx(list(expected), abs=1e-9)


def test_percentile_ranks_computed_by_hand() -> None:
    scores = np.array([10.0, 20.0, 20.0, 30.0])
    ranks = psychometrics.mid_rank_percentiles(scores, one_group(4))
    assert ranks.tolist() == [12.5, 50.0, 50.0, 87.5]


def test_percentile_ranks_equal_those_of_scipy() -> None:
    scores = RANDOM.integers(0, 30, 500).astype(float)
    ours = psychometrics.mid_rank_percentiles(scores, one_group(500))
    mean_of_both = [
        (stats.percentileofscore(scores, s, "strict") + stats.percentileofscore(scores, s, "weak"))
        / 2
        for s in scores
    ]
    assert ours == pytest.approx(mean_of_both)


def test_percentile_ranks_of_each_group_are_those_of_the_group_alone() -> None:
    scores = RANDOM.integers(0, 10, 300).astype(float)
    groups = RANDOM.integers(0, 4, 300).astype(np.int32)
    together = psychometrics.mid_rank_percentiles(scores, groups)
    for group in range(4):
        alone = scores[groups == group]
        expected = psychometrics.mid_rank_percentiles(alone, one_group(len(alone)))
        assert together[groups == group] == pytest.approx(expected)


def test_t_scores_equal_those_of_scipy() -> None:
    scores = RANDOM.normal(30, 6, 200)
    ours = psychometrics.t_scores(scores, one_group(200))
    assert ours == pytest.approx(50 + 10 * stats.zscore(scores, ddof=1))


def test_t_scores_keep_their_digits_far_from_zero() -> None:
    scores = np.array([1.0, 2.0, 3.0])
    far = psychometrics.t_scores(scores + 1e9, one_group(3))
    assert far == pytest.approx([40.0, 50.0, 60.0])


def test_no_spread_or_one_member_has_no_t_score() -> None:
    groups = np.array([0, 0, 1], dtype=np.int32)
    assert np.isnan(psychometrics.t_scores(np.array([5.0, 5.0, 9.0]), groups)).all()


def test_no_scores_have_no_norms() -> None:
    no_scores = np.empty(0)
    assert len(psychometrics.mid_rank_percentiles(no_scores, one_group(0))) == 0
    assert len(psychometrics.t_scores(no_scores, one_group(0))) == 0


def test_alpha_equals_that_of_pingouin() -> None:
    import pingouin  # type: ignore[import-untyped]  # 1.5 s, in every process that collects tests

    expected, _ = pingouin.cronbach_alpha(data=pd.DataFrame(ANSWERS))
    assert psychometrics.cronbach_alpha(covariance(ANSWERS)) == pytest.approx(expected)


def test_alpha_of_equal_items_is_one_and_of_constant_ones_undefined() -> None:
    equal = np.repeat(np.array([[1.0], [2.0], [5.0]]), 3, axis=1)
    assert psychometrics.cronbach_alpha(covariance(equal)) == pytest.approx(1.0)
    assert psychometrics.cronbach_alpha(covariance(np.full((5, 3), 4.0))) is None
    assert psychometrics.cronbach_alpha(covariance(equal[:, :1])) is None
    assert psychometrics.cronbach_alpha(covariance(equal[:1])) is None


def test_alpha_is_undefined_if_answers_differ_but_their_sums_do_not() -> None:
    """For example, of statements that people put in order: rounding gave an alpha of -10¹⁶."""
    rank = np.random.default_rng(3)
    for people in range(2, 60):
        orders = np.array([rank.permutation(np.arange(1.0, 9.0)) for _ in range(people)])
        assert psychometrics.cronbach_alpha(covariance(orders)) is None


def test_alpha_if_one_of_a_million_differs() -> None:
    answers = np.full((1_000_000, 2), 3.0)
    answers[:500_000] = [2.0, 4.0]
    answers[0] = [2.0, 5.0]
    expected = 2 * (1 - answers.var(axis=0, ddof=1).sum() / answers.sum(axis=1).var(ddof=1))
    assert psychometrics.cronbach_alpha(covariance(answers)) == pytest.approx(expected, rel=1e-6)


def test_corrected_item_total_equals_that_of_scipy() -> None:
    ours = psychometrics.corrected_item_total(covariance(ANSWERS))
    for item, value in enumerate(ours):
        rest = np.delete(ANSWERS, item, axis=1).sum(axis=1)
        assert value == pytest.approx(stats.pearsonr(ANSWERS[:, item], rest).statistic)


def test_a_constant_item_has_no_item_total() -> None:
    answers = ANSWERS.copy()
    answers[:, 2] = 3
    assert psychometrics.corrected_item_total(covariance(answers))[2] is None
    assert psychometrics.corrected_item_total(covariance(answers[:, 2:3])) == [None]


def test_discrimination_computed_by_hand() -> None:
    """Ten people, one with each score 0 … 9 of nine items; 27 % are 2.7 people.

    Item 0 is right for scores 5 … 9: upper share 1, lower share 0.
    Item 1 is right for scores 0 and 8: upper (9, 8, 0.7 of 7) 1 / 2.7,
    lower (0, 1, 0.7 of 2) 1 / 2.7.
    Item 2 is right for score 7 alone: upper 0.7 / 2.7.
    """
    right = np.zeros((10, 3))
    right[5:, 0] = right[[0, 8], 1] = right[7, 2] = 1
    result = psychometrics.discrimination(right, np.ones(10))
    assert result == pytest.approx([1.0, 0.0, 0.7 / 2.7])


def test_discrimination_does_not_depend_on_the_order_of_ties() -> None:
    right = RANDOM.random((200, 5)) < 0.5
    first, other = CorrectByScore(5), CorrectByScore(5)
    first.add(right)
    other.add(RANDOM.permutation(right))
    assert psychometrics.discrimination(first.correct, first.count) == psychometrics.discrimination(
        other.correct, other.count
    )


def test_difficulty_is_the_share_of_right_answers() -> None:
    assert psychometrics.difficulty(np.array([3.0, 0.0]), 4) == [0.75, 0.0]
    assert psychometrics.difficulty(np.array([0.0]), 0) == [None]
    assert psychometrics.discrimination(np.zeros((3, 2)), np.zeros(3)) == [None, None]


def test_quantiles_equal_those_of_scipy() -> None:
    scores = RANDOM.normal(size=99)
    ours = psychometrics.quantiles(scores)
    theirs = stats.mstats.mquantiles(scores, [0.05, 0.25, 0.5, 0.75, 0.95], alphap=1, betap=1)
    assert list(ours.values()) == pytest.approx(list(theirs))


def test_a_histogram_of_few_scores_has_one_bin_for_each() -> None:
    histogram = psychometrics.histogram(np.array([0.0, 1.0, 1.0, 4.0]), 0, 4)
    assert histogram.edges == (-0.5, 0.5, 1.5, 2.5, 3.5, 4.5)
    assert histogram.counts == (1, 2, 0, 0, 1)


@given(
    lowest=st.integers(-500, 500),
    span=st.integers(1, 3000),
    data=st.data(),
)
def test_a_histogram_holds_every_possible_score(
    lowest: int, span: int, data: st.DataObject
) -> None:
    possible = st.floats(lowest, lowest + span)
    scores = np.array(data.draw(st.lists(possible, min_size=1)))
    histogram = psychometrics.histogram(scores, lowest, lowest + span)
    assert sum(histogram.counts) == len(scores)
    assert len(histogram.counts) <= psychometrics.MOST_BINS
    assert len(histogram.edges) == len(histogram.counts) + 1


answers = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 30), st.just(4)),
    elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan]),
)


@given(answers=answers, cuts=st.lists(st.integers(0, 30)))
def test_sums_do_not_depend_on_the_chunks(answers: Floats, cuts: list[int]) -> None:
    whole, parts = (RunningSums(4), ItemSums(4, 3)), (RunningSums(4), ItemSums(4, 3))
    for chunk in np.split(answers, sorted(cuts)):
        for gathered in parts:
            add(gathered, chunk)
    for gathered in whole:
        add(gathered, answers)
    assert np.array_equal(whole[0].covariance(), parts[0].covariance())
    assert [whole[1].mean(i) for i in range(4)] == [parts[1].mean(i) for i in range(4)]
    assert [whole[1].sd(i) for i in range(4)] == [parts[1].sd(i) for i in range(4)]


@given(answers=answers)
def test_item_sums_equal_those_of_pandas(answers: Floats) -> None:
    sums = ItemSums(4, shift=3)
    add(sums, answers)
    frame = pd.DataFrame(answers)
    for item in range(4):
        n = int(frame[item].count())
        assert (sums.n[item], sums.missing[item]) == (n, len(frame) - n)
        assert sums.mean(item) == (pytest.approx(frame[item].mean()) if n else None)
        assert sums.sd(item) == (pytest.approx(frame[item].std(), abs=1e-7) if n > 1 else None)
