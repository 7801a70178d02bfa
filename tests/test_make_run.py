"""The commands of the README, as they stand there."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import requests

from tests.support.eventually import eventually
from tests.support.portal_process import ROOT, free_port

START = re.search(r"## Start\n\n```sh\n(.*?)\n```", (ROOT / "README.md").read_text("utf-8"), re.S)


def test_the_readme_has_two_commands() -> None:
    assert START is not None
    clone, run = START[1].splitlines()
    assert clone.startswith("git clone ")
    assert run == "make run"


def test_make_run_starts_the_portal_with_its_service(tmp_path: Path) -> None:
    """Run in the environment of `make test`; nothing is installed again."""
    if shutil.which("make") is None or not (ROOT / ".venv" / "runtime").exists():
        missing = "no make, or no .venv of `make run` or `make test`"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    port = free_port()
    environment = {"ETL_MONITOR_DATA_DIR": str(tmp_path / "data"), "ETL_MONITOR_WORKERS": "1"}
    started = subprocess.Popen(
        ["make", "run", f"PORT={port}"],
        cwd=ROOT,
        env=os.environ | environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: _is_live(port), within=120)
        assert (tmp_path / "data" / "etl.sqlite").exists()
    finally:
        os.killpg(started.pid, signal.SIGINT)
        started.wait(timeout=60)


def _is_live(port: int) -> None:
    try:
        reply = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).json()
    except requests.RequestException:
        reply = {}
    assert reply == {"status": "ok", "connection": "live"}
