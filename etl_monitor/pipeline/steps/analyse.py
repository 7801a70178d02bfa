"""Step 5: how well the test measures: statistics of scales, items and groups."""

from collections.abc import Iterator, Sequence

import numpy as np

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.exclusion import ExclusionReason
from etl_monitor.pipeline.kinds.definition import Kind, Scale
from etl_monitor.pipeline.progress import stop_if, stoppable, tracked
from etl_monitor.pipeline.scoring import psychometrics
from etl_monitor.pipeline.scoring.item_flags import item_flags
from etl_monitor.pipeline.scoring.psychometrics import Floats, GroupIndices
from etl_monitor.pipeline.scoring.running_sums import CorrectByScore, ItemSums, RunningSums
from etl_monitor.pipeline.scoring.scoring_key import ScoringKey
from etl_monitor.pipeline.steps.validate import Exclusions, count_respondents
from etl_monitor.pipeline.steps.workspace import Workspace
from etl_monitor.wire.statistics import GroupScore, ItemStatistics, ScaleStatistics, Statistics


@stoppable
def analyse(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    space = Workspace.of(job)
    kind = space.kind
    extracted, exclusions = space.extracted(), space.exclusions.column(0)
    sums = _sum_scales(space, exclusions, report, cancelled)
    is_usable = exclusions == ExclusionReason.USABLE
    groups = space.groups.column(0)[is_usable]
    scales: list[ScaleStatistics] = []
    items: list[ItemStatistics] = []
    for index, scale in enumerate(kind.scales):
        stop_if(cancelled)
        scores = space.scores.column(index)[is_usable]
        scales.append(_scale(kind, scale, sums[index], scores, groups, extracted.groups))
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


class _ScaleSums:
    """The sums of one scale, gathered over the chunks."""

    def __init__(self, key: ScoringKey, items: slice) -> None:
        self._items = items
        self.item_range = key.item_range
        count, shift = items.stop - items.start, sum(key.item_range) / 2
        self.complete_rows = RunningSums(count, shift)
        self.items = ItemSums(count, shift)
        self.correct = CorrectByScore(count) if key.kind.keyed else None

    def add(self, scored: Floats, observed: Floats) -> None:
        self.complete_rows.add(scored[:, self._items])
        self.items.add(observed[:, self._items])
        if self.correct is not None:
            self.correct.add(scored[:, self._items])


def _sum_scales(
    space: Workspace, exclusions: Exclusions, report: Report, cancelled: Cancelled
) -> Sequence[_ScaleSums]:
    key = ScoringKey(space.kind)
    sums = [_ScaleSums(key, items) for items in space.kind.slices]
    done = 0
    for codes in tracked(space.answers.chunks(), len(exclusions), report, cancelled):
        used = codes[exclusions[done : done + len(codes)] == ExclusionReason.USABLE]
        scored = key.score_matrix(used)
        observed = key.observed_matrix(used, scored)
        for scale in sums:
            scale.add(scored, observed)
        done += len(codes)
    return sums


def _scale(
    kind: Kind,
    scale: Scale,
    sums: _ScaleSums,
    scores: Floats,
    groups: GroupIndices,
    group_names: Sequence[str],
) -> ScaleStatistics:
    lowest, highest = (end * len(scale.items) for end in sums.item_range)
    mean, sd = psychometrics.mean_and_sd(scores)
    return ScaleStatistics(
        key=scale.key,
        names=scale.names.model_dump(),
        items=scale.items,
        keyed=kind.keyed,
        lowest=lowest,
        highest=highest,
        n=len(scores),
        mean=mean,
        sd=sd,
        alpha=psychometrics.cronbach_alpha(sums.complete_rows.covariance()),
        percentiles=psychometrics.quantiles(scores),
        histogram=psychometrics.histogram(scores, lowest, highest),
        groups=tuple(_group_scores(scores, groups, group_names)),
    )


def _group_scores(
    scores: Floats, groups: GroupIndices, names: Sequence[str]
) -> Iterator[GroupScore]:
    for name, members in zip(
        names, psychometrics.by_group(scores, groups, len(names)), strict=True
    ):
        if len(members):
            mean, sd = psychometrics.mean_and_sd(members)
            yield GroupScore(group=name, n=len(members), mean=mean, sd=sd)


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
