"""The jobs that are known, and the rules by which updates change them. Not thread-safe.

The rules are the same for every back end:

* A final state never changes, and neither status nor progress goes back: an update that would do so
  is late and is ignored. Only a higher `attempt` of the same job may start over, and an active job
  whose number of `restarts` has grown.
* A partial update of an unknown job is stored, and the job is incomplete until the whole arrives.
* A list replaces everything, with one exception: an active job that a list with a limit does not
  name has ended or was removed, but how is unknown; it stays and is incomplete.
* Active jobs are stored up to a limit, the newest of them; the others are counted. Of the finished
  ones those that ended last are stored, up to the limits.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from immutables import Map, MapMutation

from etl_monitor.events import JobUpdate, progress_update
from etl_monitor.store.changes import (
    INDEXED,
    UNBOUNDED,
    differing,
    growth,
    is_late,
    size,
    without_place,
)
from etl_monitor.store.job_index import JobIndex, by_end
from etl_monitor.store.newest import Newest, by_creation
from etl_monitor.store.progress import UnmergedProgress
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.reading import SentFields

_MAX_LINKS = 10_000
_ACTIVE_SHARE = 4  # active jobs may take so many times the limit: they are what people look for


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

    def __init__(self, *, active_limit: int, finished_limit: int, bytes_limit: int) -> None:
        self._jobs: MapMutation[str, Job] = Map().mutate()
        self._index = JobIndex()
        self.bytes = 0  # approximate memory of the jobs
        self.incomplete: set[str] = set()
        self.version = 0
        self.status_version = 0
        self._progress = UnmergedProgress()
        self._unseen: set[str] = set()  # ids of jobs that were made here since the last snapshot
        self._active: dict[str, None] = {}  # oldest first
        self._finished: dict[str, None] = {}  # in the order in which they ended
        self._left_out: set[int] = set()  # hashes of the ids of active jobs that are not stored
        self._active_limit = active_limit
        self._finished_limit = finished_limit
        self._bytes_limit = bytes_limit
        self._links: dict[str, str] = {}  # job id → test id, recorded when the job was started

    @property
    def active_left_out(self) -> int:
        """The number of active jobs beyond the limit."""
        return len(self._left_out)

    @property
    def has_room(self) -> bool:
        """Whether a list would bring back many of the active jobs that are left out."""
        return bool(self._left_out) and len(self._active) < self._active_limit // 2

    def apply_progress(self, sent: SentFields) -> MergeOutcome:
        """Apply an update that a snapshot merges, if it only moves the job on."""
        is_new = self._progress.follow(sent)
        if is_new is None:
            return self._apply_all_of(sent)
        self.version += is_new
        return MergeOutcome.APPLIED if is_new else MergeOutcome.DUPLICATE

    def freeze(self) -> tuple[Map[str, Job], JobIndex]:
        """Return the jobs as they are now, with all progress, and their index."""
        self._settle_all()
        self._unseen.clear()
        jobs = self._jobs.finish()
        self._jobs = jobs.mutate()
        return jobs, self._index

    def apply_update(self, update: JobUpdate) -> MergeOutcome:
        self._settle(update.job_id)
        current = self._jobs.get(update.job_id)
        if current is None:
            return self._apply_to_unknown(update)
        if is_late(current, update.changes, whole=update.whole):
            return MergeOutcome.LATE
        if update.whole:
            self.incomplete.discard(update.job_id)
        changes = update.changes
        if current.status is JobStatus.PENDING:
            changes = without_place(changes)
        if "test_id" in changes:
            changes = self._with_link(update.job_id, changes)
        news = differing(current, changes)
        if not news:
            return MergeOutcome.DUPLICATE
        self._change(current, news)
        return MergeOutcome.APPLIED

    def remove(self, job_id: str) -> MergeOutcome:
        """Remove a job. Its link stays, so that a late update cannot give it to another test."""
        self._progress.pop(job_id)
        if job_id in self._jobs:
            self._forget(job_id)
        elif not self._forget_left_out(job_id):
            return MergeOutcome.DUPLICATE
        self.version += 1
        self.status_version += 1
        return MergeOutcome.APPLIED

    def replace(self, jobs: Iterable[Job], *, complete: bool) -> None:
        """Replace all jobs by a list; `complete`: it names every job that the service has.

        The list may be longer than what fits into memory: it is read once, and what is beyond the
        limits is let go on the way. An error in reading it changes nothing.
        """
        active = Newest(self._active_limit, by_creation)
        finished = Newest(self._finished_limit, by_end)
        left_out: set[int] = set()
        self._settle_all()
        for job in jobs:
            if job.status.is_final:
                finished.add(self._linked(job))
            else:
                left_out.update(hash(old.job_id) for old in active.add(self._linked(job)))
        left_out.update(hash(old.job_id) for old in active.trim())
        finished.trim()
        listed = {job.job_id: job for job in (*active.jobs, *finished.jobs)}
        missing = {} if complete or left_out else self._active_jobs_except(listed)
        stored = listed | missing
        self._jobs, self._index = Map(stored).mutate(), JobIndex.of(stored)
        self.bytes = sum(map(size, stored.values()))
        self.incomplete, self._left_out = set(missing), left_out
        self._unseen.clear()
        self._active = dict.fromkeys([*missing, *(job.job_id for job in active.jobs)])
        self._finished = dict.fromkeys(job.job_id for job in finished.jobs)
        self._forget_oldest()
        self.version += 1
        self.status_version += 1

    def resolve(self, job_id: str, job: Job | None) -> None:
        """Store the service's current state of a job; None: the service has no such job."""
        self._settle(job_id)
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
        self._settle(job_id)
        job = self._jobs.get(job_id)
        if job is not None and job.test_id is None:
            self._put(self._linked(job))
            self.status_version += 1

    def _apply_all_of(self, sent: SentFields) -> MergeOutcome:
        outcome = self.apply_update(progress_update(sent))
        if outcome is MergeOutcome.APPLIED and sent.job_id in self._jobs:
            self._progress.merged(sent)
        return outcome

    def _settle_all(self) -> None:
        for sent in self._progress.pop_all():
            self._merge_progress(sent)

    def _settle(self, job_id: str) -> None:
        """Merge a job's progress, and forget it: what comes next may be more than progress."""
        sent = self._progress.pop(job_id)
        if sent is not None:
            self._merge_progress(sent)

    def _merge_progress(self, sent: SentFields) -> None:
        job, changes = self._jobs[sent.job_id], progress_update(sent).changes
        self._write(job, differing(job, changes))

    def _apply_to_unknown(self, update: JobUpdate) -> MergeOutcome:
        job = self._linked(update.job)
        if hash(update.job_id) in self._left_out:
            if job.status.is_final:
                return self.remove(update.job_id)
            if not update.whole or len(self._active) >= self._active_limit:
                return MergeOutcome.APPLIED
            self._forget_left_out(update.job_id)
        if not update.whole:
            self.incomplete.add(update.job_id)
        self._put(job)
        return MergeOutcome.APPLIED if update.whole else MergeOutcome.INCOMPLETE

    def _put(self, job: Job) -> None:
        previous = self._jobs.get(job.job_id)
        if previous is not None:
            self._index = self._index.removing(previous, self._jobs)
        self._jobs[job.job_id] = job
        self._index = self._index.adding(job, self._jobs)
        self._unseen.discard(job.job_id)
        self.bytes += size(job) - (size(previous) if previous else 0)
        self.version += 1
        if previous is None or previous.status is not job.status:
            self.status_version += 1
            self._order_of(job).setdefault(job.job_id)
            if previous is not None and previous.status.is_final is not job.status.is_final:
                self._order_of(previous).pop(job.job_id, None)
        self._forget_oldest()

    def _write(self, job: Job, news: Mapping[str, Any]) -> None:
        """Change a job: in place, if it was made here and no snapshot has it."""
        if job.job_id in self._unseen:
            vars(job).update(news)
        else:
            self._jobs[job.job_id] = job.changed(news)
            self._unseen.add(job.job_id)

    def _change(self, job: Job, news: Mapping[str, Any]) -> None:
        if job.status.is_final or not INDEXED.isdisjoint(news):
            self._put(job.changed(news))
            return
        more = 0 if UNBOUNDED.isdisjoint(news) else growth(job, news)
        self._write(job, news)
        self.version += 1
        if more:
            self.bytes += more
            self._forget_oldest()

    def _order_of(self, job: Job) -> dict[str, None]:
        return self._finished if job.status.is_final else self._active

    def _forget_oldest(self) -> None:
        while self._finished and (
            len(self._finished) > self._finished_limit or self.bytes > self._bytes_limit
        ):
            self._forget(next(iter(self._finished)))
        while len(self._active) > self._active_limit or (
            len(self._active) > 1 and self.bytes > _ACTIVE_SHARE * self._bytes_limit
        ):
            oldest = next(iter(self._active))
            self._forget(oldest)
            self._left_out.add(hash(oldest))

    def _forget(self, job_id: str) -> None:
        job = self._jobs[job_id]
        self._index = self._index.removing(job, self._jobs)
        self.bytes -= size(job)
        del self._jobs[job_id]
        self.incomplete.discard(job_id)
        self._unseen.discard(job_id)
        self._progress.pop(job_id)
        self._finished.pop(job_id, None)
        self._active.pop(job_id, None)

    def _forget_left_out(self, job_id: str) -> bool:
        """Return whether it was left out."""
        was_left_out = hash(job_id) in self._left_out
        self._left_out.discard(hash(job_id))
        return was_left_out

    def _active_jobs_except(self, listed: dict[str, Job]) -> dict[str, Job]:
        return {job_id: self._jobs[job_id] for job_id in self._active if job_id not in listed}

    def _with_link(self, job_id: str, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the changes; they do not take away a test that only the link knows."""
        is_linked = changes["test_id"] is not None
        return changes if is_linked else {**changes, "test_id": self._links.get(job_id)}

    def _linked(self, job: Job) -> Job:
        """Return the job with its test, if only the link knows it."""
        test_id = self._links.get(job.job_id) if job.test_id is None else None
        return job if test_id is None else job.changed({"test_id": test_id})
