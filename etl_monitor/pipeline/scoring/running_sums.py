"""Sums gathered chunk by chunk.

Answers are small whole numbers, so every sum here is exact in float64 (up to 2^53) and does not
depend on how the rows were cut into chunks.
"""

import numpy as np

from etl_monitor.pipeline.scoring.psychometrics import Floats


class RunningSums:
    """Counts, sums and cross products of items over the rows that have all of them."""

    def __init__(self, items: int, shift: float) -> None:
        self._shift = shift  # near the mean: keeps the sums of squares small
        self.n = 0
        self._sums = np.zeros(items)
        self._products = np.zeros((items, items))

    def add(self, answers: Floats) -> None:
        """Add rows × items; rows with a NaN are left out."""
        is_complete = np.isfinite(answers @ np.ones(answers.shape[1]))
        shifted = answers[is_complete] - self._shift
        self.n += len(shifted)
        self._sums += np.ones(len(shifted)) @ shifted
        self._products += shifted.T @ shifted

    def covariance(self) -> Floats:
        """Return the sample covariance (n - 1), items × items; zeros for fewer than two rows."""
        if self.n < 2:
            return np.zeros_like(self._products)
        outer = np.outer(self._sums, self._sums) / self.n
        return (self._products - outer) / (self.n - 1)


class ItemSums:
    """Counts, sums and squares of each item over the rows that have it."""

    def __init__(self, items: int, shift: float) -> None:
        self._shift = shift
        self.n = np.zeros(items)
        self.missing = np.zeros(items)
        self._sums = np.zeros(items)
        self._squares = np.zeros(items)

    def add(self, answers: Floats) -> None:
        """Add rows × items; NaN counts as missing."""
        is_answered = np.isfinite(answers)
        shifted = np.where(is_answered, answers - self._shift, 0.0)
        answered = np.count_nonzero(is_answered, axis=0)
        self.n += answered
        self.missing += len(answers) - answered
        self._sums += np.ones(len(shifted)) @ shifted
        self._squares += np.einsum("ij,ij->j", shifted, shifted)

    def mean(self, item: int) -> float | None:
        n = self.n[item]
        return float(self._shift + self._sums[item] / n) if n else None

    def sd(self, item: int) -> float | None:
        """Return the sample standard deviation (n - 1); None for fewer than two answers."""
        n = self.n[item]
        if n < 2:
            return None
        variance = (self._squares[item] - self._sums[item] ** 2 / n) / (n - 1)
        return float(np.sqrt(max(variance, 0.0)))


class CorrectByScore:
    """Per scale score 0 … items: how many respondents have it, and how many of them have each item
    correct."""

    def __init__(self, items: int) -> None:
        self.correct = np.zeros((items + 1, items))
        self.count = np.zeros(items + 1)

    def add(self, correct: Floats) -> None:
        """Add rows × items of 1 (correct) or 0."""
        scores = correct.sum(axis=1).astype(np.int64)
        has_score = scores[:, np.newaxis] == np.arange(len(self.count))
        self.count += has_score.sum(axis=0)
        self.correct += has_score.T.astype(float) @ correct
