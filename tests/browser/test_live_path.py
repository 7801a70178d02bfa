"""A first visit: samples progress by themselves, one is cancelled, the broken one is retried."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs, progress, row, rows
from tests.support.portal_process import PortalProcess, running_portal

BROKEN = "Branch sales staff 2026: personality (Excel export)"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """A first start, which creates the samples and runs their jobs."""
    folder = tmp_path_factory.mktemp("first-start")
    environment = {
        "ETL_MONITOR_SAMPLES": "true",
        "ETL_MONITOR_SAMPLES_MINUTES": "0",
        "ETL_MONITOR_WORKERS": "1",
    }
    with running_portal(folder, environment=environment) as process:
        yield process


@pytest.fixture
def page(portal: PortalProcess, open_page: OpenPage) -> Page:
    return open_page(portal.url, locale="en-US")


def test_sample_jobs_move_and_one_is_cancelled(page: Page) -> None:
    expect(connection(page, "live")).to_be_visible()
    expect(jobs(page, status="running").first).to_be_visible()
    moving = jobs(page, status="running").first
    job_id = moving.get_attribute("data-job-id")
    assert job_id is not None
    before = progress(moving)
    cancelled = _cancel_a_waiting_job(page)

    def has_moved_or_ended() -> None:
        now = jobs(page, job_id=job_id)
        assert now.get_attribute("data-status") != "running" or progress(now) > before

    eventually(has_moved_or_ended, within=30)
    expect(jobs(page, job_id=cancelled)).to_have_attribute("data-status", "cancelled")


def _cancel_a_waiting_job(page: Page) -> str:
    """Cancel it with a reason, which its details show afterwards. Returns its id."""
    expect(jobs(page, status="pending").nth(3)).to_be_visible()  # samples come one by one
    waiting = jobs(page, status="pending").last  # its turn comes last
    job_id = waiting.get_attribute("data-job-id")
    assert job_id is not None
    _cancel(page, job_id, reason="not today")
    jobs(page, job_id=job_id).get_by_role("button", name=f"Details {job_id[:8]}").click()
    expect(jobs(page, job_id=job_id)).to_contain_text("not today")
    return job_id


def _cancel(page: Page, job_id: str, reason: str) -> None:
    jobs(page, job_id=job_id).get_by_role("button", name=f"Cancel job {job_id[:8]}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The job stops within seconds")
    dialog.get_by_label("Reason (optional)").fill(reason)
    dialog.get_by_role("button", name="Cancel this job").click()
    expect(dialog).to_be_hidden()


def test_the_broken_sample_names_its_rows_and_is_retried(page: Page) -> None:
    failed = jobs(page, status="failed").filter(has_text=BROKEN).first
    expect(failed).to_be_visible(timeout=60_000)
    expect(failed).to_contain_text("more than half")
    expect(failed).to_contain_text("Row 2 (respondent")
    expect(failed).to_contain_text("answers out of range")
    old = failed.get_attribute("data-job-id")
    assert old is not None
    failed.get_by_role("button", name=f"Retry job {old[:8]}").click()

    again = jobs(page).filter(has_text="attempt 2").filter(has_text=BROKEN).first
    expect(again).to_be_visible(timeout=30_000)
    new = again.get_attribute("data-job-id")
    assert new is not None
    assert new != old
    expect(jobs(page, job_id=new)).to_have_attribute("data-status", "failed", timeout=60_000)
    jobs(page, job_id=new).get_by_role("button", name=f"Details {new[:8]}").click()
    expect(jobs(page, job_id=new).get_by_role("link", name=old[:8])).to_have_attribute(
        "href", f"monitor?job={old}&lang=en"
    )


def test_a_link_opens_its_job(page: Page, portal: PortalProcess, open_page: OpenPage) -> None:
    job_id = jobs(page).first.get_attribute("data-job-id")
    linked = open_page(f"{portal.url}/monitor?job={job_id}&lang=ko")
    first = jobs(linked).first
    expect(first).to_have_attribute("data-job-id", job_id or "")
    expect(first).to_contain_text("요청자")
    expect(connection(linked, "live")).to_contain_text("실시간")


def test_reprocess_is_confirmed_and_disabled_while_a_job_is_active(page: Page) -> None:
    title = "Graduate hiring, spring 2026: reasoning"
    done = row(page, title)
    expect(done.locator('[data-status="completed"]')).to_be_visible(timeout=120_000)
    button = done.get_by_role("button", name=f"Reprocess {title}")
    button.click()
    page.get_by_role("dialog").get_by_role("button", name="Reprocess").click()
    expect(button).to_be_disabled()
    expect(done.locator('[data-status="completed"]')).to_be_visible(timeout=120_000)
    expect(button).to_be_enabled()


def test_language_is_chosen_on_the_page_and_stays(page: Page) -> None:
    page.get_by_role("radio", name="한국어").or_(page.get_by_text("한국어")).first.click()
    expect(page.get_by_role("heading", name="검사 결과")).to_be_visible()
    expect(connection(page, "live")).to_contain_text("실시간")
    page.get_by_role("link", name="진행 상황").click()
    expect(page.get_by_role("heading", name="끝난 작업")).to_be_visible()
    page.goto(page.url.partition("?")[0])  # the address does not name the language
    expect(page.get_by_role("heading", name="끝난 작업")).to_be_visible()


def test_samples_are_removed_in_one_action(page: Page) -> None:
    expect(jobs(page, status="running").or_(jobs(page, status="pending"))).to_have_count(
        0, timeout=120_000
    )
    page.get_by_role("button", name="Remove samples").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove samples").click()
    expect(rows(page)).to_have_count(0, timeout=30_000)
    expect(page.get_by_text("No test results yet")).to_be_visible()
