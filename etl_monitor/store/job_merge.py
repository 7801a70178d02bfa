"""The jobs that are known, and the rules by which updates change them. Not thread-safe.

The rules are the same for every back end:

* A final state never changes, and neither status nor progress goes back: an update that would do so
  is late and is ignored. Only a higher `attempt` of the same job may start over, and an active job
  whose number of `restarts` has grown.
* A partial update of an unknown job is stored, and the job is incomplete until the whole arrives.
* A list replaces everything, with one exception: an active job that a list with a limit does not
  name has ended or was removed, but how is unknown; it stays and is incomplete.
* All active jobs are stored. Of the finished ones those that ended last are, up to the limits.
"""

import sys
from collections.abc import Iterable
from enum import StrEnum

from etl_monitor.store.snapshot import by_end
from etl_monitor.wire.job import Job, JobStatus

_RANK = {JobStatus.PENDING: 0, JobStatus.RUNNING: 1}  # final states come after these
_MAX_LINKS = 10_000
_JOB_SIZE = 3_500  # bytes that a job takes besides its strings, measured


class MergeOutcome(StrEnum):
    """What applying an event resulted in."""

    APPLIED = "applied"
    INCOMPLETE = "incomplete"  # applied, but the job as a whole is unknown
    DUPLICATE = "duplicate"  # changes nothing
    LATE = "late"  # older than the current state
    UNKNOWN = "unknown"  # an event of an unknown name
    MALFORMED = "malformed"  # unreadable; after this one and the next two only a list helps
    GAP = "gap"  # a position was skipped
    RESET = "reset"  # the service itself says that only a list helps


class JobMerge:
    """`version` grows with every change, `status_version` with those of more than progress."""

    def __init__(self, *, finished_limit: int, bytes_limit: int) -> None:
        self.jobs: dict[str, Job] = {}
        self.bytes = 0  # approximate memory of the jobs
        self.incomplete: set[str] = set()
        self.version = 0
        self.status_version = 0
        self._finished: dict[str, None] = {}  # in the order in which they ended
        self._finished_limit = finished_limit
        self._bytes_limit = bytes_limit
        self._links: dict[str, str] = {}  # job id → test id, recorded when the job was started

    def apply_update(self, update: Job, *, whole: bool) -> MergeOutcome:
        """Apply the fields that `update` sets; `whole`: it has all fields of the job."""
        current = self.jobs.get(update.job_id)
        if current is None:
            return self._add(update, whole=whole)
        if _is_late(current, update, whole=whole):
            return MergeOutcome.LATE
        if whole:
            self.incomplete.discard(update.job_id)
        merged = self._linked(current.merged(update))
        if merged == current:
            return MergeOutcome.DUPLICATE
        self._put(merged)
        return MergeOutcome.APPLIED

    def remove(self, job_id: str) -> MergeOutcome:
        """Remove a job. Its link stays, so that a late update cannot give it to another test."""
        if job_id not in self.jobs:
            return MergeOutcome.DUPLICATE
        self._forget(job_id)
        self.version += 1
        self.status_version += 1
        return MergeOutcome.APPLIED

    def replace(self, jobs: Iterable[Job], *, complete: bool) -> None:
        """Replace all jobs by a list; `complete`: it names every job that the service has."""
        listed = {job.job_id: self._linked(job) for job in jobs}
        missing = {} if complete else self._active_jobs_except(listed)
        self.jobs = listed | missing
        self.bytes = sum(map(_size, self.jobs.values()))
        self.incomplete = set(missing)
        finished = sorted((job for job in listed.values() if job.status.is_final), key=by_end)
        self._finished = dict.fromkeys(job.job_id for job in finished)
        self._forget_oldest()
        self.version += 1
        self.status_version += 1

    def resolve(self, job_id: str, job: Job | None) -> None:
        """Store the service's current state of a job; None: the service has no such job."""
        if job is None:
            self.remove(job_id)
        else:
            self.incomplete.discard(job_id)
            self._put(self._linked(job))

    def link(self, job_id: str, test_id: str) -> None:
        """Record a job's test, for back ends whose jobs do not name it."""
        self._links[job_id] = test_id
        while len(self._links) > _MAX_LINKS:
            del self._links[next(iter(self._links))]
        job = self.jobs.get(job_id)
        if job is not None and job.test_id is None:
            self._put(self._linked(job))
            self.status_version += 1

    def _add(self, job: Job, *, whole: bool) -> MergeOutcome:
        if not whole:
            self.incomplete.add(job.job_id)
        self._put(self._linked(job))
        return MergeOutcome.APPLIED if whole else MergeOutcome.INCOMPLETE

    def _put(self, job: Job) -> None:
        previous = self.jobs.get(job.job_id)
        self.jobs[job.job_id] = job
        self.bytes += _size(job) - (_size(previous) if previous else 0)
        self.version += 1
        if previous is None or previous.status is not job.status:
            self.status_version += 1
            self._finished.pop(job.job_id, None)
            if job.status.is_final:
                self._finished[job.job_id] = None
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        while self._finished and (
            len(self._finished) > self._finished_limit or self.bytes > self._bytes_limit
        ):
            self._forget(next(iter(self._finished)))

    def _forget(self, job_id: str) -> None:
        self.bytes -= _size(self.jobs.pop(job_id))
        self.incomplete.discard(job_id)
        self._finished.pop(job_id, None)

    def _active_jobs_except(self, listed: dict[str, Job]) -> dict[str, Job]:
        return {
            job_id: job
            for job_id, job in self.jobs.items()
            if job.status.is_active and job_id not in listed
        }

    def _linked(self, job: Job) -> Job:
        """Return the job with its test, if only the link knows it."""
        test_id = self._links.get(job.job_id) if job.test_id is None else None
        return job if test_id is None else job.model_copy(update={"test_id": test_id})


def _size(job: Job) -> int:
    """Return the job's approximate size in bytes.

    `error_details` is the only field that is not a string and has no bound.
    """
    strings = sum(sys.getsizeof(value) for value in vars(job).values() if isinstance(value, str))
    return _JOB_SIZE + strings + len(repr(job.error_details or ""))


def _is_late(current: Job, update: Job, *, whole: bool) -> bool:
    fields = update.model_fields_set
    if "attempt" in fields and update.attempt != current.attempt:
        return update.attempt < current.attempt
    if current.status.is_final:
        return not (whole and update.status is current.status)
    if "restarts" in fields and update.restarts != current.restarts:
        return update.restarts < current.restarts
    if "status" not in fields:
        return "progress" in fields and update.progress < current.progress
    return _goes_back(current, update)


def _goes_back(current: Job, update: Job) -> bool:
    if update.status.is_final:
        return False
    if _RANK[update.status] < _RANK[current.status]:
        return True
    return "progress" in update.model_fields_set and update.progress < current.progress
