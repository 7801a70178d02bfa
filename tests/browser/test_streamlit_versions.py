"""Embedding with the lowest and the newest Streamlit: our wheel, installed without extras."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.browser.test_embedding import EXAMPLE, begin, marked
from tests.support.marks import jobs
from tests.support.needs import cannot
from tests.support.portal_process import running_portal
from tests.support.scripted import SETTING
from tests.support.service_process import RunningService, running_service
from tests.support.wheel import build_wheel

LOWEST, NEWEST = "streamlit==1.64.*", "streamlit>=1.67,<2"
THEIR_CONFIG = "[server]\nheadless = true\n[browser]\ngatherUsageStats = false\n"
DRAW = f"""
from importlib.util import find_spec
for name in ("sqlalchemy", "alembic", "fastapi", "xlsxwriter", "psutil", "authlib", "filelock"):
    assert find_spec(name) is None, name
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(EXAMPLE)!r}, default_timeout=60).run()
print(len(app.get("bidi_component")), *(error.message for error in app.exception))
"""

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the Python of an environment for each version, with our wheel and what it requires."""
    folder = tmp_path_factory.mktemp("environments")
    wheel, versions = build_wheel(folder), (LOWEST, NEWEST)
    with ThreadPoolExecutor() as threads:
        pythons = threads.map(
            lambda version: _install(folder / str(versions.index(version)), wheel, version),
            versions,
        )
        return dict(zip(versions, pythons, strict=True))


def _install(folder: Path, wheel: Path, streamlit: str) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    options = ["--quiet", "--disable-pip-version-check", "--no-compile"]
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    command = [*pip, "install", *options, str(wheel), streamlit]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        cannot(f"packages cannot be installed: {done.stderr[-500:]}")
    return python


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("service")
    with running_service(folder / "data", env=SETTING | {"ETL_MONITOR_WORKERS": "1"}) as process:
        yield process


@pytest.mark.parametrize("version", [LOWEST, NEWEST])
def test_the_example_draws(
    version: str, environments: dict[str, Path], service: RunningService, tmp_path: Path
) -> None:
    where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
    done = subprocess.run(
        [str(environments[version]), "-W", "ignore", "-c", DRAW],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=where | {"PATH": ""},
    )
    assert done.stdout == "3\n", done.stderr  # the bus, the badge, the monitor


@pytest.mark.parametrize("version", [LOWEST])
def test_the_example_is_live_and_cancels(
    version: str,
    environments: dict[str, Path],
    service: RunningService,
    open_page: OpenPage,
    tmp_path: Path,
) -> None:
    """The newest one is that of test_embedding."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(THEIR_CONFIG, encoding="utf-8")
    job_id = begin(service, tmp_path / "never")
    with running_portal(
        tmp_path,
        script=EXAMPLE,
        environment={
            "ETL_MONITOR_API_URL": service.base_url,
            "ETL_MONITOR_API_TOKEN": service.token,
        },
        cwd=tmp_path,
        health="/_stcore/health",
        python=environments[version],
    ) as app:
        page = open_page(app.url, expects=PORTAL_GONE)
        card = jobs(page, job_id=job_id)
        expect(card).to_have_attribute("data-status", "running")
        card.get_by_role("button", name=f"Cancel job {job_id[:8]}").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Cancel this job").click()
        expect(card).to_have_attribute("data-status", "cancelled")
        expect(marked(page, job_id).first).to_have_attribute("data-status", "cancelled")
