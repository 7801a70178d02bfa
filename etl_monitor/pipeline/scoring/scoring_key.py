"""Answers as they count for a scale: reversed items turned around, choices 1 (right) or 0."""

import numpy as np

from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING, AnswerReader, Codes
from etl_monitor.pipeline.kinds.definition import Kind, Rating
from etl_monitor.pipeline.scoring.psychometrics import Floats, rating_scores


class ScoringKey:
    """How one kind's codes turn into numbers."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        reader = AnswerReader(kind)
        turned = {item for scale in kind.scales for item in scale.reversed}
        self._reversed = np.array([item in turned for item in kind.items])
        self._right = np.array(
            [reader.code(kind.answer_key.get(item)) for item in kind.items], dtype=np.int8
        )

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest number that one item can count."""
        answers = self.kind.answers
        return (answers.lowest, answers.highest) if isinstance(answers, Rating) else (0, 1)

    def keyed(self, codes: Codes) -> Floats:
        """Rows × items. Of ratings NaN where not answered; of choices 0: not answered is wrong."""
        if self.kind.keyed:
            return np.asarray(codes == self._right, dtype=np.float64)
        answers = self._answers(codes)
        return np.asarray(np.where(self._reversed, sum(self.ends) - answers, answers))

    def scores(self, codes: Codes) -> Floats:
        """Raw scores, rows × scales."""
        if self.kind.keyed:
            right = self.keyed(codes)
            columns = [right[:, part].sum(axis=1) for part in self.kind.slices]
        else:
            answers, ends = self._answers(codes), sum(self.ends)
            columns = [
                rating_scores(answers[:, part], self._reversed[part], ends)
                for part in self.kind.slices
            ]
        return np.column_stack(columns)

    def answered(self, codes: Codes) -> Floats:
        """Like `keyed`, but NaN wherever nothing was answered."""
        return np.where(codes == MISSING, np.nan, self.keyed(codes))

    def _answers(self, codes: Codes) -> Floats:
        there = (codes != MISSING) & (codes != INVALID)
        return np.where(there, codes.astype(float), np.nan)
