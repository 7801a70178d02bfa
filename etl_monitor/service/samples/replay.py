"""Score the samples again, in their order and at the pace of their first jobs."""

import logging
import threading
from collections.abc import Callable, Sequence

from etl_monitor.errors import ApiError
from etl_monitor.service.samples.pacing import Pace
from etl_monitor.service.storage.database import Database

_log = logging.getLogger(__name__)


class SampleReplay:
    """A thread that queues a job after another. A service has at most one."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pace: Pace, test_ids: Sequence[str], run: Callable[[str], object]) -> None:
        """Begin a replay in place of the one that goes on, if any. `run` queues a test's job."""
        with self._lock:
            self._end()
            self._stop = threading.Event()
            arguments = (self._stop, pace, test_ids, run)
            self._thread = threading.Thread(
                target=self._replay, args=arguments, name="sample-replay", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """End the replay; what is queued runs."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _replay(
        self,
        stop: threading.Event,
        pace: Pace,
        test_ids: Sequence[str],
        run: Callable[[str], object],
    ) -> None:
        try:
            for index, test_id in enumerate(test_ids):
                if not pace.wait(index, self._db, stop):
                    return
                _run(test_id, run)
        except Exception:  # noqa: BLE001  # the thread's top: samples do not end the service
            _log.exception("sample_replay_failed")


def _run(test_id: str, run: Callable[[str], object]) -> None:
    try:
        run(test_id)
    except ApiError as error:  # removed, or being scored on a person's request
        _log.info("sample_not_replayed", extra={"test_id": test_id, "code": error.code})
