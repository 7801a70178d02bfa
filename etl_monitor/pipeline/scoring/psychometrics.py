"""The formulas of test scores, each with its source. Undefined results are None or NaN.

Arrays are float64 unless stated otherwise. Nothing here depends on files, jobs or test kinds.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl_monitor.wire.statistics import Histogram

Floats = npt.NDArray[np.float64]
GroupIndices = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int32]
Counts = Floats | None

PERCENTILES = (5, 25, 50, 75, 95)
MOST_BINS = 25
UPPER_LOWER_SHARE = 0.27


def prorated(totals: Integers, answered: Integers, items: int) -> Floats:
    """Return summated rating scores (Likert 1932, Archives of Psychology 140), shape (rows,).

    `totals`: sums of the answers, reversed ones as lowest plus highest answer minus the answer;
    `answered`: how many there are. An unanswered item counts as the row's mean over the answered
    ones (person mean; Downey & King 1998, Journal of General Psychology 125, 175-191): the score is
    that mean times the number of items. NaN for rows without any answer.
    """
    return np.where(answered > 0, totals * items / np.maximum(answered, 1), np.nan)


def mid_rank_percentiles(scores: Floats, groups: GroupIndices, counts: Counts = None) -> Floats:
    """Return percentile ranks within each group, 0-100: the percentage of lower scores plus half of
    the percentage of equal ones, the respondent's own included (mid-rank; Crocker & Algina 1986,
    Introduction to Classical and Modern Test Theory, ch. 19). Independent of the rows' order.

    `counts` here and below: how many respondents have each score; one if not given.
    """
    if not len(scores):
        return np.empty(0)
    # Many respondents share few scores: only the different pairs of group and score are sorted.
    value, values = pd.factorize(scores, sort=True)
    row_pair, pairs = pd.factorize(groups.astype(np.int64) * len(values) + value, sort=True)
    equal = np.bincount(row_pair, counts)
    start = np.cumsum(equal) - equal
    first = np.flatnonzero(np.diff(pairs // len(values), prepend=-1))  # of each group
    pairs_of_group = np.diff(np.append(first, len(pairs)))
    size = np.repeat(np.add.reduceat(equal, first), pairs_of_group)
    lower = start - np.repeat(start[first], pairs_of_group)
    return np.asarray((100 * (lower + equal / 2) / size)[row_pair])


def t_scores(scores: Floats, groups: GroupIndices, counts: Counts = None) -> Floats:
    """Return linear T-scores within each group: 50 + 10 z (McCall 1922, How to Measure in
    Education; here linear, not normalised), with the standard deviation of n - 1.
    NaN for a group of one member, or of members who all have the same score.
    """
    if not len(scores):
        return np.empty(0)
    weights = _weights(scores, counts)
    shifted = scores - np.average(scores, weights=weights)  # squares of small numbers keep digits
    count = np.bincount(groups, weights)
    mean = np.bincount(groups, weights * shifted) / np.maximum(count, 1)
    deviation = shifted - mean[groups]
    variance = np.bincount(groups, weights * deviation**2) / np.maximum(count - 1, 1)
    defined = (count > 1) & (variance > 1e-12)
    sd = np.sqrt(np.where(defined, variance, np.nan))
    return np.asarray(50 + 10 * deviation / sd[groups])


def cronbach_alpha(covariance: Floats) -> float | None:
    """Return coefficient alpha from the items' covariance matrix (Cronbach 1951, Psychometrika 16,
    297-334): k / (k - 1) · (1 - sum of item variances / variance of the sum).
    None for fewer than two items, or if all respondents have the same score.
    """
    k, items, total = len(covariance), float(np.trace(covariance)), float(covariance.sum())
    if k < 2 or not total > 1e-12 * items:  # what rounding leaves of sums that are all the same
        return None
    return k / (k - 1) * (1 - items / total)


def corrected_item_total(covariance: Floats) -> list[float | None]:
    """Return each item's correlation with the sum of the scale's other items (Nunnally & Bernstein
    1994, Psychometric Theory, ch. 8), from the covariance matrix. None if the item or the rest is
    constant.
    """
    variances = np.diag(covariance)
    with_total = covariance.sum(axis=1)
    rest = covariance.sum() - 2 * with_total + variances
    pairs = zip(with_total - variances, variances * rest, strict=True)
    return [float(c / np.sqrt(v)) if v > 1e-12 else None for c, v in pairs]


def difficulty(correct: Floats, n: float) -> list[float | None]:
    """Return the share of `n` respondents who have each item correct (item difficulty index p;
    Crocker & Algina 1986, ch. 5)."""
    return [float(count / n) if n else None for count in correct]


def discrimination(correct_by_score: Floats, count_by_score: Floats) -> list[float | None]:
    """Return the upper-lower index D = p(upper 27 %) - p(lower 27 %) (Kelley 1939, Journal of
    Educational Psychology 30, 17-24) by the scale's score.

    `correct_by_score`: scores × items, how many with that score have the item correct;
    `count_by_score`: how many have that score. Respondents tied at the border of a group enter with
    the weight that fills it up to exactly 27 %, so the order of rows does not matter.
    """
    size = UPPER_LOWER_SHARE * float(count_by_score.sum())
    if not size:
        return [None] * correct_by_score.shape[1]
    lower = _share_correct(correct_by_score, count_by_score, size)
    upper = _share_correct(correct_by_score[::-1], count_by_score[::-1], size)
    return [float(value) for value in upper - lower]


def _share_correct(correct: Floats, count: Floats, size: float) -> Floats:
    """Return the share of correct answers among the first `size` respondents."""
    before = np.cumsum(count) - count
    taken = np.clip(size - before, 0, count)
    weight = np.divide(taken, count, out=np.zeros_like(taken), where=count > 0)
    return np.asarray(weight @ correct / size)


def quantiles(scores: Floats, counts: Counts = None) -> dict[str, float]:
    """Return percentiles by linear interpolation (Hyndman & Fan 1996, The American Statistician 50,
    361-365, definition 7)."""
    order = np.argsort(scores)
    last_positions = np.cumsum(_weights(scores, counts)[order])  # of each score, from 1
    position = (last_positions[-1] - 1) * np.array(PERCENTILES) / 100  # from 0
    lower, upper = (
        scores[order][np.searchsorted(last_positions, each, side="right")]
        for each in (np.floor(position), np.ceil(position))
    )
    values = lower + (upper - lower) * (position - np.floor(position))
    return {str(p): float(value) for p, value in zip(PERCENTILES, values, strict=True)}


def histogram(scores: Floats, lowest: float, highest: float, counts: Counts = None) -> Histogram:
    """Return the counts of all possible scores in at most MOST_BINS equal bins."""
    width = int(np.ceil((highest - lowest + 1) / MOST_BINS))
    bins = int(np.ceil((highest - lowest + 1) / width))
    edges = lowest - 0.5 + width * np.arange(bins + 1)
    in_bins, _ = np.histogram(scores, edges, weights=counts)
    return Histogram(edges=tuple(edges.tolist()), counts=tuple(in_bins.astype(int).tolist()))


def mean_and_sd(scores: Floats, counts: Counts = None) -> tuple[float, float | None]:
    """Return the mean and the standard deviation of n - 1; None for fewer than two respondents."""
    weights = _weights(scores, counts)
    mean, n = float(np.average(scores, weights=weights)), float(weights.sum())
    squares = float(weights @ (scores - mean) ** 2)
    return mean, float(np.sqrt(squares / (n - 1))) if n > 1 else None


def _weights(scores: Floats, counts: Counts) -> Floats:
    return np.ones(len(scores)) if counts is None else counts
