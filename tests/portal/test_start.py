"""A portal that cannot start prints one line, exits with code 2 and leaves nothing behind."""

import os
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import psutil
import pytest

from tests.support.eventually import eventually
from tests.support.portal_process import ROOT, free_port

pytestmark = pytest.mark.long

MARK = "STARTED_BY_THIS_TEST"  # in the environment of every process that a start leaves behind


def start(folder: Path, settings: dict[str, str], port: int | None = None) -> tuple[int, str]:
    """Start a portal that cannot start; return its exit code and its output."""
    mark = str(uuid.uuid4())
    settings = {
        "ETL_MONITOR_DATA_DIR": str(folder / "data"),
        "ETL_MONITOR_SAMPLES": "false",
    } | settings
    inherited = {name: value for name, value in os.environ.items() if "ETL_MONITOR" not in name}
    completed = subprocess.run(
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "app.py",
            f"--server.port={port or free_port()}",
        ],
        cwd=ROOT,
        env=inherited | settings | {MARK: mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    eventually(lambda: nothing_is_left(mark))
    assert "Traceback" not in completed.stdout
    return completed.returncode, completed.stdout


def assert_printed(folder: Path, sentence: str, **settings: str) -> None:
    code, output = start(folder, settings)
    assert code == 2, output
    lines = [line for line in output.splitlines() if sentence in line and '"code"' not in line]
    assert len(lines) == 1, output


def nothing_is_left(mark: str) -> None:
    left = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                left.append(process)
        except psutil.Error:
            continue  # it has just ended, or belongs to another user
    assert not left


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"ETL_MONITOR_WORKERS": "0"}, "ETL_MONITOR_WORKERS=0 cannot be used; allowed: "),
        ({"ETL_MONITOR_LANGAUGE": "ko"}, "did you mean ETL_MONITOR_LANGUAGE?"),
    ],
    ids=["a value", "a name"],
)
def test_an_invalid_setting(tmp_path: Path, setting: dict[str, str], sentence: str) -> None:
    """Each other one that tests/test_settings.py loads ends the start in the same way."""
    assert_printed(tmp_path, sentence, **setting)
    assert not (tmp_path / "data").exists()


def test_a_data_directory_that_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    below = tmp_path / "file" / "data"
    assert_printed(tmp_path, f"{below} cannot be written to", ETL_MONITOR_DATA_DIR=str(below))


def test_a_missing_pipeline(tmp_path: Path) -> None:
    assert_printed(tmp_path, "No module named 'no'", ETL_MONITOR_PIPELINE="no.such:NAME")


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, output = start(tmp_path, {}, port)
    assert code != 0
    assert f"Port {port} is not available" in output
