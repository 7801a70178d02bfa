"""Sums gathered chunk by chunk.

Answers are small whole numbers, so every sum here is exact in float64 (up to 2^53) and does not
depend on how the rows were cut into chunks.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from etl_monitor.pipeline.scoring.psychometrics import Floats

Mask = npt.NDArray[np.bool_]
Shifted = npt.NDArray[np.floating[Any]]
"""Items × rows, less a number near the mean: keeps the sums of squares small."""


class RunningSums:
    """Counts, sums and cross products of items over the rows that have all of them."""

    def __init__(self, items: int) -> None:
        self.n = 0
        self._sums = np.zeros(items)
        self._products = np.zeros((items, items))

    def add(self, shifted: Shifted, is_complete: Mask) -> None:
        """Add the rows that are complete."""
        complete = shifted * is_complete
        self.n += int(np.count_nonzero(is_complete))
        self._sums += complete.sum(axis=1)
        self._products += complete @ complete.T

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

    def add(self, shifted: Shifted, is_answered: Mask, is_used: Mask) -> None:
        """Add the used rows; `is_answered`: items × rows."""
        is_answered = is_answered & is_used
        answered = shifted * is_answered
        counts = np.array([np.count_nonzero(item) for item in is_answered])
        self.n += counts
        self.missing += np.count_nonzero(is_used) - counts
        self._sums += answered.sum(axis=1)
        self._squares += np.einsum("ij,ij->i", answered, answered)

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

    def add(self, correct: Mask) -> None:
        """Add rows × items."""
        scores = correct.sum(axis=1)
        has_score = scores[:, np.newaxis] == np.arange(len(self.count))
        self.count += has_score.sum(axis=0)
        self.correct += has_score.T.astype(float) @ correct.astype(float)
