"""Start a service with its portal, and kill a service with its workers."""

import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import psutil

from etl_monitor.service.access import tokens
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.open import open_database
from etl_monitor.wire.roles import Role
from tests.support.eventually import eventually
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.service_process import RunningService

Setting = Mapping[str, str]


@contextmanager
def with_portal(folder: Path, setting: Setting) -> Iterator[RunningService]:
    """Start a portal. The returned service is the portal's own; killing it kills the portal."""
    with running_portal(folder, environment=setting) as portal:
        yield RunningService(
            base_url=_address(portal),
            token=_new_token(folder / "data"),
            process=cast("subprocess.Popen[str]", portal.process),
            data_dir=folder / "data",
            log=portal.log,
        )


def kill(service: RunningService) -> None:
    """Kill the process with -9, and wait until its child processes have ended as well."""
    family = psutil.Process(service.process.pid).children(recursive=True)
    service.kill()
    eventually(lambda: all_gone(family), within=30)


def kill_workers(service: RunningService) -> None:
    for process in workers(service):
        process.kill()


def workers(service: RunningService) -> list[psutil.Process]:
    pids = {worker["pid"] for worker in service.data("GET", "/system")["workers"]}
    return [psutil.Process(pid) for pid in pids if pid is not None]


def all_gone(processes: list[psutil.Process]) -> None:
    alive = [process for process in processes if _is_alive(process)]
    assert not alive, alive


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


def _address(portal: PortalProcess) -> str:
    """Return the service's address; it chose its port itself."""
    connections = portal.service().net_connections(kind="inet")
    (port,) = {c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN}
    return f"http://127.0.0.1:{port}"


def _new_token(data_dir: Path) -> str:
    with open_database(Folders(root=data_dir)) as db, db.writing() as tx:
        return tokens.add(tx, secrets.token_hex(8), Role.ADMIN)
