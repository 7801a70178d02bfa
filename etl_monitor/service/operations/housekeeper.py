"""The thread that keeps the service from growing without end."""

import logging
import threading
from collections.abc import Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.operations import retention
from etl_monitor.service.results import registration
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import RETRY_INTERVAL, DatabaseOutage

POLL_INTERVAL = 60.0  # seconds
PAUSE = 0.05  # seconds between two steps: whoever else wants to write comes first

_log = logging.getLogger(__name__)


class Housekeeper:
    """Prunes the database step by step, and removes files that jobs without success left behind.

    `removed`: how many rows or files there have been in this life, by what they were.
    """

    def __init__(
        self,
        db: Database,
        folders: Folders,
        keep: retention.RetentionPolicy,
        *,
        every: float = POLL_INTERVAL,
    ) -> None:
        self._db, self._folders, self._every = db, folders, every
        self._steps: Mapping[str, Callable[[], int]] = {
            "events": lambda: retention.prune_events(db, keep),
            "jobs": lambda: retention.prune_jobs(db, keep),
            "activity": lambda: retention.prune_activity(db, keep),
        }
        self.removed = dict.fromkeys((*self._steps, "files"), 0)
        self._outage = DatabaseOutage("housekeeper")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_house, name="housekeeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _keep_house(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                pause = self._round()
                self._outage.record_success()
            except SQLAlchemyError as error:
                self._outage.record_failure(error)
                pause = RETRY_INTERVAL
            except Exception:  # noqa: BLE001  # without this thread the disk fills up
                _log.exception("housekeeper_failed")
                pause = self._every

    def _round(self) -> float:
        """Returns for how long there is nothing to do."""
        before = dict(self.removed)
        while sum(self._step(what) for what in self._steps):
            if self._stopping.wait(PAUSE):
                return 0.0
        self.removed["files"] += registration.remove_orphans(self._db, self._folders)
        gone = {what: count - before[what] for what, count in self.removed.items()}
        if any(gone.values()):
            _log.info("cleared_away", extra=gone)
        return self._every

    def _step(self, what: str) -> int:
        count = self._steps[what]()
        self.removed[what] += count
        return count
