"""What the browser gets of the list of test results."""

from collections.abc import Sequence
from typing import TypedDict

from etl_monitor.ui.jobs.payloads import JobLabels, JobRow, Link
from etl_monitor.ui.live.payloads import Freshness
from etl_monitor.ui.widgets.payloads import Completion, ListLabels, Pager


class ResultRow(TypedDict):
    """A test result. `at`: when it was scored, else uploaded. `select` and `reprocess` are
    accessible names; None if the reader may not do it. `busyText`: why it cannot be reprocessed
    now. `repair`: the way to the upload of a corrected file, where the same one would fail again.
    `lastRun`: how the newest run ended if the scores of an earlier one stand; else empty."""

    id: str
    title: str
    href: str
    facts: Sequence[str]
    counts: Sequence[str]
    at: str | None
    atText: str
    isScored: bool
    statusText: str
    lastRun: str
    job: JobRow | None
    select: str | None
    mayReprocess: bool
    busyText: str
    reprocess: str | None
    repair: Link | None


class ResultsLabels(JobLabels, ListLabels):
    """`{ago}` is filled in by the browser."""

    reprocess: str
    repair: str
    results: str
    uploaded: str


class ResultsPersonalPart(TypedDict):
    """See the monitor's part."""

    bulkActions: int


class ResultsPayload(Freshness, ResultsPersonalPart):
    """One page of the list of test results. `bulkActions`, `filterKey`: as in the monitor."""

    rows: Sequence[ResultRow]
    filterKey: str
    problem: str
    total: int
    totalText: str
    reprocessAll: str | None
    pager: Pager | None
    emptyText: str
    completion: Completion
    labels: ResultsLabels
