"""The embedded service: start, watch, restart, stop, and reasons why a start fails."""

import io
import queue
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from etl_monitor.client import EtlClient
from etl_monitor.errors import ServiceUnavailable, SettingError
from etl_monitor.portal.service_process import ServiceProcess
from tests.support.eventually import eventually
from tests.support.portal_process import running_portal
from tests.support.portal_session import open_page
from tests.support.scripted import KIND, SETTING, Script
from tests.support.service_process import ROOT, running_service

pytestmark = pytest.mark.long

GATED = {"ETL_MONITOR_PIPELINE": "tests.support.gated_start:PIPELINE"}


class Watched:
    """A service process with a record of how often it was ready."""

    def __init__(self) -> None:
        self.ready: queue.Queue[str] = queue.Queue()
        self.service = ServiceProcess(on_ready=self.ready.put)

    @property
    def process(self) -> psutil.Process:
        assert self.service.pid is not None
        return psutil.Process(self.service.pid)

    def family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the environment that the service inherits."""
    monkeypatch.chdir(ROOT)
    settings = SETTING | {
        "ETL_MONITOR_DATA_DIR": str(tmp_path / "data"),
        "ETL_MONITOR_WORKERS": "1",
    }
    for name, value in (settings | {"ETL_MONITOR_SAMPLES": "false"}).items():
        monkeypatch.setenv(name, value)
    return tmp_path / "data"


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.service.stop()


def test_a_request_waits_until_the_service_is_ready(watched: Watched) -> None:
    watched.service.start()
    assert watched.ready.empty()
    assert EtlClient(watched.service.url, watched.service.token).jobs().jobs == ()
    assert watched.ready.get(timeout=30) == watched.service.url
    assert watched.service.url.startswith("http://127.0.0.1:")
    assert requests.get(f"{watched.service.url}/etl/jobs", timeout=30).status_code == 401
    family = watched.family()
    assert len(family) >= 2
    for process in family:
        assert watched.service.token not in " ".join(process.cmdline())


def test_a_stop_before_it_is_ready_is_no_failure(watched: Watched) -> None:
    watched.service.start()
    watched.service.stop()
    watched.service.wait_until_ready()


def test_a_service_is_restarted_on_its_port_after_each_kill(watched: Watched) -> None:
    watched.service.start()
    address = watched.ready.get(timeout=30)
    for _ in range(3):
        killed = watched.process
        killed.kill()
        assert watched.ready.get(timeout=30) == address
        assert watched.service.pid != killed.pid
    assert watched.service.url == address
    assert EtlClient(address, watched.service.token).jobs().jobs == ()


def test_a_restarted_service_whose_port_is_taken_chooses_another(watched: Watched) -> None:
    watched.service.start()
    address = watched.ready.get(timeout=30)
    with killed_with_its_port_taken(watched, int(address.rpartition(":")[2])):
        moved = watched.ready.get(timeout=60)
        assert moved != address
        assert EtlClient(moved, watched.service.token).jobs().jobs == ()
        watched.process.kill()
        assert watched.ready.get(timeout=30) == moved, "it keeps its last port"


@contextmanager
def killed_with_its_port_taken(watched: Watched, port: int) -> Iterator[None]:
    """Kill the service, and listen on its port before it is restarted."""
    watched.process.kill()
    with eventually(lambda: listening_on(port), every=0.005):
        yield


def listening_on(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise AssertionError from error


def test_stop_ends_the_service_and_its_workers(watched: Watched, tmp_path: Path) -> None:
    watched.service.start()
    upload(
        EtlClient(watched.service.url, watched.service.token), Script(gate=str(tmp_path / "gate"))
    )
    family = eventually(lambda: two_or_more(watched))
    watched.service.stop()
    eventually(lambda: none_runs(family))
    assert watched.ready.qsize() == 1, "it was not restarted"


def test_a_stop_during_a_restart_leaves_nothing_behind(watched: Watched) -> None:
    before = _services()
    watched.service.start()
    watched.ready.get(timeout=30)
    watched.process.kill()
    watched.service.stop()
    assert _services() <= before


def _services() -> set[int]:
    """Return the ids of all services below this process, also those of other tests."""
    family = psutil.Process().children(recursive=True)
    return {p.pid for p in family if "etl_monitor.service" in p.cmdline()}


def test_a_stop_before_the_start_does_nothing() -> None:
    Watched().service.stop()


def test_a_data_directory_in_use(watched: Watched, data_dir: Path) -> None:
    with running_service(data_dir, env=SETTING) as first:
        assert start_error(watched).startswith(f"The data directory {data_dir} is in use")
        assert first.data("GET", "/healthz")


def test_a_data_directory_that_cannot_be_created(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, but no folder can be created below a file."""
    (tmp_path / "file").write_text("a file")
    below = tmp_path / "file" / "data"
    monkeypatch.setenv("ETL_MONITOR_DATA_DIR", str(below))
    assert start_error(watched).startswith(f"The data directory {below} cannot be written to")


def test_an_invalid_setting(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_WORKERS", "many")
    assert start_error(watched).startswith("ETL_MONITOR_WORKERS=many cannot be used; allowed: ")


@pytest.mark.skipif(sys.platform == "win32", reason="PYTHONHOME is looked for elsewhere there")
def test_a_service_that_ends_at_once(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    watched.service.start()
    with pytest.raises(ServiceUnavailable, match="ended at once, with exit code 1"):
        watched.service.wait_until_ready()


def start_error(watched: Watched) -> str:
    """Return the service's own message why it cannot start; it is not started again."""
    watched.service.start()
    with pytest.raises(SettingError) as caught:
        watched.service.wait_until_ready()
    assert caught.value.code == "service_cannot_start"
    assert watched.ready.empty()
    assert "\n" not in caught.value.message
    return caught.value.message


def upload(client: EtlClient, script: Script) -> None:
    client.upload(io.BytesIO(script.file()), "a.json", test_kind=KIND, title="A", user_id="kim")


def two_or_more(watched: Watched) -> list[psutil.Process]:
    family = watched.family()
    assert len(family) >= 2, "a worker runs"
    return family


def none_runs(family: list[psutil.Process]) -> None:
    assert not [process for process in family if process.is_running()]


def test_pages_open_before_the_service_is_ready(data_dir: Path, tmp_path: Path) -> None:
    with running_portal(tmp_path, environment=GATED, with_service=False) as portal:
        assert "listening" not in portal.log.read_text(encoding="utf-8")
        data_dir.mkdir(exist_ok=True)
        with ThreadPoolExecutor() as pool:
            page = pool.submit(_open_and_close, portal.url)
            (data_dir / "gate").touch()
            assert page.result(timeout=60)


def _open_and_close(url: str) -> bool:
    with open_page(url) as page:
        return bool(page.components)
