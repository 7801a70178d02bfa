"""What the browser gets of jobs: texts in the reader's language, numbers formatted, times ISO 8601.

`assets/payloads.d.ts` is made from these types: see tests/js/payload_types.py.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from etl_monitor.ui.live.payloads import Freshness
from etl_monitor.ui.widgets.payloads import Completion, ListLabels, Pager


class Link(TypedDict):
    text: str
    href: str


class JobProblem(TypedDict):
    """Why a job failed, the first bad rows of its file, and what to do."""

    reason: str
    rowsHeading: str
    rows: Sequence[str]
    advice: str
    technical: str


class JobStep(TypedDict):
    """A step of a job. `id`: its name. `left` and `width`: its bar in per cent of the job's
    duration."""

    id: str
    text: str
    status: str
    statusText: str
    rows: str
    duration: str
    left: float
    width: float


class JobAttempt(TypedDict):
    """A job of the same test. `current`: whether it is the one whose details are shown."""

    id: str
    text: str
    href: str
    current: bool


class JobDetails(TypedDict):
    """What opens under a job. `facts`: name, value and address (or ""). Steps, attempts and log are
    missing if the service has no details of the job."""

    facts: Sequence[tuple[str, str, str]]
    problem: str
    copy: str  # all of it but the log, as one text
    href: str  # the address that opens the job
    steps: NotRequired[Sequence[JobStep]]
    attempts: NotRequired[Sequence[JobAttempt]]
    log: NotRequired[Sequence[str]]  # lines: a patch has only the new ones


class JobRow(TypedDict):
    """One job. An empty text is not shown. `select`, `cancel`, `retry` and `promote` are the
    accessible names of its controls; None if there is no such control. `endless`: it is not known
    how many rows there are, so its bar moves without an end."""

    id: str
    shortId: str
    status: str
    cancelling: bool
    statusText: str
    progress: int
    endless: bool
    percent: str
    title: str
    person: str
    requestedBy: str
    attempt: str
    retryOf: Link | None
    step: str
    rows: str
    eta: str
    startedAt: str | None
    finishedAt: str | None
    finishedText: str
    duration: str
    deadline: str | None
    problem: JobProblem | None
    select: str | None
    cancel: str | None
    retry: str | None
    promote: str | None


class DetailsPayload(TypedDict):
    """What a page gets of an open job beside its row. `details`: None while the first ones are on
    their way."""

    details: JobDetails | None


class JobCard(JobRow):
    """A job that can be opened. `repair` leads to where a corrected file is uploaded; None if the
    file is not at fault."""

    repair: Link | None


class JobLabels(TypedDict):
    cancel: str
    promote: str
    retry: str
    details: str
    close: str
    technical: str
    elapsed: str
    waiting: str
    deadline: str
    attempts: str
    log: str
    loading: str
    copy: str
    copyLink: str
    copied: str
    notCopied: str
    cancelQuestion: str  # with `{title}`; empty: there is no question
    cancelConsequence: str
    cancelReason: str
    cancelYes: str
    cancelNo: str


class MonitorLabels(JobLabels, ListLabels):
    """`{n}`, `{name}` and `{ago}` are filled in by the browser."""

    monitor: str
    noneRunning: str
    noneFinished: str
    noneFits: str
    noneFitsRunning: str
    noneFitsFinished: str
    byStatus: str
    cancelSelected: str
    retrySelected: str
    catchingUp: str
    stale: str
    neverReceived: str
    shortcuts: str


class StatusChip(TypedDict):
    status: str
    text: str
    count: str
    isChosen: bool


class JobOutcomes(TypedDict):
    """Which jobs have not ended, and how the newest ended ones did: id → status. Whatever is
    filtered or on another page, so that screen readers hear of every end."""

    active: Sequence[str]
    ended: Mapping[str, str]


class AttentionItem(TypedDict):
    """A job that needs attention from `at` on. `mayMark`: whether this person may mark it as
    seen."""

    id: str
    jobId: str
    status: str
    title: str
    href: str
    reason: str
    at: str | None
    atText: str
    mayMark: bool


class Attention(TypedDict):
    """`{n}` is filled in by the browser, which knows how many items are due."""

    items: Sequence[AttentionItem]
    heading: str
    more: str
    seen: str
    allSeen: str


class PersonalPart(TypedDict):
    """`startedJobs`: ids of what this person started, shown at once. `bulkActions`: how often this
    session acted on a selection; each time clears it. `openJobs`: ids of the jobs that they have
    opened."""

    openJobs: Sequence[str]
    startedJobs: Sequence[str]
    bulkActions: int


class MonitorPayload(Freshness, PersonalPart):
    """The full monitor. `runningCount` and `finishedCount` count jobs on all pages. `filterKey`
    changes with the filter."""

    loaded: bool
    attention: Attention
    running: Sequence[JobCard]
    finished: Sequence[JobCard]
    runningCount: int
    finishedCount: int
    runningHeading: str
    finishedHeading: str
    chips: Sequence[StatusChip]
    activePager: Pager | None
    pager: Pager | None
    outcomes: JobOutcomes
    announcements: Mapping[str, str]  # status → sentence with {n}
    filterKey: str
    isNarrow: bool
    searchKey: str | None  # of the search box, for its shortcut; None: no shortcuts
    completion: Completion
    problem: str
    labels: MonitorLabels


class JobPayload(TypedDict):
    """One job on its own: a line (`compact`) or a card. Without a job, `emptyText` says why.
    `untitled`: the page around it has the title."""

    job: JobRow | JobCard | None
    untitled: NotRequired[bool]
    emptyText: NotRequired[str]
    compact: NotRequired[bool]
    freshness: NotRequired[str]
    receivedAt: NotRequired[str | None]
    labels: NotRequired[JobLabels]


class KeysPayload(TypedDict):
    """The switch that turns keyboard shortcuts on and off. `off`: its text while off."""

    label: str
    off: str
