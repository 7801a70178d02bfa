"""The thread that deletes old rows and files, so that the service does not grow forever."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.errors import StorageUnavailable
from etl_monitor.service.events.database_mark import record_mark
from etl_monitor.service.operations import retention
from etl_monitor.service.results import registration
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import RETRY_INTERVAL, DatabaseOutage

INTERVAL = 60.0  # seconds between two rounds
PAUSE = 0.05  # seconds between two steps, in which other writers get their turn

_log = logging.getLogger(__name__)


class Housekeeper:
    """Prunes the database in small steps, and removes files that failed jobs left behind.

    `removed` counts the rows and files removed since the start, by kind.
    """

    def __init__(
        self,
        db: Database,
        folders: Folders,
        policy: retention.RetentionPolicy,
        *,
        interval: float = INTERVAL,
    ) -> None:
        self._db, self._folders, self._interval = db, folders, interval
        self._steps: Mapping[str, Callable[[], int]] = {
            "events": lambda: retention.prune_events(db, policy),
            "jobs": lambda: retention.prune_jobs(db, policy),
            "activity": lambda: retention.prune_activity(db, policy),
        }
        self.removed = dict.fromkeys((*self._steps, "files"), 0)
        self._next_listing = 0.0  # of the monotonic clock
        self._outage = DatabaseOutage("housekeeper")
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start, also again after a stop."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                pause = self._round()
                self._outage.record_success()
            except SQLAlchemyError as error:
                self._outage.record_failure(error)
                pause = RETRY_INTERVAL
            except Exception:  # noqa: BLE001  # without this thread the disk would fill up
                _log.exception("housekeeper_failed")
                pause = self._interval

    def _round(self) -> float:
        """Remove everything that is due. Returns the seconds until the next round."""
        before = dict(self.removed)
        while sum(self._step(kind) for kind in self._steps):
            if self._stopping.wait(PAUSE):
                return 0.0
        self.removed["files"] += registration.remove_work_of_ended_jobs(self._db, self._folders)
        with suppress(StorageUnavailable):  # which is logged
            self.removed["files"] += self._remove_orphans()
            record_mark(self._db, self._folders)
        counts = {kind: count - before[kind] for kind, count in self.removed.items()}
        if any(counts.values()):
            _log.info("pruned", extra=counts)
        return self._interval

    def _remove_orphans(self) -> int:
        if time.monotonic() < self._next_listing:
            return 0
        count = registration.remove_orphans(self._db, self._folders)
        self._next_listing = time.monotonic() + self._folders.storage.listing_interval
        return count

    def _step(self, kind: str) -> int:
        count = self._steps[kind]()
        self.removed[kind] += count
        return count
