"""Step 4: norms: each score compared with all respondents of the file and with its group.

Many respondents share few scores, so norms are computed once for each different score of a group.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
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
    groups = space.groups.column(0)
    part_done = in_parts(len(kind.scales) * len(NORMS), len(groups), report, cancelled)
    for index, scale in enumerate(kind.scales):
        table, rows = _norm_table(space.scores.column(index), groups, part_done)
        space.norms(scale.key).write(table)
        space.norm_rows(scale.key).write(rows)
    return None


def _norm_table(
    scores: Floats, groups: GroupIndices, part_done: Callable[[], None]
) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Return the different scores of a group × `NORM_TABLE`, and each row's line in it; for rows
    without a score, the number of lines. NaN if there is no group, or no spread in it."""
    which, values, of_group, respondents = _different(scores, groups)
    norms = np.full((len(values), len(NORMS)), np.nan)
    has_group = of_group != NO_GROUP
    everyone, one_group = np.ones_like(has_group), np.zeros_like(of_group)
    parts = (
        (mid_rank_percentiles, everyone, one_group),
        (t_scores, everyone, one_group),
        (mid_rank_percentiles, has_group, of_group),
        (t_scores, has_group, of_group),
    )
    for column, (formula, lines, within) in enumerate(parts):
        norms[lines, column] = formula(values[lines], within[lines], respondents[lines])
        part_done()
    return np.column_stack((values, norms, of_group, respondents)), which


def _different(
    scores: Floats, groups: GroupIndices
) -> tuple[npt.NDArray[np.int32], Floats, GroupIndices, Floats]:
    """Return each row's line, and of each line the score, the group and how many rows have them."""
    value, values = pd.factorize(scores)  # -1: NaN
    code = groups.astype(np.int64) * len(values) + value
    code[value < 0] = -1 - len(values)  # below that of any group, NO_GROUP included
    line, codes = pd.factorize(code, sort=True)
    respondents = np.bincount(line, minlength=len(codes)).astype(float)
    is_score = codes >= -len(values)
    line = np.where(is_score[line], line - np.count_nonzero(~is_score), np.count_nonzero(is_score))
    codes = codes[is_score]
    of_group, of_value = np.divmod(codes, max(1, len(values)))
    return line.astype(np.int32), values[of_value], of_group.astype(np.int32), respondents[is_score]
