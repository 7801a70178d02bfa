"""The embedded ETL service: a child process that is started, watched, restarted and stopped.

The child holds the reading end of a pipe (its standard input). When this process ends, in any way,
the pipe closes and the child stops by itself: nothing is left behind, even after `kill -9`.
"""

import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from etl_monitor.backoff import Backoff
from etl_monitor.errors import ServiceUnavailable, SettingError

_log = logging.getLogger(__name__)

READY = "ETL service listening on "
CANNOT_START = 2  # the service's exit code if another start would fail too
_START_TIMEOUT = 60.0  # seconds; a slow disk may need a few for the first database
_STOP_TIMEOUT = 10.0  # seconds
_PASSES_SOCKETS = os.name == "posix"
_RESTART_PAUSE = 0.2  # seconds before a service that ran is started again
_BACKOFF = Backoff(base=0.5, cap=30.0)  # for a service that ends before it is ready


class ServiceProcess:
    """Keeps one service process alive on a loopback port.

    The first service gets a listening socket, so that its address is known, and requests to it
    wait, before it is ready. A restarted one gets the same port, so that its address stays; if it
    does not get ready, another program may use the port, and the service chooses a free one.
    `on_ready` is called with the address, from the watching thread, each time that the service
    accepts requests.
    """

    def __init__(self, *, on_ready: Callable[[str], None], stop_grace: float = 0.0) -> None:
        """`stop_grace`: seconds that running jobs get when the service stops."""
        self._stop_timeout = _STOP_TIMEOUT + stop_grace
        self.token = secrets.token_urlsafe(32)
        self.url = ""
        self._port = 0  # a free one
        self._listener: socket.socket | None = None
        self._on_ready = on_ready
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # a stop and a restart never overlap
        self._was_ever_ready = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._last_line = ""
        self._exit_code: int | None = None
        self._thread = threading.Thread(target=self._watch, name="etl-service-child", daemon=True)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the service. `url` is its address then, also if it is not ready yet.

        Where sockets cannot be passed to a process, waits until it is ready and raises as
        `wait_until_ready`.
        """
        if _PASSES_SOCKETS:
            # The protocol is named: asyncio sends small replies at once only if it is.
            self._listener = socket.socket(proto=socket.IPPROTO_TCP)
            self._listener.bind(("127.0.0.1", 0))
            self._listener.listen()
            self.url = "http://{}:{}".format(*self._listener.getsockname())
        self._thread.start()
        if not self.url:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the service accepts requests, or is stopped.

        Raises SettingError with the service's own message if a setting is invalid, and
        ServiceUnavailable if it does not get ready.
        """
        is_ready = self._was_ever_ready.wait(_START_TIMEOUT)
        if self._stopping.is_set():
            return
        if self._exit_code == CANNOT_START:
            raise SettingError("service_cannot_start", self._last_line)
        if not is_ready or self._exit_code is not None:
            self.stop()
            raise ServiceUnavailable("service_not_started", self._start_failure())

    def stop(self) -> None:
        """Ask the service to stop, wait for it, and kill it if it does not."""
        with self._lock:
            self._stopping.set()
            process = self._process
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        self._thread.join(self._stop_timeout)
        if self._thread.is_alive():
            process.kill()
            self._thread.join()

    def _start_failure(self) -> str:
        ended = f"it ended at once, with exit code {self._exit_code}"
        silent = f"it was not ready within {_START_TIMEOUT:.0f} s"
        reason = self._last_line or (silent if self._exit_code is None else ended)
        return f"The ETL service did not start: {reason}. Its log above may say more."

    def _watch(self) -> None:
        pause, failures = 0.0, 0
        while not self._stopping.wait(pause):
            was_ready = self._run_once()
            if self._stopping.is_set() or not self._was_ever_ready.is_set():
                break
            failures = 0 if was_ready else failures + 1
            pause = _BACKOFF.delay(failures) or _RESTART_PAUSE
            _log.warning(
                "service_ended", extra={"exit_code": self._exit_code, "next_try_in": pause}
            )
        self._was_ever_ready.set()

    def _run_once(self) -> bool:
        """Run the service until it ends; return whether it accepted requests."""
        with self._lock:
            if self._stopping.is_set():
                return False
            self._process = self._spawn()
            self._exit_code = None
        with self._process as process:
            was_ready = self._read_output(process)
            self._exit_code = process.wait()
        if not was_ready:
            self._port = 0
        return was_ready

    def _read_output(self, process: subprocess.Popen[str]) -> bool:
        was_ready = False
        for line in process.stdout or ():
            if line.startswith(READY):
                was_ready = True
                self._ready(line.removeprefix(READY).strip())
            elif line.strip():
                self._last_line = line.strip()
        return was_ready

    def _ready(self, url: str) -> None:
        self.url, self._port = url, urlsplit(url).port or 0
        self._was_ever_ready.set()
        self._on_ready(url)

    def _spawn(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "etl_monitor.service", "--stop-with-parent"]
        listener, self._listener = self._listener, None
        if listener is None:
            command += ["--host", "127.0.0.1", "--port", str(self._port)]
            return self._popen(command)
        with listener:
            command += ["--listener", str(listener.fileno())]
            return self._popen(command, pass_fds=[listener.fileno()])

    def _popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        # The token is passed in the environment: a command line is readable for all local users.
        environment = os.environ | {"ETL_MONITOR_API_TOKEN": self.token, "PYTHONUTF8": "1"}
        return subprocess.Popen(  # noqa: S603  # our own module, no foreign input
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            **options,
        )
