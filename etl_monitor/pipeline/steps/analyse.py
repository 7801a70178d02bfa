"""Step 5: how well the test measures: statistics of scales, items and groups."""

from collections.abc import Iterator, Sequence

import numpy as np

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.exclusion import ExclusionReason
from etl_monitor.pipeline.kinds.definition import Kind, Scale
from etl_monitor.pipeline.progress import stop_if, stoppable, tracked
from etl_monitor.pipeline.scoring import psychometrics
from etl_monitor.pipeline.scoring.item_flags import item_flags
from etl_monitor.pipeline.scoring.psychometrics import Floats
from etl_monitor.pipeline.scoring.running_sums import (
    CorrectByScore,
    ItemSums,
    Mask,
    RunningSums,
    Shifted,
)
from etl_monitor.pipeline.scoring.scoring_key import ScoringKey
from etl_monitor.pipeline.steps.validate import Exclusions, count_respondents
from etl_monitor.pipeline.steps.workspace import NORM_TABLE, Workspace
from etl_monitor.wire.statistics import GroupScore, ItemStatistics, ScaleStatistics, Statistics


@stoppable
def analyse(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    space = Workspace.of(job)
    kind = space.kind
    extracted, exclusions = space.extracted(), space.exclusions.column(0)
    sums = _sum_scales(space, exclusions, report, cancelled)
    scales: list[ScaleStatistics] = []
    items: list[ItemStatistics] = []
    for index, scale in enumerate(kind.scales):
        stop_if(cancelled)
        scores = _Scores(space, scale)
        scales.append(_scale(kind, scale, sums[index], scores, extracted.groups))
        items.extend(_items(scale, sums[index]))
    space.write_statistics(
        Statistics(
            respondents=count_respondents(extracted, exclusions),
            scales=tuple(scales),
            items=tuple(items),
            groups=extracted.groups,
            definition=space.definition,
        )
    )
    return None


class _Scores:
    """The different scores of one scale in each group, and how many respondents have them."""

    def __init__(self, space: Workspace, scale: Scale) -> None:
        norms = space.norms(scale.key)
        self.values, groups, self.respondents = (
            norms.column(NORM_TABLE.index(name)) for name in ("raw", "group", "respondents")
        )
        self._groups = groups.astype(np.int32)

    def of_group(self, group: int) -> tuple[Floats, Floats]:
        lines = self._groups == group
        return self.values[lines], self.respondents[lines]


class _ScaleSums:
    """The sums of one scale, gathered over the chunks."""

    def __init__(self, key: ScoringKey, items: slice) -> None:
        self._items, self._keyed = items, key.kind.keyed
        self.item_range = key.item_range
        count = items.stop - items.start
        self.complete_rows = RunningSums(count)
        self.items = ItemSums(count, key.shift)
        self.correct = CorrectByScore(count) if self._keyed else None

    def add(self, shifted: Shifted, is_answered: Mask, is_used: Mask) -> None:
        """Add items × rows of all scales."""
        shifted, is_answered = shifted[self._items], is_answered[self._items]
        is_complete = is_used if self._keyed else is_used & is_answered.all(axis=0)
        self.complete_rows.add(shifted, is_complete)
        self.items.add(shifted, is_answered, is_used)
        if self.correct is not None:
            self.correct.add(shifted[:, is_used].T > 0)


def _sum_scales(
    space: Workspace, exclusions: Exclusions, report: Report, cancelled: Cancelled
) -> Sequence[_ScaleSums]:
    key = ScoringKey(space.kind)
    sums = [_ScaleSums(key, items) for items in space.kind.slices]
    done = 0
    for codes in tracked(space.answers.chunks(), len(exclusions), report, cancelled):
        is_used = exclusions[done : done + len(codes)] == ExclusionReason.USABLE
        shifted, is_answered = key.shifted_items(codes), key.answered_items(codes)
        for scale in sums:
            scale.add(shifted, is_answered, is_used)
        done += len(codes)
    return sums


def _scale(
    kind: Kind,
    scale: Scale,
    sums: _ScaleSums,
    scores: _Scores,
    group_names: Sequence[str],
) -> ScaleStatistics:
    lowest, highest = (end * len(scale.items) for end in sums.item_range)
    values, respondents = scores.values, scores.respondents
    mean, sd = psychometrics.mean_and_sd(values, respondents)
    return ScaleStatistics(
        key=scale.key,
        names=scale.names.model_dump(),
        items=scale.items,
        keyed=kind.keyed,
        lowest=lowest,
        highest=highest,
        n=int(respondents.sum()),
        mean=mean,
        sd=sd,
        alpha=psychometrics.cronbach_alpha(sums.complete_rows.covariance()),
        percentiles=psychometrics.quantiles(values, respondents),
        histogram=psychometrics.histogram(values, lowest, highest, respondents),
        groups=tuple(_group_scores(scores, group_names)),
    )


def _group_scores(scores: _Scores, names: Sequence[str]) -> Iterator[GroupScore]:
    for group, name in enumerate(names):
        values, respondents = scores.of_group(group)
        if len(values):
            mean, sd = psychometrics.mean_and_sd(values, respondents)
            yield GroupScore(group=name, n=int(respondents.sum()), mean=mean, sd=sd)


def _items(scale: Scale, sums: _ScaleSums) -> Iterator[ItemStatistics]:
    item_totals = psychometrics.corrected_item_total(sums.complete_rows.covariance())
    difficulties, discriminations = _keyed_indices(sums, len(scale.items))
    for index, item in enumerate(scale.items):
        indices = {
            "item_total": item_totals[index],
            "difficulty": difficulties[index],
            "discrimination": discriminations[index],
        }
        yield ItemStatistics(
            key=item,
            scale=scale.key,
            n=int(sums.items.n[index]),
            missing=int(sums.items.missing[index]),
            mean=sums.items.mean(index),
            sd=sums.items.sd(index),
            flags=item_flags(**indices),
            **indices,
        )


def _keyed_indices(
    sums: _ScaleSums, items: int
) -> tuple[Sequence[float | None], Sequence[float | None]]:
    """Return difficulties and discriminations, None for ratings."""
    if sums.correct is None:
        return [None] * items, [None] * items
    by_score = sums.correct
    n = float(np.sum(by_score.count))
    return (
        psychometrics.difficulty(by_score.correct.sum(axis=0), n),
        psychometrics.discrimination(by_score.correct, by_score.count),
    )
