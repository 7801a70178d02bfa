"""Killed processes: the page shows it and recovers by itself, and no process is left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
from playwright.sync_api import expect

from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs
from tests.support.portal_process import ROOT, free_port, running_portal

SAMPLES = {"ETL_MONITOR_SAMPLES": "true"}


def test_a_killed_service_is_restarted_and_the_table_is_right(
    tmp_path: Path, open_page: OpenPage
) -> None:
    with running_portal(tmp_path, environment=SAMPLES) as portal:
        page = open_page(portal.url, expects=PORTAL_GONE)
        page.evaluate("window.neverReloaded = true")
        expect(jobs(page, status="running").first).to_be_visible()
        portal.service().send_signal(signal.SIGKILL)
        expect(connection(page, "reconnecting")).to_be_visible()
        expect(connection(page, "live")).to_be_visible(timeout=30_000)
        expect(
            jobs(page, status="failed").filter(has_text="ended unexpectedly").first
        ).to_be_visible()
        expect(jobs(page, status="running").or_(jobs(page, status="pending"))).to_have_count(
            0, timeout=120_000
        )
        assert page.evaluate("window.neverReloaded") is True


def test_a_killed_portal_leaves_no_process(tmp_path: Path, open_page: OpenPage) -> None:
    with running_portal(tmp_path, environment=SAMPLES) as portal:
        page = open_page(portal.url, expects=PORTAL_GONE)
        expect(jobs(page, status="running").first).to_be_visible()
        family = portal.family()
        assert len(family) >= 3, "the service and at least two of its processes"
        portal.kill()
        eventually(lambda: _assert_gone(family), within=15)


def test_a_second_portal_on_the_same_data_ends_with_an_error(tmp_path: Path) -> None:
    with running_portal(tmp_path) as first:
        second = _start(tmp_path / "data", tmp_path / "second.log")
        assert second == 2
        log = (tmp_path / "second.log").read_text(encoding="utf-8")
        assert "is in use by another ETL service" in log
        assert "Traceback" not in log
        assert first.process.poll() is None


def _start(data_dir: Path, log: Path) -> int:
    """Start a portal that cannot run. Returns its exit code."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={free_port()}"]
    environment = os.environ | {"ETL_MONITOR_DATA_DIR": str(data_dir)}
    with log.open("wb") as output:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            timeout=60,
            check=False,
        ).returncode


def _assert_gone(family: list[psutil.Process]) -> None:
    assert not [process for process in family if process.is_running()]
