"""Step 4: where each score stands, among all respondents of the file and within its group."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.exclusion import ExclusionReason
from etl_monitor.pipeline.kinds.definition import find_kind
from etl_monitor.pipeline.progress import in_parts, stoppable
from etl_monitor.pipeline.scoring.psychometrics import (
    Floats,
    Places,
    mid_rank_percentiles,
    t_scores,
)
from etl_monitor.pipeline.steps.workspace import NO_GROUP, NORMS, Workspace


@stoppable
def norm(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    kind = find_kind(job.test_kind, job.kinds_dir)
    space = Workspace(folder=job.work_dir, kind=kind)
    usable = space.verdicts.column(0) == ExclusionReason.USABLE
    groups = space.groups.column(0)
    part_done = in_parts(len(kind.scales) * len(NORMS), len(usable), report, cancelled)
    for place, scale in enumerate(kind.scales):
        scores = space.scores.column(place)
        space.norms(scale.key).write(_norms(scores, usable, groups, part_done))
    return None


def _norms(
    scores: Floats, usable: npt.NDArray[np.bool_], groups: Places, part_done: Callable[[], None]
) -> Floats:
    """Rows × NORMS; NaN where there is no norm: row not used, no group, no spread."""
    norms = np.full((len(scores), len(NORMS)), np.nan)
    grouped = usable & (groups != NO_GROUP)
    everybody = np.zeros_like(groups)
    parts = (
        (mid_rank_percentiles, usable, everybody),
        (t_scores, usable, everybody),
        (mid_rank_percentiles, grouped, groups),
        (t_scores, grouped, groups),
    )
    for column, (formula, rows, within) in enumerate(parts):
        norms[rows, column] = formula(scores[rows], within[rows])
        part_done()
    return norms
