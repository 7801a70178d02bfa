"""The monitor in another Streamlit app, without our lifespan hook, with a real service."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs
from tests.support.portal_process import ROOT, PortalProcess, running_portal
from tests.support.scripted import KIND, SETTING, Script
from tests.support.service_process import RunningService, running_service

EXAMPLE = ROOT / "examples" / "embed.py"
THEIR_CONFIG = "[server]\nheadless = true\n[browser]\ngatherUsageStats = false\n"
THEIR_PAGE = """
import streamlit as st

import etl_monitor as em

for job in em.use_etl_monitoring().snapshot().jobs.values():
    em.job_status(job)
    em.job_status(job)
    em.job_status(
        job,
        compact=False,
        on_cancel=lambda job: st.text(f"they cancel {job.job_id} at {job.progress} %"),
        on_retry=lambda job: st.text(f"they retry {job.job_id}"),
    )
st.text_input("Their own input")
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("service")
    with running_service(folder / "data", env=SETTING | {"ETL_MONITOR_WORKERS": "2"}) as process:
        yield process


@pytest.fixture(scope="module")
def example(
    service: RunningService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    with their_app(tmp_path_factory.mktemp("example"), EXAMPLE, service) as process:
        yield process


def their_app(
    folder: Path, script: Path, service: RunningService
) -> AbstractContextManager[PortalProcess]:
    """Run the script in another folder, with its own configuration; the package is on the path."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(THEIR_CONFIG, encoding="utf-8")
    environment: Mapping[str, str] = {
        "ETL_MONITOR_API_URL": service.base_url,
        "ETL_MONITOR_API_TOKEN": service.token,
        "PYTHONPATH": str(ROOT),
    }
    return running_portal(
        folder, script=script, environment=environment, cwd=folder, health="/_stcore/health"
    )


def begin(service: RunningService, gate: Path, **script: Any) -> str:
    """Start a job that runs until its gate exists. Returns its id."""
    file = {"file": ("a.json", Script(gate=str(gate), **script).file())}
    form = {"testKind": KIND, "title": gate.name, "userId": "kim"}
    made = service.data("POST", "/tests/results", data=form, files=file)
    return str(made["activeJob"]["jobId"])


def marked(page: Page, job_id: str) -> Locator:
    """Every element that shows this job."""
    return page.locator(f'[data-job-id="{job_id}"]')


def open_with(open_page: OpenPage, app: PortalProcess, job_id: str) -> Page:
    """Open a page that shows the job from its first run on."""
    page = open_page(app.url)
    expect(connection(page, "live")).to_be_visible()
    expect(jobs(page, job_id=job_id)).to_have_attribute("data-status", "running")
    page.reload()
    page.evaluate("window.neverReloaded = true")
    return page


def test_the_example_has_fewer_than_ten_lines() -> None:
    code = EXAMPLE.read_text(encoding="utf-8").partition('"""\n')[2]
    assert len([line for line in code.splitlines() if line.strip()]) < 10


def test_monitor_and_compact_status_are_live(
    service: RunningService, example: PortalProcess, open_page: OpenPage, tmp_path: Path
) -> None:
    job_id = begin(service, tmp_path / "moves")
    page = open_with(open_page, example, job_id)
    expect(marked(page, job_id)).to_have_count(2)
    (tmp_path / "moves").touch()
    for element in (marked(page, job_id).first, marked(page, job_id).last):
        expect(element).to_have_attribute("data-status", "completed")
    assert page.evaluate("window.neverReloaded") is True


def test_cancel_is_confirmed_and_done(
    service: RunningService, example: PortalProcess, open_page: OpenPage, tmp_path: Path
) -> None:
    job_id = begin(service, tmp_path / "never")
    page = open_with(open_page, example, job_id)
    card = jobs(page, job_id=job_id)
    card.get_by_role("button", name=f"Cancel job {job_id[:8]}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The job stops within seconds")
    assert service.data("GET", f"/etl/jobs/{job_id}")["status"] == "running"
    dialog.get_by_label("Reason (optional)").fill("their reason")
    dialog.get_by_role("button", name="Cancel this job").click()
    expect(card).to_have_attribute("data-status", "cancelled")
    assert service.data("GET", f"/etl/jobs/{job_id}")["cancelReason"] == "their reason"


def test_retry_makes_a_new_job(
    service: RunningService, example: PortalProcess, open_page: OpenPage, tmp_path: Path
) -> None:
    job_id = begin(service, tmp_path / "fails", fail=True)
    page = open_with(open_page, example, job_id)
    (tmp_path / "fails").touch()
    failed = jobs(page, job_id=job_id)
    expect(failed).to_have_attribute("data-status", "failed")
    expect(failed).to_contain_text("The answers are too bad.")
    failed.get_by_role("button", name=f"Retry job {job_id[:8]}").click()
    expect(jobs(page).filter(has_text="attempt 2").first).to_be_visible()
    family = service.data("GET", f"/etl/jobs/{job_id}")["family"]
    assert [attempt["retryOf"] for attempt in family] == [None, job_id]


def test_a_link_into_their_page_opens_a_job(
    service: RunningService, example: PortalProcess, open_page: OpenPage, tmp_path: Path
) -> None:
    job_id = begin(service, tmp_path / "linked")
    (tmp_path / "linked").touch()
    page = open_page(f"{example.url}/?job={job_id}&lang=ko")
    expect(jobs(page, job_id=job_id).first).to_contain_text("요청자")


def test_their_own_callbacks_get_the_job(
    service: RunningService, open_page: OpenPage, tmp_path: Path
) -> None:
    script, job_id = tmp_path / "their_page.py", begin(service, tmp_path / "theirs")
    script.write_text(THEIR_PAGE, encoding="utf-8")
    with their_app(tmp_path, script, service) as app:
        page = open_page(app.url, expects=PORTAL_GONE)

        typed = page.get_by_label("Their own input")

        def is_listed() -> None:
            """Their page reads the jobs when it runs."""
            typed.fill(typed.input_value() + "x")
            typed.press("Enter")
            expect(marked(page, job_id)).to_have_count(3, timeout=2_000)

        eventually(is_listed, within=30)
        typed.fill("typed by a person")
        card = jobs(page, job_id=job_id)
        card.get_by_role("button", name=f"Cancel job {job_id[:8]}").click()
        expect(page.get_by_text(f"they cancel {job_id}")).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert service.data("GET", f"/etl/jobs/{job_id}")["cancelRequestedAt"] is None
        service.data("POST", f"/etl/jobs/{job_id}/cancel", json={})
        for index in range(3):
            expect(marked(page, job_id).nth(index)).to_have_attribute("data-status", "cancelled")
        card.get_by_role("button", name=f"Retry job {job_id[:8]}").click()
        expect(page.get_by_text(f"they retry {job_id}")).to_be_visible()
        expect(typed).to_have_value("typed by a person")


def test_an_app_without_a_service_names_the_missing_setting(
    open_page: OpenPage, tmp_path: Path
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(THEIR_CONFIG, encoding="utf-8")
    nothing = {"PYTHONPATH": str(ROOT)}
    with running_portal(
        tmp_path, script=EXAMPLE, environment=nothing, cwd=tmp_path, health="/_stcore/health"
    ) as app:
        page = open_page(app.url, expects=PORTAL_GONE)
        expect(page.get_by_text("ETL_MONITOR_API_URL is not set").first).to_be_visible()
