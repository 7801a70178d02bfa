"""The embedded service: started, watched, brought back, stopped; and why it sometimes cannot be."""

import io
import queue
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from etl_monitor.client import EtlClient
from etl_monitor.errors import ServiceUnavailable, SettingError
from etl_monitor.portal.service_process import ServiceProcess
from tests.support.eventually import eventually
from tests.support.scripted import KIND, SETTING, Script
from tests.support.service_process import ROOT, running_service


class Watched:
    """A child with a record of how often it said that it is ready."""

    def __init__(self) -> None:
        self.ready: queue.Queue[str] = queue.Queue()
        self.child = ServiceProcess(on_ready=self.ready.put)

    @property
    def process(self) -> psutil.Process:
        assert self.child.pid is not None
        return psutil.Process(self.child.pid)

    def family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a child inherits: the settings of this process."""
    monkeypatch.chdir(ROOT)
    settings = SETTING | {"ETL_MONITOR_DATA_DIR": str(tmp_path / "data")}
    for name, value in (settings | {"ETL_MONITOR_SAMPLES": "false"}).items():
        monkeypatch.setenv(name, value)
    return tmp_path / "data"


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.child.stop()


def test_started_and_ready(watched: Watched) -> None:
    watched.child.start()
    assert watched.ready.get(timeout=1) == watched.child.url
    assert watched.child.url.startswith("http://127.0.0.1:")
    assert EtlClient(watched.child.url, watched.child.token).jobs().jobs == ()
    assert requests.get(f"{watched.child.url}/etl/jobs", timeout=5).status_code == 401


def test_the_token_is_in_no_command_line(watched: Watched) -> None:
    watched.child.start()
    for process in watched.family():
        assert watched.child.token not in " ".join(process.cmdline())


def test_killed_it_is_brought_back_where_it_was(watched: Watched) -> None:
    watched.child.start()
    address, first = watched.ready.get(timeout=1), watched.process
    first.kill()
    assert watched.ready.get(timeout=30) == address
    assert watched.child.pid != first.pid
    assert EtlClient(address, watched.child.token).jobs().jobs == ()


def test_where_its_port_is_taken_meanwhile_it_chooses_another(watched: Watched) -> None:
    watched.child.start()
    address = watched.ready.get(timeout=1)
    with taken_after_its_end(watched, int(address.rpartition(":")[2])):
        moved = watched.ready.get(timeout=60)
        assert moved != address
        assert EtlClient(moved, watched.child.token).jobs().jobs == ()
        watched.process.kill()
        assert watched.ready.get(timeout=30) == moved, "it stays where it was last"


@contextmanager
def taken_after_its_end(watched: Watched, port: int) -> Iterator[None]:
    """Killed, with another program listening on its port before it is brought back."""
    watched.process.kill()
    with eventually(lambda: listening_on(port), every=0.005):
        yield


def listening_on(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise AssertionError from error


def test_killed_again_and_again(watched: Watched) -> None:
    watched.child.start()
    for _ in range(3):
        watched.ready.get(timeout=30)
        watched.process.kill()
    assert watched.ready.get(timeout=30) == watched.child.url


def test_stop_ends_it_and_its_workers(watched: Watched, tmp_path: Path) -> None:
    watched.child.start()
    upload(EtlClient(watched.child.url, watched.child.token), Script(gate=str(tmp_path / "gate")))
    family = eventually(lambda: two_or_more(watched))
    watched.child.stop()
    eventually(lambda: none_runs(family))
    assert watched.ready.qsize() == 1, "it was not brought back"


def test_a_stop_while_it_is_brought_back_leaves_nothing(watched: Watched) -> None:
    before = _services()
    watched.child.start()
    watched.process.kill()
    watched.child.stop()
    assert _services() <= before


def _services() -> set[int]:
    """Below this process, also those of other tests."""
    family = psutil.Process().children(recursive=True)
    return {p.pid for p in family if "etl_monitor.service" in p.cmdline()}


def test_a_stop_before_the_start_does_nothing() -> None:
    Watched().child.stop()


def test_a_data_directory_in_use(watched: Watched, data_dir: Path) -> None:
    with running_service(data_dir, env=SETTING) as first:
        assert refusal(watched).startswith(f"The data directory {data_dir} is in use")
        assert first.data("GET", "/healthz")


def test_a_data_directory_that_cannot_be_made(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, but nobody makes a folder below a file."""
    (tmp_path / "file").write_text("a file")
    below = tmp_path / "file" / "data"
    monkeypatch.setenv("ETL_MONITOR_DATA_DIR", str(below))
    assert refusal(watched).startswith(f"The data directory {below} cannot be written to")


def test_a_setting_that_cannot_be_used(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_WORKERS", "many")
    assert refusal(watched).startswith("ETL_MONITOR_WORKERS=many cannot be used; allowed: ")


@pytest.mark.skipif(sys.platform == "win32", reason="PYTHONHOME is looked for elsewhere there")
def test_a_service_that_breaks_at_once(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    with pytest.raises(ServiceUnavailable, match="ended at once, with exit code 1"):
        watched.child.start()


def refusal(watched: Watched) -> str:
    """Why it cannot start, in the service's own sentence; it is not tried again."""
    with pytest.raises(SettingError) as caught:
        watched.child.start()
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
