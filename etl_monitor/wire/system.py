"""How a service is: its workers, its queue, its feed, its place on the disk, as on the wire."""

from etl_monitor.wire.base import MaybeTime, Time, Wire
from etl_monitor.wire.job import JobStatus


class WorkerSeen(Wire):
    """A worker process. `heartbeat_at` is its job's; an idle one only is or is not alive."""

    name: str
    pid: int | None = None
    alive: bool
    job_id: str | None = None
    heartbeat_at: MaybeTime = None


class SystemState(Wire):
    """One look at a service. `position` is the newest event's number, `oldest_event` that of the
    oldest one that can still be replayed. Sizes in bytes."""

    version: str
    python: str
    database: str  # its kind and version
    started_at: Time
    now: Time  # by the service's clock
    position: int
    oldest_event: int
    subscribers: int  # open feeds
    jobs: dict[JobStatus, int]
    samples: int  # sample tests that are there
    workers: tuple[WorkerSeen, ...]
    disk_free: int
    disk_total: int
