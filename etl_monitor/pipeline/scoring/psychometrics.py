"""The arithmetic of test scores, each formula with its source. Undefined results are None or NaN.

Arrays are float64 unless said otherwise. Nothing here knows files, jobs or test kinds.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from etl_monitor.wire.statistics import Histogram

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]

PERCENTILES = (5, 25, 50, 75, 95)
MOST_BINS = 25
UPPER_LOWER_SHARE = 0.27


def rating_scores(answers: Floats, is_reversed: npt.NDArray[np.bool_], ends: float) -> Floats:
    """Summated rating scores (Likert 1932, Archives of Psychology 140), shape (rows,).

    `answers`: rows × items, NaN where not answered. `ends`: lowest plus highest answer, so that a
    reversed item counts as `ends - answer`. Unanswered items count as the row's mean over the
    answered ones (person mean; Downey & King 1998, Journal of General Psychology 125, 175-191):
    the score is that mean times the number of items. No answer at all: NaN.
    """
    keyed = np.where(is_reversed, ends - answers, answers)
    answered = np.isfinite(keyed)
    count = answered.sum(axis=1)
    total = np.where(answered, keyed, 0.0).sum(axis=1)
    return np.where(count > 0, total * answers.shape[1] / np.maximum(count, 1), np.nan)


def mid_rank_percentiles(scores: Floats, groups: Places) -> Floats:
    """Percentile rank within each group, 0-100: the percentage of lower scores plus half of the
    percentage of equal ones, oneself included (mid-rank; Crocker & Algina 1986, Introduction to
    Classical and Modern Test Theory, ch. 19). Independent of the rows' order.
    """
    order = np.lexsort((scores, groups))
    sorted_scores, sorted_groups = scores[order], groups[order]
    new_group = np.append(True, sorted_groups[1:] != sorted_groups[:-1])[: len(order)]
    new_score = new_group | np.append(True, sorted_scores[1:] != sorted_scores[:-1])[: len(order)]
    group_start, group_size = _runs(new_group)
    score_start, score_size = _runs(new_score)
    percentiles = np.empty(len(order))
    percentiles[order] = 100 * (score_start - group_start + score_size / 2) / group_size
    return percentiles


def _runs(starts: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """For each place in a sorted array: where its run begins, and how long that run is."""
    first = np.flatnonzero(starts)
    length = np.diff(np.append(first, len(starts)))
    return np.repeat(first, length).astype(float), np.repeat(length, length).astype(float)


def t_scores(scores: Floats, groups: Places) -> Floats:
    """Linear T-scores within each group: 50 + 10 z (McCall 1922, How to Measure in Education; here
    linear, not normalised), with the standard deviation of n - 1.
    NaN where a group has one member or all of it the same score.
    """
    if not len(scores):
        return np.empty(0)
    shifted = scores - scores.mean()  # squares of small numbers keep their digits
    count = np.bincount(groups).astype(float)
    mean = np.bincount(groups, shifted) / np.maximum(count, 1)
    deviation = shifted - mean[groups]
    variance = np.bincount(groups, deviation**2) / np.maximum(count - 1, 1)
    defined = (count > 1) & (variance > 1e-12)
    sd = np.sqrt(np.where(defined, variance, np.nan))
    return np.asarray(50 + 10 * deviation / sd[groups])


def cronbach_alpha(covariance: Floats) -> float | None:
    """Coefficient alpha from the items' covariance matrix (Cronbach 1951, Psychometrika 16,
    297-334): k / (k - 1) · (1 - sum of item variances / variance of the sum).
    None: fewer than two items, or everybody has the same score.
    """
    k, items, total = len(covariance), float(np.trace(covariance)), float(covariance.sum())
    if k < 2 or not total > 1e-12 * items:  # what rounding leaves of sums that are all the same
        return None
    return k / (k - 1) * (1 - items / total)


def corrected_item_total(covariance: Floats) -> list[float | None]:
    """Each item's correlation with the sum of the scale's other items (Nunnally & Bernstein 1994,
    Psychometric Theory, ch. 8), from the covariance matrix. None: the item or the rest is constant.
    """
    variances = np.diag(covariance)
    with_total = covariance.sum(axis=1)
    rest = covariance.sum() - 2 * with_total + variances
    pairs = zip(with_total - variances, variances * rest, strict=True)
    return [float(c / np.sqrt(v)) if v > 1e-12 else None for c, v in pairs]


def difficulty(right: Floats, n: float) -> list[float | None]:
    """Share of right answers (item difficulty index p; Crocker & Algina 1986, ch. 5)."""
    return [float(count / n) if n else None for count in right]


def discrimination(right_by_score: Floats, count_by_score: Floats) -> list[float | None]:
    """Upper-lower index D = p(upper 27 %) - p(lower 27 %) (Kelley 1939, Journal of Educational
    Psychology 30, 17-24) by the scale's score.

    `right_by_score`: scores × items, how many with that score had the item right;
    `count_by_score`: how many had that score. Those tied at a border enter with the weight that
    fills their group up to exactly 27 %, so the rows' order does not matter.
    """
    size = UPPER_LOWER_SHARE * float(count_by_score.sum())
    if not size:
        return [None] * right_by_score.shape[1]
    lower = _share_right(right_by_score, count_by_score, size)
    upper = _share_right(right_by_score[::-1], count_by_score[::-1], size)
    return [float(value) for value in upper - lower]


def _share_right(right: Floats, count: Floats, size: float) -> Floats:
    """Share of right answers among the first `size` respondents."""
    before = np.cumsum(count) - count
    taken = np.clip(size - before, 0, count)
    weight = np.divide(taken, count, out=np.zeros_like(taken), where=count > 0)
    return np.asarray(weight @ right / size)


def quantiles(scores: Floats) -> dict[str, float]:
    """Percentiles by linear interpolation (Hyndman & Fan 1996, The American Statistician 50,
    361-365, definition 7)."""
    values = np.percentile(scores, PERCENTILES)
    return {str(p): float(value) for p, value in zip(PERCENTILES, values, strict=True)}


def histogram(scores: Floats, lowest: float, highest: float) -> Histogram:
    """Counts in equal bins around whole scores, at most MOST_BINS, over all possible scores."""
    width = int(np.ceil((highest - lowest + 1) / MOST_BINS))
    bins = int(np.ceil((highest - lowest + 1) / width))
    edges = lowest - 0.5 + width * np.arange(bins + 1)
    counts, _ = np.histogram(scores, edges)
    return Histogram(edges=tuple(edges.tolist()), counts=tuple(counts.tolist()))


def mean_and_sd(scores: Floats) -> tuple[float, float | None]:
    """Mean, and standard deviation of n - 1; None for fewer than two scores."""
    sd = float(np.std(scores, ddof=1)) if len(scores) > 1 else None
    return float(np.mean(scores)), sd


def by_group(scores: Floats, groups: Places, count: int) -> Sequence[Floats]:
    """The scores of each group 0 … count - 1."""
    return [scores[groups == group] for group in range(count)]
