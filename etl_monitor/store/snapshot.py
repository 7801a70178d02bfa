"""One look at everything that is known of the jobs: immutable, so any thread may keep it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType

from etl_monitor.store.connection_status import Connection
from etl_monitor.wire.job import Job, JobStatus

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Counters:
    """What happened since this process began to follow."""

    events: int = 0  # everything that the stream told, the following included
    duplicates: int = 0  # told before
    late: int = 0  # older than what was known
    malformed: int = 0  # could not be read
    unknown: int = 0  # of a name that means nothing to us
    resyncs: int = 0  # lists taken because the stream alone was not enough
    reconnects: int = 0  # connections that were live again after a break
    gaps: int = 0  # positions that were skipped


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """`version` grows with every visible change; the counters and the connection's times of the
    last signs of life may be newer under the same version.

    `status_version` grows when a job comes, goes or changes its status, but not with mere progress.
    `incomplete`: jobs of which only a part was told yet. `loaded`: a list was taken at least once.
    """

    version: int = 0
    status_version: int = 0
    jobs: Mapping[str, Job] = field(default_factory=lambda: MappingProxyType({}))
    incomplete: frozenset[str] = frozenset()
    position: str = ""
    loaded: bool = False
    connection: Connection = field(default_factory=Connection)
    counters: Counters = field(default_factory=Counters)

    @cached_property
    def running(self) -> tuple[Job, ...]:
        """Active jobs: the running ones, then those that wait; each group oldest first, so that a
        row keeps its place while its job goes on."""
        return tuple(sorted((j for j in self.jobs.values() if j.status.is_active), key=_by_age))

    @cached_property
    def finished(self) -> tuple[Job, ...]:
        """Newest first, by when they ended."""
        ended = (j for j in self.jobs.values() if j.status.is_final)
        return tuple(sorted(ended, key=by_end, reverse=True))

    @cached_property
    def counts(self) -> Mapping[JobStatus, int]:
        """How many jobs are in each status; zeros included."""
        counted = dict.fromkeys(JobStatus, 0)
        for job in self.jobs.values():
            counted[job.status] += 1
        return MappingProxyType(counted)

    @cached_property
    def active_by_test(self) -> Mapping[str, str]:
        """Test id → id of its active job."""
        return _newest_by_test(self.running)

    @cached_property
    def latest_by_test(self) -> Mapping[str, str]:
        """Test id → id of its newest job, whatever became of it."""
        return _newest_by_test(self.jobs.values())


def by_end(job: Job) -> tuple[datetime, str]:
    """Sort key of finished jobs. Older back ends do not say when a job ended."""
    return (job.finished_at or job.updated_at or job.created_at or _NEVER, job.job_id)


def _by_age(job: Job) -> tuple[bool, datetime, str]:
    return (job.status is JobStatus.PENDING, job.created_at or _NEVER, job.job_id)


def _newest_by_test(jobs: Iterable[Job]) -> Mapping[str, str]:
    newest: dict[str, Job] = {}
    for job in jobs:
        if job.test_id is None:
            continue
        known = newest.get(job.test_id)
        if known is None or _by_creation(known) < _by_creation(job):
            newest[job.test_id] = job
    return MappingProxyType({test_id: job.job_id for test_id, job in newest.items()})


def _by_creation(job: Job) -> tuple[datetime, int, str]:
    return (job.created_at or _NEVER, job.attempt, job.job_id)
