"""The product on several machines, with real servers: two services and two portals behind nginx,
three workers of Celery, PostgreSQL and Redis. Each part may be killed and started again."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil
import requests

from tests.support.eventually import eventually
from tests.support.installation import WORKER_ARGUMENTS
from tests.support.lives import all_gone, kill
from tests.support.metric_values import metric_value
from tests.support.nginx import running_nginx
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted import UNHURRIED_SETTING
from tests.support.servers import Server, free_port, new_database, running_postgres, running_redis
from tests.support.service_process import ROOT, RunningService, running_service

TOKEN = "the-same-at-both"
Value = TypeVar("Value")

_START = 180.0  # seconds, on a busy machine


@dataclass(kw_only=True)
class ServiceMachine:
    """A service that may be killed or stopped, and started again at the same address."""

    port: int
    data_dir: Path
    setting: Mapping[str, str]
    running: RunningService | None = None
    _life: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        life = running_service(self.data_dir, env=self.setting, port=self.port)
        self.running = self._life.enter_context(life)

    def stop(self) -> None:
        self._life.close()
        self.running = None

    def kill(self) -> None:
        assert self.running is not None
        kill(self.running)
        self.stop()

    def metric(self, name: str) -> float:
        """Return the value of a metric; 0 if the service does not run."""
        if self.running is None:
            return 0.0
        return metric_value(self.running.call("GET", "/metrics").text, name)


@dataclass(kw_only=True)
class WorkerMachine:
    """A worker of Celery with one process for jobs."""

    name: str
    folder: Path
    setting: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        inherited = {name: value for name, value in os.environ.items() if "ETL_MONITOR" not in name}
        celery = str(Path(sys.executable).with_name("celery"))
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [celery, *WORKER_ARGUMENTS, f"--hostname={self.name}@%h"],
                cwd=ROOT,
                env=inherited | dict(self.setting),
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=120)
            self.process = None

    def kill(self) -> None:
        """Kill it with all its processes, as a machine that loses its power."""
        assert self.process is not None
        worker = psutil.Process(self.process.pid)
        family = worker.children(recursive=True)
        for process in (worker, *family):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        self.process = None
        eventually(lambda: all_gone(family), within=30)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """`address` is that of the services' nginx, `page` that of the portals', below a folder."""

    address: str
    page: str
    database_url: str
    services: Sequence[ServiceMachine]
    workers: Sequence[WorkerMachine]
    portals: Sequence[PortalProcess]
    postgres: Server
    redis: Server
    nginx: Server

    def person_service(self) -> RunningService:
        """Return the service as people reach it: through nginx, whichever one answers."""
        (some, *_) = (machine.running for machine in self.services if machine.running is not None)
        return RunningService(
            base_url=self.address,
            token=TOKEN,
            process=some.process,
            data_dir=some.data_dir,
            log=some.log,
        )

    def leader(self) -> ServiceMachine:
        """Wait until exactly one service leads, and return it."""

        def leads() -> ServiceMachine:
            leading = [m for m in self.services if m.metric("etl_monitor_leading") == 1]
            assert len(leading) == 1, len(leading)
            return leading[0]

        return eventually(leads, within=_START, every=0.2)

    def has_workers(self) -> None:
        service = self.person_service()
        alive = [worker for worker in service.data("GET", "/system")["workers"] if worker["alive"]]
        assert len(alive) == len(self.workers), alive


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres())
        redis = stack.enter_context(running_redis())
        database_url = new_database(postgres)
        setting = UNHURRIED_SETTING | {
            "ETL_MONITOR_DATA_DIR": str(folder / "data"),
            "ETL_MONITOR_DATABASE_URL": database_url,
            "ETL_MONITOR_BROKER_URL": f"redis://127.0.0.1:{redis.port}/0",
            "ETL_MONITOR_API_TOKEN": TOKEN,
            "ETL_MONITOR_WORKERS": "1",
        }
        services = [
            ServiceMachine(port=free_port(), data_dir=folder / "data", setting=setting)
            for _ in range(2)
        ]
        workers = [
            WorkerMachine(name=f"worker{number}", folder=folder, setting=setting)
            for number in range(3)
        ]
        for machines in (services, workers):  # workers do not start without the tables
            stack.enter_context(_all_at_once([_runs(machine) for machine in machines]))
        ports, portal_ports = [free_port(), free_port()], [free_port(), free_port()]
        nginx = running_nginx(portal_ports, [machine.port for machine in services], ports)
        address = f"http://127.0.0.1:{ports[1]}"
        portals = _all_at_once([_portal(folder, address, port) for port in portal_ports])
        cluster = Cluster(
            address=address,
            page=f"http://127.0.0.1:{ports[0]}/etl/",
            database_url=database_url,
            services=services,
            workers=workers,
            nginx=stack.enter_context(nginx),
            portals=stack.enter_context(portals),
            postgres=postgres,
            redis=redis,
        )
        eventually(cluster.has_workers, within=_START, every=0.5)
        yield cluster


@contextmanager
def _all_at_once(contexts: Sequence[AbstractContextManager[Value]]) -> Iterator[list[Value]]:
    """Enter all contexts at the same time, and leave them at the same time."""
    stacks = [ExitStack() for _ in contexts]
    with ThreadPoolExecutor(len(contexts)) as pool:
        try:
            yield list(pool.map(lambda stack, c: stack.enter_context(c), stacks, contexts))
        finally:
            list(pool.map(ExitStack.close, stacks))


@contextmanager
def _runs(machine: ServiceMachine | WorkerMachine) -> Iterator[None]:
    try:
        machine.start()
        yield
    finally:
        machine.stop()


@contextmanager
def _portal(folder: Path, address: str, port: int) -> Iterator[PortalProcess]:
    own = folder / f"portal-{port}"
    own.mkdir()
    environment = {
        "ETL_MONITOR_API_URL": address,
        "ETL_MONITOR_API_TOKEN": TOKEN,
        "ETL_MONITOR_RECONNECT_INTERVAL": "0.5",
        "ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "1000000",
    }
    with running_portal(own, environment=environment, port=port) as portal:
        yield portal


def portal_metric(portal: PortalProcess, name: str, **labels: str) -> float:
    return metric_value(requests.get(f"{portal.url}/metrics", timeout=30).text, name, **labels)
