"""Step 4: norms: each score compared with all respondents of the file and with its group."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.exclusion import ExclusionReason
from etl_monitor.pipeline.progress import in_parts, stoppable
from etl_monitor.pipeline.scoring.psychometrics import (
    Floats,
    GroupIndices,
    mid_rank_percentiles,
    t_scores,
)
from etl_monitor.pipeline.steps.workspace import NO_GROUP, NORMS, Workspace


@stoppable
def norm(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    space = Workspace.of(job)
    kind = space.kind
    is_usable = space.exclusions.column(0) == ExclusionReason.USABLE
    groups = space.groups.column(0)
    part_done = in_parts(len(kind.scales) * len(NORMS), len(is_usable), report, cancelled)
    for index, scale in enumerate(kind.scales):
        scores = space.scores.column(index)
        space.norms(scale.key).write(_norms(scores, is_usable, groups, part_done))
    return None


def _norms(
    scores: Floats,
    is_usable: npt.NDArray[np.bool_],
    groups: GroupIndices,
    part_done: Callable[[], None],
) -> Floats:
    """Return rows × NORMS; NaN if a row is not used, has no group, or its group has no spread."""
    norms = np.full((len(scores), len(NORMS)), np.nan)
    has_group = is_usable & (groups != NO_GROUP)
    one_group = np.zeros_like(groups)
    parts = (
        (mid_rank_percentiles, is_usable, one_group),
        (t_scores, is_usable, one_group),
        (mid_rank_percentiles, has_group, groups),
        (t_scores, has_group, groups),
    )
    for column, (formula, rows, within) in enumerate(parts):
        norms[rows, column] = formula(scores[rows], within[rows])
        part_done()
    return norms
