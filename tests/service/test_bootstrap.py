"""A service that cannot start prints one line and exits with code 2."""

import os
import socket
import sqlite3
import stat
import sys
from pathlib import Path

import psutil
import pytest
import requests

from tests.support.eventually import eventually
from tests.support.scripted import SETTING
from tests.support.service_process import READY, end, running_service, spawn_service

pytestmark = pytest.mark.long

TOKEN = {"ETL_MONITOR_API_TOKEN": "t"}


def _startup_error(data_dir: Path, *arguments: str, **env: str) -> str:
    """Start a service that must fail. Returns its line on standard error."""
    process = spawn_service(data_dir, "--port=0", *arguments, env=SETTING | TOKEN | env, stderr=-1)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 2, errors
    assert output == ""
    assert errors.count("\n") == 1, errors
    return errors.strip()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_port_in_use_stops_the_start(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = _startup_error(data_dir, f"--port={port}")
    assert message.startswith(f"Port {port} on 127.0.0.1 is taken")
    assert not data_dir.exists()


@pytest.mark.parametrize("port", ["abc", "", "-1", "65536", "8000.5", "9" * 5000])
def test_an_invalid_port_stops_the_start(data_dir: Path, port: str) -> None:
    message = _startup_error(data_dir, f"--port={port}")
    assert message == (
        f"argument --port: {port} is not a port (a number from 0 to 65535). See --help."
    )


def test_an_unknown_option_stops_the_start(data_dir: Path) -> None:
    assert _startup_error(data_dir, "--prot=1") == "unrecognized arguments: --prot=1. See --help."


def test_a_foreign_address_stops_the_start(data_dir: Path) -> None:
    assert "cannot listen on 203.0.113.1:" in _startup_error(data_dir, "--host=203.0.113.1")


def test_a_second_service_on_the_same_data_directory_stops(data_dir: Path) -> None:
    with running_service(data_dir, env=SETTING) as first:
        message = _startup_error(data_dir)
        assert message.startswith(f"The data directory {data_dir} is in use")
        assert first.data("GET", "/healthz")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no file that is open")
def test_a_second_service_stops_although_the_lock_file_was_deleted(data_dir: Path) -> None:
    with running_service(data_dir, env=SETTING) as first:
        (data_dir / "service.lock").unlink()
        message = _startup_error(data_dir)
        assert message.startswith(f"The data directory {data_dir} is in use")
        assert first.data("GET", "/healthz")
    with running_service(data_dir, env=SETTING):
        pass  # the lock ends with its service


def test_a_parent_program_reads_the_reason_from_standard_output(data_dir: Path) -> None:
    with running_service(data_dir, env=SETTING):
        process = spawn_service(
            data_dir, "--port=0", "--stop-with-parent", env=SETTING | TOKEN, stderr=-1
        )
        output, errors = process.communicate(timeout=120)
    assert output.startswith(f"The data directory {data_dir} is in use")
    assert '"code": "data_dir_in_use"' in errors
    assert process.returncode == 2


def test_a_data_directory_that_is_a_file_stops_the_start(data_dir: Path) -> None:
    data_dir.write_text("a file")
    message = _startup_error(data_dir)
    assert message.startswith(f"The data directory {data_dir} cannot be written to")
    assert data_dir.read_text() == "a file"


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind this user"
)
def test_a_read_only_data_directory_stops_the_start(data_dir: Path) -> None:
    data_dir.mkdir()
    data_dir.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert "cannot be written to" in _startup_error(data_dir)


def test_a_file_that_is_no_database_stops_the_start(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "etl.sqlite").write_bytes(b"this is no database, but it is long enough" * 100)
    assert f"The database in {data_dir} cannot be used" in _startup_error(data_dir)


