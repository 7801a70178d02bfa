"""A service with the workers that run its jobs: processes of its own, or a worker of Celery."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psutil

from tests.support.eventually import eventually
from tests.support.lives import all_gone, kill
from tests.support.people import Person
from tests.support.scripted import LIMITED_KIND, UNHURRIED_SETTING
from tests.support.service_process import ROOT, RunningService, running_service

WORKER_ARGUMENTS = ("-A", "etl_monitor.service.engines.celery", "worker")  # as documented
WORKERS = 2
HUNG_AFTER = 4.0  # seconds
SETTING = UNHURRIED_SETTING | {
    "ETL_MONITOR_WORKERS": str(WORKERS),
    "ETL_MONITOR_HUNG_AFTER": str(HUNG_AFTER),
    "ETL_MONITOR_CANCEL_DEADLINE": "1",
    "ETL_MONITOR_KIND_LIMITS": f"{LIMITED_KIND}=1",
    "ETL_MONITOR_LARGE_FILE_MB": "1",
}
_START = 120.0  # seconds, on a busy machine


class Installation:
    """`setting` are the environment variables of service and worker, besides `base`; with a broker
    among them the worker is one of Celery. `port`: of the service, by default any free one."""

    def __init__(
        self,
        folder: Path,
        setting: Mapping[str, str],
        base: Mapping[str, str] = SETTING,
        port: int = 0,
    ) -> None:
        self._folder, self.setting = folder, {**base, **setting}
        self._open, self._port = ExitStack(), port
        self._has_broker = "ETL_MONITOR_BROKER_URL" in setting
        self._service_runs = False
        self._worker: subprocess.Popen[bytes] | None = None
        self.service: RunningService

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def person(self, name: str) -> Person:
        return Person(service=self.service, user_id=name, folder=self._folder)

    def start(self, *queues: str) -> None:
        """Start everything that does not run, and wait until the workers are there. `queues`: that
        a worker of Celery consumes."""
        if not self._service_runs:
            data_dir = self._folder / "data"
            running = running_service(data_dir, env=self.setting, port=self._port)
            self.service = self._open.enter_context(running)
            self._service_runs = True
        if self._has_broker and self._worker is None:
            self._worker = self.celery(
                *WORKER_ARGUMENTS, *(["-Q", ",".join(queues)] if queues else [])
            )
        eventually(self._has_workers, within=_START, every=0.2)

    def stop_workers(self) -> None:
        """Stop the workers in order. Those of the service's own stop with it."""
        if self._worker is None:
            self._open.close()
            self._service_runs = False
            return
        self._worker.send_signal(signal.SIGTERM)
        assert self._worker.wait(timeout=60) == 0, self.worker_log()
        self._worker = None

    def stop(self) -> None:
        """Stop service and workers in order."""
        if self._worker is not None:
            self.stop_workers()
        self._open.close()

    def kill(self) -> None:
        """Kill service and workers with -9."""
        if self._worker is not None:
            self.kill_node()
        self.kill_service()

    def kill_node(self) -> None:
        """Kill the worker of Celery with -9, and wait until its processes have ended as well."""
        assert self._worker is not None
        family = psutil.Process(self._worker.pid).children(recursive=True)
        self._worker.kill()
        self._worker.wait()
        self._worker = None
        eventually(lambda: all_gone(family), within=30)

    def kill_service(self) -> None:
        """Kill the service with -9, and the workers of its own."""
        kill(self.service)
        self._open.close()
        self._service_runs = False

    def workers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.service.data("GET", "/system")["workers"]
        return found

    def worker_of(self, job_id: str) -> psutil.Process:
        """Return the process that runs the job."""
        (pid,) = [worker["pid"] for worker in self.workers() if worker["jobId"] == job_id]
        return psutil.Process(pid)

    def _has_workers(self) -> None:
        alive = [worker for worker in self.workers() if worker["alive"]]
        assert len(alive) == int(self.setting["ETL_MONITOR_WORKERS"]), self.worker_log()

    def worker_log(self) -> str:
        """Return what the workers have logged."""
        log = self._folder / "worker.log" if self._has_broker else self.service.log
        return log.read_text("utf-8")

    def celery(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a program of Celery with the worker's environment."""
        inherited = {name: value for name, value in os.environ.items() if "ETL_MONITOR" not in name}
        # With a storage that both use, nothing else has to be shared.
        data_dir = "worker" if "ETL_MONITOR_STORAGE_URL" in self.setting else "data"
        data = {"ETL_MONITOR_DATA_DIR": str(self._folder / data_dir)}
        with (self._folder / "worker.log").open("ab") as log:
            return subprocess.Popen(
                [str(Path(sys.executable).with_name("celery")), *arguments],
                cwd=ROOT,
                env=inherited | self.setting | data,
                stdout=log,
                stderr=log,
            )
