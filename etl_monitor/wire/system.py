"""The state of a service: its workers, its queue, its feed and its disk."""

from collections.abc import Mapping
from typing import Literal

from etl_monitor.wire.base import MaybeTime, Record, Time
from etl_monitor.wire.job import JobStatus


class WorkerSeen(Record):
    """A worker process. `job_id` and `heartbeat_at` are those of its job; None if it is idle."""

    name: str
    pid: int | None = None
    alive: bool
    job_id: str | None = None
    heartbeat_at: MaybeTime = None


class SystemState(Record):
    """A snapshot of a service. Disk sizes are in bytes."""

    version: str
    python: str
    database: str  # its kind and version
    started_at: Time
    now: Time  # by the service's clock
    position: int  # number of the newest event
    oldest_event: int  # number of the oldest event that can be replayed
    subscribers: int  # open feeds
    jobs: dict[JobStatus, int]
    samples: int  # sample tests that are there
    workers: tuple[WorkerSeen, ...]
    broken_kinds: tuple[str, ...] = ()  # what is wrong with definitions of test kinds
    lost_files: int = 0  # files that the database does not name, below lost/
    disk_free: int
    disk_total: int


class Check(Record):
    """Whether one part of the service works. `message` is for people."""

    ok: bool
    message: str


class Health(Record):
    status: Literal["ok"] = "ok"


class Readiness(Record):
    ready: Literal[True] = True
    checks: Mapping[str, Check]
