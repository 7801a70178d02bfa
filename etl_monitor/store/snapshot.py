"""The state of all known jobs at one moment: immutable, so that any thread may hold it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from etl_monitor.store.connection_status import Connection
from etl_monitor.store.job_index import JobIndex
from etl_monitor.store.job_views import JobSequence, NewestOfTests
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.notebook import jobs_frame, jobs_html

if TYPE_CHECKING:
    import pandas as pd


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
    jobs the service has beyond those that are stored. `loaded`: whether a list was loaded. `index`:
    that of the jobs; None: it is made when it is needed.
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
    index: JobIndex | None = field(default=None, compare=False, repr=False)

    @cached_property
    def running(self) -> JobSequence:
        """Active jobs: the running ones, oldest first, so that a row does not move while its job
        runs; then the pending ones in the order of the queue."""
        return JobSequence(self.jobs, self._index.active)

    @cached_property
    def finished(self) -> JobSequence:
        """Finished jobs, by the time at which they ended, newest first."""
        return JobSequence(self.jobs, self._index.ended, reverse=True)

    @cached_property
    def counts(self) -> Mapping[JobStatus, int]:
        """The number of jobs in each status; zeros included."""
        return self._with_zeros(self._index.statuses)

    @cached_property
    def tests_by_status(self) -> Mapping[JobStatus, int]:
        """The number of tests whose newest job has the status; zeros included. A test whose newest
        job failed or was cancelled after an earlier one completed has scores: it is completed."""
        return self._with_zeros(self._index.newest)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a frame with a row for each job: the active ones, then the finished ones."""
        return jobs_frame((*self.running, *self.finished), Job.model_fields)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the first jobs."""
        return jobs_html(self.to_pandas())

    @cached_property
    def active_by_test(self) -> Mapping[str, str]:
        """Test id → id of its newest active job."""
        return NewestOfTests(self.jobs, self._index, lambda job: job.status.is_active)

    def active_siblings(self, job: Job) -> tuple[Job, ...]:
        """Return the test's active job, if any: while there is one, no other may start."""
        job_id = self.active_by_test.get(job.test_id or "", "")
        return (self.jobs[job_id],) if job_id in self.jobs else ()

    @cached_property
    def latest_by_test(self) -> Mapping[str, str]:
        """Test id → id of its newest job, in any status."""
        return NewestOfTests(self.jobs, self._index, lambda job: True)

    @property
    def people(self) -> tuple[str, ...]:
        """The people in charge of jobs, in alphabetical order."""
        return self._index.people

    @property
    def test_kinds(self) -> tuple[str, ...]:
        """The kinds of the jobs' tests, in alphabetical order."""
        return self._index.test_kinds

    @cached_property
    def _index(self) -> JobIndex:
        return self.index or JobIndex.of(self.jobs)

    @staticmethod
    def _with_zeros(counts: Mapping[JobStatus, int]) -> Mapping[JobStatus, int]:
        return MappingProxyType({status: counts.get(status, 0) for status in JobStatus})
