"""Calls to the service that run beside the drawing of pages, in a few threads."""

import logging
import queue
import threading
from collections.abc import Callable

from etl_monitor.errors import EtlMonitorError

_log = logging.getLogger(__name__)

_THREADS = 4
_MAX_WAITING = 256  # calls


class BackgroundCalls:
    """A few daemon threads with a bounded queue: a hanging call does not delay the portal's end."""

    def __init__(self, threads: int = _THREADS, max_waiting: int = _MAX_WAITING) -> None:
        self._threads = threads
        self._queue: queue.Queue[Callable[[], object]] = queue.Queue(max_waiting)
        self._lock = threading.Lock()
        self._is_started = False

    def submit(self, call: Callable[[], object]) -> bool:
        """Queue `call`. Returns False if too many calls wait already."""
        self._start()
        try:
            self._queue.put_nowait(call)
        except queue.Full:
            return False
        return True

    def _start(self) -> None:
        with self._lock:
            if self._is_started:
                return
            self._is_started = True
        for number in range(self._threads):
            name = f"etl-monitor-fetch-{number}"
            threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            call = self._queue.get()
            try:
                call()
            except EtlMonitorError:
                pass  # the cache has recorded it
            except Exception:  # noqa: BLE001  # a thread's top: the next calls must go on
                _log.exception("background_call_failed")
            del call  # or an idle thread would keep what the call refers to
