"""The portal as users start it: `streamlit run app.py` in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from tests.support.eventually import eventually
from tests.support.service_process import limited

ROOT = Path(__file__).parents[2]
_APP = ROOT / "app.py"


@dataclass(frozen=True, kw_only=True)
class PortalProcess:
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def family(self) -> list[psutil.Process]:
        """Return all processes below the portal: the service and its workers."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def service(self) -> psutil.Process:
        """Return the process of the embedded service."""
        return next(p for p in self.family() if "etl_monitor.service" in " ".join(p.cmdline()))

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_portal(
    folder: Path,
    *,
    script: Path = _APP,
    environment: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    health: str = "/healthz",
    port: int | None = None,
    descriptors: int | None = None,
    python: Path = Path(sys.executable),
    with_service: bool = True,
) -> Iterator[PortalProcess]:
    """Run a portal with a data directory in `folder` and one worker; stop all at the end.

    Another `script` is another app, with its own `cwd` and Streamlit's `health` path. `port`: reuse
    the port of an earlier portal. `descriptors`: as many as it may have, as `ulimit -n`.
    `python`: that of another environment. `with_service`: wait for the portal's own service too.
    """
    port, log = port or free_port(), folder / "portal.log"
    settings = {
        "ETL_MONITOR_DATA_DIR": str(folder / "data"),
        "ETL_MONITOR_SAMPLES": "false",
        "ETL_MONITOR_WORKERS": "1",
    }
    command = [str(python), "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command if descriptors is None else limited(command, descriptors),
            cwd=cwd,
            env=_clean_environment() | settings | dict(environment or {}),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    portal = PortalProcess(url=f"http://127.0.0.1:{port}", process=process, log=log)
    try:
        _wait_until_ready(portal, health)
        has_own_service = script == _APP and "ETL_MONITOR_API_URL" not in (environment or {})
        if has_own_service and with_service:
            eventually(lambda: _service_is_ready(portal), within=60)
        yield portal
    finally:
        _stop(process)


def _wait_until_ready(portal: PortalProcess, health: str) -> None:
    def is_ready() -> None:
        log = portal.log.read_text(encoding="utf-8", errors="replace")
        assert portal.process.poll() is None, f"the portal ended: {log}"
        assert _status(portal.url + health) == 200

    eventually(is_ready, within=180)


def _service_is_ready(portal: PortalProcess) -> None:
    assert '"event": "listening"' in portal.log.read_text(encoding="utf-8", errors="replace")


def _status(url: str) -> int:
    """Return the HTTP status, or 0 if there is no reply yet."""
    try:
        return requests.get(url, timeout=2).status_code
    except requests.RequestException:
        return 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _clean_environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith("ETL_MONITOR_")
    }
