"""The scoring key of a kind: turns answer codes into the numbers that count for a scale."""

import numpy as np
import numpy.typing as npt

from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING, AnswerReader, Codes
from etl_monitor.pipeline.kinds.definition import Kind, Rating
from etl_monitor.pipeline.progress import CHUNK_ROWS
from etl_monitor.pipeline.scoring.psychometrics import Floats, prorated
from etl_monitor.pipeline.scoring.running_sums import Mask, Shifted


class ScoringKey:
    """Reversed items of ratings, right answers of choices. Codes are rows × items."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        reader = AnswerReader(kind)
        reversed_items = {item for scale in kind.scales for item in scale.reversed}
        self._is_reversed = np.array([item in reversed_items for item in kind.items])
        self._right = np.array(
            [reader.code(kind.answer_key.get(item)) for item in kind.items], dtype=np.int8
        )

    @property
    def item_range(self) -> tuple[float, float]:
        """The lowest and the highest number that one item can count."""
        answers = self.kind.answers
        return (answers.lowest, answers.highest) if isinstance(answers, Rating) else (0, 1)

    @property
    def shift(self) -> float:
        """The middle of the range. A reversed item counts as much below it as it was above."""
        return sum(self.item_range) / 2

    def shifted_items(self, codes: Codes) -> Shifted:
        """Return what each answer counts, less `shift`: items × rows. Not answered: any number for
        ratings, wrong for choices.

        In single precision if sums of squares over a chunk are exact in it.
        """
        counted = self._is_right(codes) if self.kind.keyed else codes.T
        precision = np.dtype(np.float32 if self._fits_single_precision else np.float64)
        shifted: Shifted = counted.astype(precision)
        shifted -= self.shift
        shifted[self._is_reversed] *= -1
        return shifted

    def answered_items(self, codes: Codes) -> Mask:
        """Return where there is an answer: items × rows."""
        return np.asarray((codes.T != MISSING) & (codes.T != INVALID))

    def scale_scores(self, codes: Codes) -> Floats:
        """Return the raw scores, rows × scales."""
        if self.kind.keyed:
            right = self._is_right(codes)
            columns = [_sum(right[items]).astype(float) for items in self.kind.slices]
        else:
            columns = [self._rating_scores(codes.T[items], items) for items in self.kind.slices]
        return np.stack(columns).T

    def _is_right(self, codes: Codes) -> Mask:
        return np.equal(codes.T, self._right[:, np.newaxis])

    def _rating_scores(self, ratings: Codes, items: slice) -> Floats:
        is_answered = self.answered_items(ratings.T)
        given = ratings * is_answered
        is_reversed = self._is_reversed[items]
        total = _sum(given[~is_reversed]) - _sum(given[is_reversed])
        total += int(sum(self.item_range)) * _sum(is_answered[is_reversed])
        return prorated(total, _sum(is_answered), len(ratings))

    @property
    def _fits_single_precision(self) -> bool:
        lowest, highest = self.item_range
        largest = (highest - lowest) ** 2 * CHUNK_ROWS  # in quarters, as ranges may end in halves
        return largest < 2**24


def _sum(items: npt.NDArray[np.int8] | Mask) -> npt.NDArray[np.int32]:
    """Return the sums over the items, in two bytes while they hold that many items of one."""
    size = np.int16 if len(items) < 256 else np.int32
    return np.asarray(np.add.reduce(items, axis=0, dtype=size), dtype=np.int32)
