"""A session's job table: what one person sees of the jobs."""

from dataclasses import dataclass, field, replace
from typing import Self

from etl_monitor.monitoring import Monitoring
from etl_monitor.store.job_store import Snapshot
from etl_monitor.ui.session.pagination import Pagination
from etl_monitor.wire.job import JobStatus

_MAX_STARTED = 100
_MAX_OPEN = 100  # jobs; then the one that was opened first closes


@dataclass(kw_only=True)
class MonitorChoices:
    """What one person chose in one monitor, besides what its inputs say."""

    statuses: frozenset[JobStatus] = frozenset()  # the status chips
    active: Pagination = field(default_factory=Pagination)
    finished: Pagination = field(default_factory=Pagination)

    def copy(self) -> Self:
        return replace(self, active=replace(self.active), finished=replace(self.finished))


@dataclass(kw_only=True)
class JobTable:
    """A pointer to the store's newest snapshot, and the choices of one person."""

    monitoring: Monitoring
    open_jobs: tuple[str, ...] = ()  # jobs whose details are open, the one opened last at the end
    linked_job: str | None = None  # the job that a link named; it is shown above the others
    addressed_job: str = ""  # the job in the page's address: of a link, or opened last
    monitors: dict[str, MonitorChoices] = field(default_factory=dict)  # by the inputs' prefix
    started: tuple[str, ...] = ()  # the newest jobs that this person started, newest first

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot. Read it once for each rendering."""
        return self.monitoring.snapshot()

    def monitor(self, prefix: str) -> MonitorChoices:
        """Return the choices in the monitor whose inputs have this prefix."""
        return self.monitors.setdefault(prefix, MonitorChoices())

    def copy(self) -> Self:
        """Return a copy that later choices do not change."""
        return replace(self, monitors={key: m.copy() for key, m in self.monitors.items()})

    def toggle(self, job_id: str) -> None:
        """Open the details of a job, or close them."""
        if job_id in self.open_jobs:
            self.open_jobs = tuple(other for other in self.open_jobs if other != job_id)
        else:
            self._open(job_id)

    def address_after_toggle(self, job_id: str) -> str:
        """Return the job that the address names now: the one opened last, while it is open."""
        if job_id in self.open_jobs:
            self.addressed_job = job_id
        elif job_id == self.addressed_job:
            self.addressed_job = ""
        return self.addressed_job

    def follow_link(self, job_id: str) -> None:
        """Open the job that the address names, unless this person opened it in its list."""
        if job_id == self.addressed_job:
            return
        self.linked_job, self.addressed_job = job_id or None, job_id
        if job_id:
            self._open(job_id)

    def _open(self, job_id: str) -> None:
        others = tuple(other for other in self.open_jobs if other != job_id)
        self.open_jobs = (*others, job_id)[-_MAX_OPEN:]

    def add_started(self, *job_ids: str) -> None:
        """Remember jobs that this person started: the page shows them at once."""
        self.started = (*job_ids, *self.started)[:_MAX_STARTED]
