"""The rules of the queue: how many jobs of a kind, and of those with large files, run at once.

The service writes them to the database when it starts, and every claim reads them there. So they
hold for all workers, on whatever machine, by the settings of the service alone.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import NamedTuple, Self

from sqlalchemy import ColumnElement, Connection, delete, exists, false, insert, select
from sqlalchemy import func as sql

from etl_monitor.service.storage.tables import jobs, meta, tests
from etl_monitor.setting_values import parse_kind_limits
from etl_monitor.settings import Settings
from etl_monitor.wire.job import JobStatus

_MB = 10**6  # bytes
_KEY = "queue_rules"


class JobClass(NamedTuple):
    kind: str
    is_large: bool


@dataclass(frozen=True, kw_only=True)
class QueueRules:
    kind_limits: Mapping[str, int] = field(default_factory=dict)  # other kinds have none
    large_bytes: int | None = None  # a file of more bytes is large; None: none is
    large_jobs: int = 1

    @classmethod
    def of(cls, settings: Settings) -> Self:
        size = settings.large_file_mb
        return cls(
            kind_limits=parse_kind_limits(settings.kind_limits),
            large_bytes=None if size is None else size * _MB,
            large_jobs=settings.large_jobs,
        )

    @property
    def limit_anything(self) -> bool:
        return bool(self.kind_limits) or self.large_bytes is not None

    def class_of(self, kind: str, is_large: bool) -> JobClass:
        """Return the class of a job. All kinds without a limit are in one, whose kind is ""."""
        return JobClass(kind if kind in self.kind_limits else "", is_large)

    def is_large(self) -> ColumnElement[bool]:
        """Return whether a job's answer file is large."""
        if self.large_bytes is None:
            return false()
        of_job = tests.c.test_id == jobs.c.test_id
        return exists().where(of_job, tests.c.file_bytes > self.large_bytes)


class Room:
    """How many jobs may start beside those that run."""

    def __init__(self, rules: QueueRules, running: Mapping[JobClass, int]) -> None:
        self._rules = rules
        self._of_kind: Counter[str] = Counter()
        self._large = 0
        for job, count in running.items():
            self.add(job, count)

    def has_room(self, job: JobClass) -> bool:
        return self.left(job) > 0

    def left(self, job: JobClass) -> float:
        """Return how many more jobs of the class may start; infinity if it has no limit."""
        limit = self._rules.kind_limits.get(job.kind, math.inf)
        large = self._rules.large_jobs - self._large if job.is_large else math.inf
        return min(limit - self._of_kind[job.kind], large)

    def add(self, job: JobClass, count: int = 1) -> None:
        """Count jobs that start; a negative number ends."""
        self._of_kind[job.kind] += count
        self._large += count * job.is_large

    @property
    def full_kinds(self) -> Sequence[str]:
        """The kinds of which no more jobs may start."""
        limits = self._rules.kind_limits.items()
        return [kind for kind, limit in limits if self._of_kind[kind] >= limit]

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions under which a pending job of another kind may start."""
        if self._rules.large_bytes is not None and self._large >= self._rules.large_jobs:
            yield ~self._rules.is_large()


def store(tx: Connection, rules: QueueRules) -> None:
    tx.execute(delete(meta).where(meta.c.key == _KEY))
    tx.execute(insert(meta).values(key=_KEY, value=json.dumps(asdict(rules))))


def stored(tx: Connection) -> QueueRules:
    value = tx.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar_one_or_none()
    return QueueRules() if value is None else QueueRules(**json.loads(value))


def room(tx: Connection, rules: QueueRules) -> Room:
    """Return the room beside the jobs that run now."""
    return Room(rules, count(tx, rules, JobStatus.RUNNING) if rules.limit_anything else {})


def count(tx: Connection, rules: QueueRules, status: JobStatus) -> Mapping[JobClass, int]:
    """Count the jobs of a status by class, of kinds without a limit too."""
    is_large = rules.is_large().label("is_large")
    of_status = select(jobs.c.test_kind, is_large).where(jobs.c.status == status).subquery()
    columns = (of_status.c.test_kind, of_status.c.is_large)
    query = select(*columns, sql.count()).group_by(*columns)
    rows = tx.execute(query)
    return {JobClass(kind, bool(large)): number for kind, large, number in rows}
