"""A seeded item-response model that generates plausible answers.

Abilities: each respondent has one ability θ for each scale, standard normal; any two scales
correlate with SCALE_CORRELATION. A group lifts or lowers θ by up to 0.4, differently on each scale.

Ratings: graded response model (Samejima 1969, Psychometrika Monograph 17). An answer is above
category k with probability logistic(a (θ - b_k)); a ~ uniform(0.9, 2.0); thresholds b_k evenly from
-1.8 to 1.8 around an item's own location ~ normal(0, 0.4). Reversed items depend on -θ.

Choices: two-parameter logistic model (Birnbaum 1968, in Lord & Novick). Right with probability
logistic(a (θ - b)), a ~ uniform(0.8, 2.0), b ~ normal(0, 0.9); a wrong answer is any other option.

A model's parameters and a respondent's answers depend on the seed alone (numpy's PCG64).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etl_monitor.pipeline.answer_files.answer_codes import MISSING, AnswerReader, Codes
from etl_monitor.pipeline.kinds.definition import Kind, Rating

SCALE_CORRELATION = 0.3
GROUP_EFFECT = 0.4

Floats = npt.NDArray[np.float32]
Groups = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Carelessness:
    """Shares of answers and respondents that do not follow the model."""

    unanswered: float = 0.01  # of all answers
    gave_up: float = 0.01  # respondents who stop after some item
    straight_lining: float = 0.01  # respondents who give the same answer to every item


class ResponseModel:
    """Generates answers for one kind, chunk by chunk, from one random generator."""

    def __init__(self, kind: Kind, groups: int, seed: int) -> None:
        self._kind = kind
        self._random = np.random.default_rng(seed)
        items, scales = len(kind.items), len(kind.scales)
        self._scale_of = np.repeat(np.arange(scales), [len(s.items) for s in kind.scales])
        self._group_effect = self._random.uniform(-GROUP_EFFECT, GROUP_EFFECT, (groups, scales))
        is_rating = isinstance(kind.answers, Rating)
        self._slope = self._random.uniform(0.9 if is_rating else 0.8, 2.0, items)
        self._location = self._random.normal(0, 0.4 if is_rating else 0.9, items)
        reversed_items = {item for scale in kind.scales for item in scale.reversed}
        self._direction = np.where([item in reversed_items for item in kind.items], -1.0, 1.0)

    def draw(self, groups: Groups, carelessness: Carelessness) -> Codes:
        """Return codes, rows × items, for respondents of these groups."""
        abilities = self._abilities(groups)[:, self._scale_of] * self._direction
        # Logistic noise on a·θ, compared with a·b: the same as sampling from the model's curve.
        noise = self._random.logistic(size=abilities.shape).astype(np.float32)
        drive = (abilities * self._slope).astype(np.float32) + noise
        codes = self._ratings(drive) if not self._kind.keyed else self._choices(drive)
        self._be_careless(codes, carelessness)
        return codes

    def _abilities(self, groups: Groups) -> npt.NDArray[np.float64]:
        scales = len(self._kind.scales)
        common = self._random.standard_normal((len(groups), 1))
        own = self._random.standard_normal((len(groups), scales))
        theta = SCALE_CORRELATION**0.5 * common + (1 - SCALE_CORRELATION) ** 0.5 * own
        return np.asarray(theta + self._group_effect[groups])

    def _ratings(self, drive: Floats) -> Codes:
        lowest, highest = self._range()
        codes = np.full(drive.shape, lowest, dtype=np.int8)
        for threshold in np.linspace(-1.8, 1.8, highest - lowest):
            limit = (self._slope * (self._location + threshold)).astype(np.float32)
            codes += drive > limit
        return codes

    def _choices(self, drive: Floats) -> Codes:
        reader, options = AnswerReader(self._kind), self._range()[1] + 1
        right = np.array([reader.code(self._kind.answer_key[item]) for item in self._kind.items])
        knows = drive > (self._slope * self._location).astype(np.float32)
        other = (right + self._random.integers(1, options, drive.shape)) % options
        return np.where(knows, right, other).astype(np.int8)

    def _range(self) -> tuple[int, int]:
        answers = self._kind.answers
        if isinstance(answers, Rating):
            return answers.lowest, answers.highest
        return 0, len(answers.options) - 1

    def _be_careless(self, codes: Codes, carelessness: Carelessness) -> None:
        rows, items = codes.shape
        lowest, highest = self._range()
        bored = self._random.random(rows) < carelessness.straight_lining
        same = self._random.integers(lowest, highest + 1, (rows, 1))
        codes[bored] = same[bored]
        skipped = self._random.random(codes.shape, dtype=np.float32) < carelessness.unanswered
        codes[skipped] = MISSING
        gave_up = self._random.random(rows) < carelessness.gave_up
        last = np.where(gave_up, self._random.integers(0, items, rows), items)
        codes[np.arange(items) >= last[:, np.newaxis]] = MISSING