def test_a_database_of_a_newer_version_stops_the_start(data_dir: Path) -> None:
    with running_service(data_dir, env=SETTING):
        pass
    with sqlite3.connect(data_dir / "etl.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "a newer version of this program" in _startup_error(data_dir)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ETL_MONITOR_WORKERS", "many", "ETL_MONITOR_WORKERS=many cannot be used; allowed: "),
        ("ETL_MONITOR_WORKER", "2", "did you mean ETL_MONITOR_WORKERS?"),
        ("ETL_MONITOR_KINDS_DIR", "no/kinds", "ETL_MONITOR_KINDS_DIR=no/kinds cannot be used"),
        ("ETL_MONITOR_PIPELINE", "nothing", "ETL_MONITOR_PIPELINE=nothing cannot be used"),
        ("ETL_MONITOR_PIPELINE", "no.such:NAME", "ModuleNotFoundError: No module named 'no'"),
        ("ETL_MONITOR_PIPELINE", "json:NAME", "AttributeError: module 'json' has no"),
        ("ETL_MONITOR_PIPELINE", "json:dumps", "it is not a Pipeline with steps"),
    ],
)
def test_an_invalid_setting_stops_the_start(
    data_dir: Path, name: str, value: str, message: str
) -> None:
    assert message in _startup_error(data_dir, **{name: value})


def test_a_broken_test_kind_takes_away_itself_only(data_dir: Path, tmp_path: Path) -> None:
    kinds = tmp_path / "kinds"
    kinds.mkdir()
    (kinds / "broken.toml").write_text("key = ")
    default = {"ETL_MONITOR_PIPELINE": "", "ETL_MONITOR_KINDS_DIR": str(kinds)}
    default["ETL_MONITOR_KIND_LIMITS"] = "broken=1,big_five_50=1"
    with running_service(data_dir, env=default) as service:
        offered = [kind["key"] for kind in service.data("GET", "/test-kinds")]
        assert offered == ["big_five_50", "reasoning_4x10"]
        checks = service.data("GET", "/readyz")["checks"]
        assert "broken.toml" in checks["test_kinds"]["message"]
        assert "broken.toml" in service.data("GET", "/system")["brokenKinds"][0]
        form = {"testKind": "broken", "userId": "kim"}
        files = {"file": ("answers.csv", b"respondent_id\n1\n")}
        status, code, _ = service.error("POST", "/tests/results", data=form, files=files)
        assert (status, code) == (400, "broken_definition")
        form["testKind"] = "other"
        assert service.error("POST", "/tests/results", data=form, files=files)[1] == (
            "unknown_test_kind"
        )
        log = service.log.read_text("utf-8")
        assert '"test_kind_broken"' in log
        (unknown,) = [line for line in log.splitlines() if '"limit_of_unknown_kind"' in line]
        assert '"broken"' in unknown


def test_a_start_without_a_token_makes_and_prints_one(data_dir: Path) -> None:
    process = spawn_service(data_dir, "--port=0", "--no-samples", "--stop-with-parent", env=SETTING)
    assert process.stdout is not None
    token = process.stdout.readline().partition("run: ")[2].split()[0]
    url = process.stdout.readline().removeprefix(READY).strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{url}/etl/jobs", headers=headers, timeout=30).ok
    end(process)


@pytest.mark.skipif(sys.platform != "linux", reason="the loaded libraries are known on Linux only")
def test_neither_service_nor_idle_workers_load_what_only_steps_need(data_dir: Path) -> None:
    """They take 60 MB in each process, and a third of a second of its start."""
    with running_service(data_dir, env={"ETL_MONITOR_WORKERS": "1"}) as service:

        def is_idle() -> None:
            assert service.data("GET", "/system")["workers"][0]["alive"]

        eventually(is_idle)
        process = psutil.Process(service.process.pid)
        for each in (process, *process.children(recursive=True)):
            loaded = {Path(library.path).name for library in each.memory_maps()}
            assert not [name for name in loaded if name.startswith(("libarrow", "_multiarray"))]


def test_a_failed_start_prints_no_token(data_dir: Path) -> None:
    settings = {"ETL_MONITOR_PIPELINE": "nothing"}
    process = spawn_service(data_dir, "--port=0", env=settings)
    output, _ = process.communicate(timeout=120)
    assert (process.returncode, output) == (2, "")
