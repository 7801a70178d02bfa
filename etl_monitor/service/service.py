"""The running service: its parts, assembled once."""

from dataclasses import dataclass

from etl_monitor.pipeline.base import Pipeline
from etl_monitor.service.access.principal import Tokens
from etl_monitor.service.engines.base import Engine
from etl_monitor.service.events.notifications import NotificationListener
from etl_monitor.service.events.tail import EventTail
from etl_monitor.service.feed import Feed
from etl_monitor.service.operations.housekeeper import Housekeeper
from etl_monitor.service.operations.leader import Leader
from etl_monitor.service.operations.metrics import Metrics
from etl_monitor.service.samples.replay import SampleReplay
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Service:
    service_id: str  # the id of its event log: another database is another service
    settings: Settings
    folders: Folders
    db: Database
    pipeline: Pipeline
    engine: Engine
    tail: EventTail
    notifications: NotificationListener | None  # None: SQLite has none, the tail polls
    feed: Feed
    tokens: Tokens
    housekeeper: Housekeeper
    leader: Leader
    metrics: Metrics
    sample_replay: SampleReplay

    @property
    def worker_count(self) -> int | None:
        """None if some take certain jobs only, so that their number says little."""
        return None if self.engine.is_routed else len(self.engine.workers()) or 1

    def notify_committed(self, new_job_id: str | None = None) -> None:
        """Wake the followers of the event log and, if a new job is pending, a worker."""
        self.tail.notify()
        if new_job_id is not None:
            self.engine.notify_job(new_job_id)
