"""The queue: each waiting job's place, and when it is expected to start."""

import heapq
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, select

from etl_monitor.service.jobs import rules
from etl_monitor.service.jobs.durations import Durations
from etl_monitor.service.jobs.filter import IS_PENDING, QUEUE_ORDER
from etl_monitor.service.jobs.rules import JobClass, QueueRules, Room
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.job import Job, JobStatus

_MOST_ESTIMATED = 100  # waiting jobs from the front; further back a start is a guess
_MOST_PLACED = 1000  # waiting jobs from the front; a list shows no more

AnyJob = TypeVar("AnyJob", bound=Job)


def with_places(tx: Connection, listed: Sequence[AnyJob], workers: int | None) -> Sequence[AnyJob]:
    """Return the jobs, waiting ones with their place and their expected start: those of the front,
    however many wait. No start is expected if `workers`, their number, is None."""
    if not any(job.status is JobStatus.PENDING for job in listed):
        return listed
    queue_rules = rules.stored(tx)
    waiting = _waiting(tx, queue_rules)
    order = _in_order_of_claims(tx, queue_rules, waiting)
    places = {row.job_id: number for number, row in enumerate(order, start=1)}
    starts = dict(_expected_starts(tx, queue_rules, waiting, workers)) if workers else {}
    return [
        job.model_copy(
            update={
                "queue_position": places.get(job.job_id),
                "expected_start": starts.get(job.job_id),
            }
        )
        for job in listed
    ]


def _waiting(tx: Connection, queue_rules: QueueRules) -> Sequence[Row[Any]]:
    is_large = queue_rules.is_large().label("is_large")
    return tx.execute(
        select(jobs.c.job_id, jobs.c.test_id, jobs.c.test_kind, is_large)
        .where(IS_PENDING)
        .order_by(*QUEUE_ORDER)
        .limit(_MOST_PLACED)
    ).all()


def _in_order_of_claims(
    tx: Connection, queue_rules: QueueRules, waiting: Sequence[Row[Any]]
) -> Sequence[Row[Any]]:
    """Return the jobs in the order in which workers would claim them if no running job ended: those
    that the rules hold back come last."""
    room = rules.room(tx, queue_rules)
    starting, held = [], []
    for job in waiting:
        job_class = queue_rules.class_of(job.test_kind, job.is_large)
        if room.has_room(job_class):
            room.add(job_class)
            starting.append(job)
        else:
            held.append(job)
    return [*starting, *held]


class _Lines:
    """The front of the queue by class: of one class, the first job is always the next to start."""

    def __init__(self, queue_rules: QueueRules, waiting: Sequence[Row[Any]]) -> None:
        self._lines: dict[JobClass, deque[tuple[int, Row[Any]]]] = defaultdict(deque)
        for number, job in enumerate(waiting):
            line = self._lines[queue_rules.class_of(job.test_kind, job.is_large)]
            if len(line) < _MOST_ESTIMATED:
                line.append((number, job))

    @property
    def jobs(self) -> Sequence[Row[Any]]:
        return [job for line in self._lines.values() for _, job in line]

    def take(self, room: Room) -> tuple[JobClass, Row[Any]] | None:
        """Take the first job that has room."""
        ready = [item for item in self._lines.items() if item[1] and room.has_room(item[0])]
        if not ready:
            return None
        job_class, line = min(ready, key=lambda item: item[1][0][0])
        return job_class, line.popleft()[1]


def _expected_starts(
    tx: Connection, queue_rules: QueueRules, waiting: Sequence[Row[Any]], workers: int
) -> Iterator[tuple[str, datetime]]:
    """Yield the expected starts of jobs, the earliest first, until one's duration is unknown."""
    at, lines, room = now(), _Lines(queue_rules, waiting), rules.room(tx, queue_rules)
    ends = _ends_of_running(tx, queue_rules, at)
    if ends is None:
        return
    durations, free = Durations(tx, lines.jobs), workers - len(ends)
    for _ in range(_MOST_ESTIMATED):
        while free <= 0 or (taken := lines.take(room)) is None:
            if not ends:
                return
            at, ended = heapq.heappop(ends)
            room.add(ended, -1)
            free += 1
        job_class, job = taken
        yield job.job_id, at
        duration = durations.of(job)
        if duration is None:
            return
        room.add(job_class)
        free -= 1
        heapq.heappush(ends, (at + duration, job_class))


def _ends_of_running(
    tx: Connection, queue_rules: QueueRules, at: datetime
) -> list[tuple[datetime, JobClass]] | None:
    """Return when each running job ends, the earliest first. None if one has no estimate."""
    columns = (jobs.c.estimated_completion, jobs.c.test_kind, queue_rules.is_large())
    running = tx.execute(select(*columns).where(jobs.c.status == JobStatus.RUNNING)).all()
    if any(end is None for end, _, _ in running):
        return None
    return sorted(
        (max(at, end), queue_rules.class_of(kind, is_large)) for end, kind, is_large in running
    )
