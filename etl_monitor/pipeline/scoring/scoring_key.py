"""The scoring key of a kind: turns answer codes into the numbers that count for a scale."""

import numpy as np

from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING, AnswerReader, Codes
from etl_monitor.pipeline.kinds.definition import Kind, Rating
from etl_monitor.pipeline.scoring.psychometrics import Floats, rating_scores


class ScoringKey:
    """Reversed items of ratings, right answers of choices. Matrices are rows × items."""

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

    def score_matrix(self, codes: Codes) -> Floats:
        """Return what each answer counts. Unanswered: NaN for ratings, 0 (wrong) for choices."""
        if self.kind.keyed:
            return np.asarray(codes == self._right, dtype=np.float64)
        ratings = self._ratings(codes)
        return np.asarray(np.where(self._is_reversed, sum(self.item_range) - ratings, ratings))

    def observed_matrix(self, codes: Codes, scored: Floats) -> Floats:
        """Return the score matrix with NaN for every unanswered item."""
        return np.where(codes == MISSING, np.nan, scored) if self.kind.keyed else scored

    def scale_scores(self, codes: Codes) -> Floats:
        """Return the raw scores, rows × scales."""
        if self.kind.keyed:
            right = self.score_matrix(codes)
            columns = [right[:, items].sum(axis=1) for items in self.kind.slices]
        else:
            ratings, ends = self._ratings(codes), sum(self.item_range)
            columns = [
                rating_scores(ratings[:, items], self._is_reversed[items], ends)
                for items in self.kind.slices
            ]
        return np.column_stack(columns)

    def _ratings(self, codes: Codes) -> Floats:
        is_answer = (codes != MISSING) & (codes != INVALID)
        return np.where(is_answer, codes.astype(float), np.nan)
