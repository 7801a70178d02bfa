"""The state of all known jobs at one moment: immutable, so that any thread may hold it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from etl_monitor.store.connection_status import Connection
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.notebook import jobs_frame, jobs_html

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Counters:
    """Counts since this process started to follow the feed."""

    events: int = 0  # all events of the stream, including those counted below
    duplicates: int = 0  # received before
    late: int = 0  # older than the current state
    malformed: int = 0  # unreadable
    unknown: int = 0  # of an unknown name
    resyncs: int = 0  # lists loaded because the stream alone was not enough
    reconnects: int = 0  # connections that were live again after a break
    gaps: int = 0  # skipped positions


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """`version` grows with every visible change; the counters and the times at which the connection
    received something may be newer under the same version.

    `status_version` grows when a job is added, is removed or changes its status, but not with mere
    progress. `incomplete`: jobs of which only a part is known. `active_left_out`: how many active
    jobs the service has beyond those that are stored. `loaded`: whether a list was loaded.
    """

    version: int = 0
    status_version: int = 0
    jobs: Mapping[str, Job] = field(default_factory=lambda: MappingProxyType({}))
    incomplete: frozenset[str] = frozenset()
    active_left_out: int = 0
    position: str = ""
    loaded: bool = False
    connection: Connection = field(default_factory=Connection)
    counters: Counters = field(default_factory=Counters)
    # What snapshots share between which no job came, went or changed its place.
    _shared: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def running(self) -> tuple[Job, ...]:
        """Active jobs: the running ones, oldest first, so that a row does not move while its job
        runs; then the pending ones in the order of the queue."""
        return self._in_order("running", self._running_ids)

    def _running_ids(self) -> list[str]:
        active = (job for job in self.jobs.values() if job.status.is_active)
        return [job.job_id for job in sorted(active, key=_by_age)]

    @cached_property
    def finished(self) -> tuple[Job, ...]:
        """Finished jobs, by the time at which they ended, newest first."""
        return self._in_order("finished", self._finished_ids)

    def _finished_ids(self) -> list[str]:
        finished = (job for job in self.jobs.values() if job.status.is_final)
        return [job.job_id for job in sorted(finished, key=by_end, reverse=True)]

    @cached_property
    def counts(self) -> Mapping[JobStatus, int]:
        """The number of jobs in each status; zeros included."""
        return self._once("counts", self._count_by_status)

    def _count_by_status(self) -> Mapping[JobStatus, int]:
        counts = dict.fromkeys(JobStatus, 0)
        for job in self.jobs.values():
            counts[job.status] += 1
        return MappingProxyType(counts)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a frame with a row for each job: the active ones, then the finished ones."""
        return jobs_frame((*self.running, *self.finished), Job.model_fields)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the first jobs."""
        return jobs_html(self.to_pandas())

    @cached_property
    def active_by_test(self) -> Mapping[str, str]:
        """Test id → id of its newest active job."""
        return self._once("active_by_test", lambda: _newest_by_test(self.running))

    def active_siblings(self, job: Job) -> tuple[Job, ...]:
        """Return the test's active job, if any: while there is one, no other may start."""
        job_id = self.active_by_test.get(job.test_id or "", "")
        return (self.jobs[job_id],) if job_id in self.jobs else ()

    @cached_property
    def latest_by_test(self) -> Mapping[str, str]:
        """Test id → id of its newest job, in any status."""
        return self._once("latest_by_test", lambda: _newest_by_test(self.jobs.values()))

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The people in charge of jobs, in alphabetical order."""
        return self._once("people", lambda: _names(job.user_id for job in self.jobs.values()))

    @cached_property
    def test_kinds(self) -> tuple[str, ...]:
        """The kinds of the jobs' tests, in alphabetical order."""
        return self._once("test_kinds", lambda: _names(job.test_kind for job in self.jobs.values()))

    def _in_order(self, name: str, ids: Callable[[], list[str]]) -> tuple[Job, ...]:
        return tuple(map(self.jobs.__getitem__, self._once(name, ids)))

    def _once(self, name: str, make: Callable[[], T]) -> T:
        """Return what all snapshots with the same order share."""
        if name not in self._shared:
            self._shared[name] = make()
        return cast(T, self._shared[name])


def by_end(job: Job) -> tuple[datetime, str]:
    """Return the sort key of finished jobs. Older back ends do not send when a job ended."""
    return (job.finished_at or job.updated_at or job.created_at or _NEVER, job.job_id)


def _by_age(job: Job) -> tuple[bool, float, datetime, str]:
    """Return the sort key of active jobs. Of those moved to the front the last one is first."""
    is_pending = job.status is JobStatus.PENDING
    front = -job.promoted_at.timestamp() if is_pending and job.promoted_at else 0.0
    return (is_pending, front, job.created_at or _NEVER, job.job_id)


def _names(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}, key=str.casefold))


def _newest_by_test(jobs: Iterable[Job]) -> Mapping[str, str]:
    by_creation = sorted(jobs, key=_by_creation)
    newest = {job.test_id: job.job_id for job in by_creation if job.test_id is not None}
    return MappingProxyType(newest)


def _by_creation(job: Job) -> tuple[datetime, int, str]:
    return (job.created_at or _NEVER, job.attempt, job.job_id)
