"""In which orders the jobs are, and how many there are of each: made anew for what changed only."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby, takewhile
from typing import Any, Protocol, Self, TypeVar

from immutables import Map

from etl_monitor.store.sorted_ids import SortedIds
from etl_monitor.wire.job import Job, JobStatus

Name = TypeVar("Name", bound=str)

_NEVER = datetime.min.replace(tzinfo=UTC)
_NO_IDS = SortedIds()
_LEAVES_SCORES = (JobStatus.FAILED, JobStatus.CANCELLED)
_NOTHING: Map[Any, int] = Map()


class Jobs(Protocol):
    """Gives each job by its id."""

    def __getitem__(self, job_id: str, /) -> Job: ...


@dataclass(frozen=True, kw_only=True)
class JobIndex:
    """Immutable. Its methods need the jobs: `adding` with the added one, `removing` still with it.

    `newest`: how many tests count with each status (`_status_of_test`).
    """

    active: SortedIds = _NO_IDS
    ended: SortedIds = _NO_IDS
    of_tests: SortedIds = _NO_IDS
    statuses: Map[JobStatus, int] = _NOTHING
    newest: Map[JobStatus, int] = _NOTHING
    user_ids: Map[str, int] = _NOTHING
    kinds: Map[str, int] = _NOTHING

    @classmethod
    def of(cls, jobs: Mapping[str, Job]) -> Self:
        """Return the index of all these jobs."""
        active = (job.job_id for job in jobs.values() if job.status.is_active)
        ended = (job.job_id for job in jobs.values() if job.status.is_final)
        of_tests = (job.job_id for job in jobs.values() if job.test_id is not None)
        ordered = SortedIds.of(of_tests, _key(_by_test, jobs))
        newest_first = map(jobs.__getitem__, reversed(ordered))
        by_test = groupby(newest_first, key=lambda job: job.test_id)
        return cls(
            active=SortedIds.of(active, _key(by_age, jobs)),
            ended=SortedIds.of(ended, _key(by_end, jobs)),
            of_tests=ordered,
            statuses=Map(Counter(job.status for job in jobs.values())),
            newest=Map(Counter(filter(None, (_status_of_test(jobs) for _, jobs in by_test)))),
            user_ids=Map(_counted(job.user_id for job in jobs.values())),
            kinds=Map(_counted(job.test_kind for job in jobs.values())),
        )

    def adding(self, job: Job, jobs: Jobs) -> Self:
        return self._with(job, jobs, SortedIds.adding, 1)

    def removing(self, job: Job, jobs: Jobs) -> Self:
        return self._with(job, jobs, SortedIds.removing, -1)

    def of_test(self, test_id: str, jobs: Jobs) -> Iterator[Job]:
        """Return the jobs of a test, the newest first."""
        ids = self.of_tests.down_from((test_id + "\0",), _key(_by_test, jobs))
        return takewhile(lambda job: job.test_id == test_id, map(jobs.__getitem__, ids))

    @cached_property
    def people(self) -> tuple[str, ...]:
        return tuple(sorted(self.user_ids, key=str.casefold))

    @cached_property
    def test_kinds(self) -> tuple[str, ...]:
        return tuple(sorted(self.kinds, key=str.casefold))

    def _with(self, job: Job, jobs: Jobs, change: "_Change", by: int) -> Self:
        """Return the index with a job more or less."""
        orders: dict[str, Any]
        if job.status.is_final:
            orders = {"ended": change(self.ended, job.job_id, _key(by_end, jobs))}
        else:
            orders = {"active": change(self.active, job.job_id, _key(by_age, jobs))}
        counted = replace(
            self,
            **orders,
            statuses=_added(self.statuses, job.status, by),
            user_ids=_added(self.user_ids, job.user_id, by),
            kinds=_added(self.kinds, job.test_kind, by),
        )
        return counted._with_test(job, jobs, change) if job.test_id is not None else counted

    def _with_test(self, job: Job, jobs: Jobs, change: "_Change") -> Self:
        """Return the index after the jobs of this job's test changed."""
        of_tests = change(self.of_tests, job.job_id, _key(_by_test, jobs))
        changed = replace(self, of_tests=of_tests)
        newest = _added(self.newest, self._newest_status(job.test_id, jobs), -1)
        newest = _added(newest, changed._newest_status(job.test_id, jobs), 1)
        return replace(changed, newest=newest)

    def _newest_status(self, test_id: str | None, jobs: Jobs) -> JobStatus | None:
        return _status_of_test(self.of_test(test_id or "", jobs))


_Change = Callable[[SortedIds, str, Callable[[str], Any]], SortedIds]


def by_end(job: Job) -> tuple[datetime, str]:
    """Return the sort key of finished jobs. Older back ends do not send when a job ended."""
    return (job.finished_at or job.updated_at or job.created_at or _NEVER, job.job_id)


def by_age(job: Job) -> tuple[bool, float, datetime, str]:
    """Return the sort key of active jobs. Of those moved to the front the last one is first."""
    is_pending = job.status is JobStatus.PENDING
    front = -job.promoted_at.timestamp() if is_pending and job.promoted_at else 0.0
    return (is_pending, front, job.created_at or _NEVER, job.job_id)


def _by_test(job: Job) -> tuple[str, datetime, int, str]:
    return (job.test_id or "", job.created_at or _NEVER, job.attempt, job.job_id)


def _status_of_test(of_test: Iterator[Job]) -> JobStatus | None:
    """Return the status with which a test counts, by its jobs, newest first: that of the newest,
    but after a failed or cancelled one the scores of an earlier completed one stand."""
    newest = next(of_test, None)
    if newest is None:
        return None
    stands = newest.status in _LEAVES_SCORES and any(
        job.status is JobStatus.COMPLETED for job in of_test
    )
    return JobStatus.COMPLETED if stands else newest.status


def _key(of_job: Callable[[Job], Any], jobs: Jobs) -> Callable[[str], Any]:
    return lambda job_id: of_job(jobs[job_id])


def _counted(names: Iterable[str | None]) -> Counter[str]:
    return Counter(name for name in names if name)


def _added(counts: Map[Name, int], name: Name | None, by: int) -> Map[Name, int]:
    if not name:
        return counts
    number = counts.get(name, 0) + by
    return counts.set(name, number) if number else counts.delete(name)
