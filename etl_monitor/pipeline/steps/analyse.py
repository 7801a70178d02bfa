"""Step 5: how well the test measured: scales, items, groups."""

from collections.abc import Iterator, Sequence

import numpy as np

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.exclusion import ExclusionReason
from etl_monitor.pipeline.kinds.definition import Kind, Scale, find_kind
from etl_monitor.pipeline.progress import stop_if, stoppable, tracked
from etl_monitor.pipeline.scoring import psychometrics
from etl_monitor.pipeline.scoring.item_flags import item_flags
from etl_monitor.pipeline.scoring.psychometrics import Floats, Places
from etl_monitor.pipeline.scoring.running_sums import CorrectByScore, ItemSums, RunningSums
from etl_monitor.pipeline.scoring.scoring_key import ScoringKey
from etl_monitor.pipeline.steps.validate import ExclusionReasons, respondents
from etl_monitor.pipeline.steps.workspace import Workspace
from etl_monitor.wire.statistics import GroupScore, ItemStatistics, ScaleStatistics, Statistics


@stoppable
def analyse(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    kind = find_kind(job.test_kind, job.kinds_dir)
    space = Workspace(folder=job.work_dir, kind=kind)
    extracted, verdicts = space.extracted(), space.verdicts.column(0)
    sums = _summed(space, verdicts, report, cancelled)
    usable = verdicts == ExclusionReason.USABLE
    groups = space.groups.column(0)[usable]
    scales: list[ScaleStatistics] = []
    items: list[ItemStatistics] = []
    for place, scale in enumerate(kind.scales):
        stop_if(cancelled)
        scores = space.scores.column(place)[usable]
        scales.append(_scale(kind, scale, sums[place], scores, groups, extracted.groups))
        items.extend(_items(scale, sums[place]))
    space.write_statistics(
        Statistics(
            respondents=respondents(extracted, verdicts),
            scales=tuple(scales),
            items=tuple(items),
            groups=extracted.groups,
        )
    )
    return None


class _ScaleSums:
    """What is gathered over the chunks for one scale."""

    def __init__(self, keying: ScoringKey, items: slice) -> None:
        self._keying, self._items = keying, items
        count, shift = items.stop - items.start, sum(keying.ends) / 2
        self.ends = keying.ends
        self.moments = RunningSums(count, shift)
        self.sums = ItemSums(count, shift)
        self.right = CorrectByScore(count) if keying.kind.keyed else None

    def add(self, keyed: Floats, answered: Floats) -> None:
        self.moments.add(keyed[:, self._items])
        self.sums.add(answered[:, self._items])
        if self.right is not None:
            self.right.add(keyed[:, self._items])


def _summed(
    space: Workspace, verdicts: ExclusionReasons, report: Report, cancelled: Cancelled
) -> Sequence[_ScaleSums]:
    keying = ScoringKey(space.kind)
    sums = [_ScaleSums(keying, items) for items in space.kind.slices]
    done = 0
    for codes in tracked(space.answers.chunks(), len(verdicts), report, cancelled):
        used = codes[verdicts[done : done + len(codes)] == ExclusionReason.USABLE]
        keyed, answered = keying.keyed(used), keying.answered(used)
        for scale in sums:
            scale.add(keyed, answered)
        done += len(codes)
    return sums


def _scale(
    kind: Kind,
    scale: Scale,
    sums: _ScaleSums,
    scores: Floats,
    groups: Places,
    names: Sequence[str],
) -> ScaleStatistics:
    lowest, highest = (end * len(scale.items) for end in sums.ends)
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
        alpha=psychometrics.cronbach_alpha(sums.moments.covariance()),
        percentiles=psychometrics.quantiles(scores),
        histogram=psychometrics.histogram(scores, lowest, highest),
        groups=tuple(_groups(scores, groups, names)),
    )


def _groups(scores: Floats, groups: Places, names: Sequence[str]) -> Iterator[GroupScore]:
    for name, members in zip(
        names, psychometrics.by_group(scores, groups, len(names)), strict=True
    ):
        if len(members):
            mean, sd = psychometrics.mean_and_sd(members)
            yield GroupScore(group=name, n=len(members), mean=mean, sd=sd)


def _items(scale: Scale, sums: _ScaleSums) -> Iterator[ItemStatistics]:
    item_totals = psychometrics.corrected_item_total(sums.moments.covariance())
    difficulties, discriminations = _keyed_indices(sums, len(scale.items))
    for place, item in enumerate(scale.items):
        indices = {
            "item_total": item_totals[place],
            "difficulty": difficulties[place],
            "discrimination": discriminations[place],
        }
        yield ItemStatistics(
            key=item,
            scale=scale.key,
            n=int(sums.sums.n[place]),
            missing=int(sums.sums.missing[place]),
            mean=sums.sums.mean(place),
            sd=sums.sums.sd(place),
            flags=item_flags(**indices),
            **indices,
        )


def _keyed_indices(
    sums: _ScaleSums, items: int
) -> tuple[Sequence[float | None], Sequence[float | None]]:
    if sums.right is None:
        return [None] * items, [None] * items
    right = sums.right
    n = float(np.sum(right.count))
    return (
        psychometrics.difficulty(right.right.sum(axis=0), n),
        psychometrics.discrimination(right.right, right.count),
    )
