"""A real ETL service in a process of its own."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import requests

READY = "ETL service listening on "
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class RunningService:
    base_url: str
    token: str
    process: "subprocess.Popen[str]"
    data_dir: Path
    log: Path
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Return the reply, whatever its status."""
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.session.request(
            method,
            self.base_url + path,
            headers=headers,
            timeout=options.pop("timeout", 30),
            **options,
        )

    def data(self, method: str, path: str, **options: Any) -> Any:
        """Return the data of a successful reply."""
        reply = self.call(method, path, **options)
        body = reply.json()
        assert body["success"] is True, body
        return body["data"]

    def error(self, method: str, path: str, **options: Any) -> tuple[int, str, dict[str, Any]]:
        """Return status, code and details of an error reply."""
        reply = self.call(method, path, **options)
        body = reply.json()
        assert body["success"] is False, body
        return reply.status_code, body["error"]["code"], body["error"]["details"]

    def kill(self) -> None:
        """Kill the process, as `kill -9` does."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running_service(
    data_dir: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    samples: bool = False,
    port: int = 0,
    descriptors: int | None = None,
) -> Iterator[RunningService]:
    """Start a service, wait until it is ready, and stop it at the end.

    Its log is beside the data directory. `descriptors`: as many as it may have, as `ulimit -n`.
    """
    token = secrets.token_urlsafe(16)
    with open_log(data_dir) as log:
        process = spawn_service(
            data_dir,
            f"--port={port}",
            "--samples" if samples else "--no-samples",
            "--stop-with-parent",
            *arguments,
            env={"ETL_MONITOR_API_TOKEN": token, **(env or {})},
            stderr=log,
            descriptors=descriptors,
        )
        try:
            yield RunningService(
                base_url=_ready(process, Path(log.name)),
                token=(env or {}).get("ETL_MONITOR_API_TOKEN", token),
                process=process,
                data_dir=data_dir,
                log=Path(log.name),
            )
        finally:
            end(process)


def spawn_service(
    data_dir: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    stderr: Any = None,
    descriptors: int | None = None,
) -> "subprocess.Popen[str]":
    """Start a service without waiting for it. It inherits no setting of this process, and has one
    worker if `env` names no number: each costs as much as the service's own start."""
    inherited = {name: value for name, value in os.environ.items() if "ETL_MONITOR" not in name}
    defaults = {"PYTHONUTF8": "1", "ETL_MONITOR_WORKERS": "1"}
    command = [sys.executable, "-m", "etl_monitor.service", f"--data-dir={data_dir}", *arguments]
    return subprocess.Popen(
        command if descriptors is None else limited(command, descriptors),
        cwd=ROOT,
        env=inherited | defaults | dict(env or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        encoding="utf-8",
    )


def limited(command: Sequence[str], descriptors: int) -> list[str]:
    """Return the command that runs `command` with so many descriptors and no way to get more."""
    return ["bash", "-c", f'ulimit -n {descriptors} && exec "$@"', "limited", *command]


def end(process: "subprocess.Popen[str]") -> None:
    """Close the service's standard input, which stops it. Raises if it has to be killed."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    finally:
        if process.stdout:
            process.stdout.close()


def open_log(data_dir: Path) -> IO[str]:
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    return tempfile.NamedTemporaryFile(
        "w", dir=data_dir.parent, prefix=f"{data_dir.name}-", suffix=".log", delete=False
    )


def _ready(process: "subprocess.Popen[str]", log: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(READY):
            return line.removeprefix(READY).strip()
    raise AssertionError(f"the service did not start:\n{log.read_text('utf-8')}")
