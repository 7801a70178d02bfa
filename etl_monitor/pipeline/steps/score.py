"""Step 3: the raw scale scores of every row that is used."""

import numpy as np

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.exclusion import ExclusionReason
from etl_monitor.pipeline.progress import stoppable, tracked
from etl_monitor.pipeline.scoring.scoring_key import ScoringKey
from etl_monitor.pipeline.steps.workspace import Workspace


@stoppable
def score(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    space = Workspace.of(job)
    kind = space.kind
    key, exclusions = ScoringKey(kind), space.exclusions.column(0)
    done = 0
    with space.scores.writer() as scores:
        for codes in tracked(space.answers.chunks(), len(exclusions), report, cancelled):
            is_excluded = exclusions[done : done + len(codes)] != ExclusionReason.USABLE
            raw = key.scale_scores(codes)
            raw[is_excluded] = np.nan
            scores.append(raw)
            done += len(codes)
    return None
