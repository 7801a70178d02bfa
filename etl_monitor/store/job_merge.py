"""The jobs that are known, and the rules by which news changes them. Not for several threads.

The rules are the same for every back end:

* A final state never changes, a status never goes back, progress never goes back: news that would
  do so is late, and ignored. Only a higher `attempt` of the same job may start over.
* A part of a job that is not known is kept and marked as incomplete, until the whole is told.
* A list is the truth. It replaces everything, with one exception: an active job that a list with a
  limit does not name has ended or is gone, but how is not known; it stays, marked as incomplete.
* Of the finished jobs those that ended last are kept, as many as the limits leave; active ones all.
"""

import sys
from collections.abc import Iterable
from enum import StrEnum

from etl_monitor.store.snapshot import by_end
from etl_monitor.wire.job import Job, JobStatus

_RANK = {JobStatus.PENDING: 0, JobStatus.RUNNING: 1}  # and 2 for what is final
_MAX_LINKS = 10_000
_JOB = 3_500  # bytes that a job takes besides its texts, measured


class MergeOutcome(StrEnum):
    """What became of an event."""

    APPLIED = "applied"
    INCOMPLETE = "incomplete"  # applied, but the job as a whole is not known
    DUPLICATE = "duplicate"  # told before
    LATE = "late"  # older than what is known
    UNKNOWN = "unknown"  # of a name that means nothing to us
    MALFORMED = "malformed"  # after this one and the next two only a list helps
    GAP = "gap"  # a position was skipped
    RESET = "reset"  # the service says so itself


class Ledger:
    """`version` grows with every change, `status_version` with those of more than progress."""

    def __init__(self, *, finished_limit: int, bytes_limit: int) -> None:
        self.jobs: dict[str, Job] = {}
        self.bytes = 0  # that the jobs take in memory, about
        self.incomplete: set[str] = set()
        self.version = 0
        self.status_version = 0
        self._finished: dict[str, None] = {}  # in the order in which they ended
        self._finished_limit = finished_limit
        self._bytes_limit = bytes_limit
        self._links: dict[str, str] = {}  # job id → test id, from who started the job

    def tell(self, told: Job, *, whole: bool) -> MergeOutcome:
        known = self.jobs.get(told.job_id)
        if known is None:
            return self._tell_new(told, whole=whole)
        if _is_late(known, told, whole=whole):
            return MergeOutcome.LATE
        if whole:
            self.incomplete.discard(told.job_id)
        merged = self._linked(known.merged(told))
        if merged == known:
            return MergeOutcome.DUPLICATE
        self._put(merged)
        return MergeOutcome.APPLIED

    def remove(self, job_id: str) -> MergeOutcome:
        """Its link stays: late news of a removed job must not make it another test's."""
        if job_id not in self.jobs:
            return MergeOutcome.DUPLICATE
        self._forget(job_id)
        self.version += 1
        self.status_version += 1
        return MergeOutcome.APPLIED

    def replace(self, jobs: Iterable[Job], *, complete: bool) -> None:
        """`complete`: the list names every job that the service knows."""
        listed = {job.job_id: self._linked(job) for job in jobs}
        missed = {} if complete else self._active_besides(listed)
        self.jobs = listed | missed
        self.bytes = sum(map(_weight, self.jobs.values()))
        self.incomplete = set(missed)
        ended = sorted((j for j in listed.values() if j.status.is_final), key=by_end)
        self._finished = dict.fromkeys(job.job_id for job in ended)
        self._forget_oldest()
        self.version += 1
        self.status_version += 1

    def resolve(self, job_id: str, job: Job | None) -> None:
        """`job` is all that the service knows of it now; None: it knows no such job."""
        if job is None:
            self.remove(job_id)
        else:
            self.incomplete.discard(job_id)
            self._put(self._linked(job))

    def link(self, job_id: str, test_id: str) -> None:
        """`job_id` is a job of `test_id`: for back ends whose jobs do not say so."""
        self._links[job_id] = test_id
        while len(self._links) > _MAX_LINKS:
            del self._links[next(iter(self._links))]
        known = self.jobs.get(job_id)
        if known is not None and known.test_id is None:
            self._put(self._linked(known))
            self.status_version += 1

    def _tell_new(self, told: Job, *, whole: bool) -> MergeOutcome:
        if not whole:
            self.incomplete.add(told.job_id)
        self._put(self._linked(told))
        return MergeOutcome.APPLIED if whole else MergeOutcome.INCOMPLETE

    def _put(self, job: Job) -> None:
        known = self.jobs.get(job.job_id)
        self.jobs[job.job_id] = job
        self.bytes += _weight(job) - (_weight(known) if known else 0)
        self.version += 1
        if known is None or known.status is not job.status:
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
        self.bytes -= _weight(self.jobs.pop(job_id))
        self.incomplete.discard(job_id)
        self._finished.pop(job_id, None)

    def _active_besides(self, listed: dict[str, Job]) -> dict[str, Job]:
        return {
            job_id: job
            for job_id, job in self.jobs.items()
            if job.status.is_active and job_id not in listed
        }

    def _linked(self, job: Job) -> Job:
        test_id = self._links.get(job.job_id) if job.test_id is None else None
        return job if test_id is None else job.model_copy(update={"test_id": test_id})


def _weight(job: Job) -> int:
    """Bytes; the details of an error are the only field that is no text and has no bound."""
    texts = sum(sys.getsizeof(value) for value in vars(job).values() if isinstance(value, str))
    return _JOB + texts + len(repr(job.error_details or ""))


def _is_late(known: Job, told: Job, *, whole: bool) -> bool:
    fields = told.model_fields_set
    if "attempt" in fields and told.attempt > known.attempt:
        return False
    if "attempt" in fields and told.attempt < known.attempt:
        return True
    if known.status.is_final:
        return not (whole and told.status is known.status)
    if "status" not in fields:
        return "progress" in fields and told.progress < known.progress
    return _goes_back(known, told)


def _goes_back(known: Job, told: Job) -> bool:
    if told.status.is_final:
        return False
    if _RANK[told.status] < _RANK[known.status]:
        return True
    return "progress" in told.model_fields_set and told.progress < known.progress
