"""The portal with a back end that sends only the fields of the original product."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from etl_monitor.wire.job import STATUSES, JobStatus
from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs, row, rows
from tests.support.original_back_end import OriginalBackEnd
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted_server import ScriptedServer, raw

PROGRAM_WORDS = re.compile(r"\b(undefined|None|null|NaN|Invalid Date|\[object Object\])\b")
ALL_TEXTS = """() => [...document.querySelectorAll("body *")].flatMap((one) => [
    ...["aria-label", "aria-valuetext", "title", "href", "placeholder", "data-job-id",
        "data-progress", "data-status"].map((name) => one.getAttribute(name) ?? ""),
    ...[...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE
        && !["SCRIPT", "STYLE"].includes(one.tagName)).map((node) => node.data),
]).join("\\n")"""


@pytest.fixture(scope="module")
def back_end() -> Iterator[OriginalBackEnd]:
    with ScriptedServer() as server:
        yield OriginalBackEnd(server)


@pytest.fixture(scope="module")
def portal(
    back_end: OriginalBackEnd, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    where = {
        "ETL_MONITOR_API_URL": back_end.server.address,
        "ETL_MONITOR_RECONNECT_INTERVAL": "0.3",
        "ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "1000",
    }
    with running_portal(tmp_path_factory.mktemp("portal"), environment=where) as process:
        yield process


@pytest.fixture
def page(portal: PortalProcess, open_page: OpenPage) -> Iterator[Page]:
    """A page that is never reloaded, and never shows a word that only programs use."""
    page = open_page(portal.url)
    expect(connection(page, "live")).to_be_visible()
    page.evaluate("window.neverReloaded = true")
    yield page
    assert page.evaluate("window.neverReloaded") is True
    assert_only_words_for_people(page)


def reload_until(page: Page, element: Locator) -> None:
    """No event announces a test that was added without a job: only a reload shows it."""

    def reloaded() -> None:
        page.reload()
        expect(rows(page).first).to_be_visible()
        assert element.count() == 1

    eventually(reloaded, within=30)
    page.evaluate("window.neverReloaded = true")


def assert_only_words_for_people(page: Page) -> None:
    texts = str(page.evaluate(ALL_TEXTS))
    assert not PROGRAM_WORDS.findall(texts), [
        line for line in texts.splitlines() if PROGRAM_WORDS.search(line)
    ]


def test_results_and_jobs_in_every_state(back_end: OriginalBackEnd, page: Page) -> None:
    for number, state in enumerate(("completed", "processing", "failed")):
        back_end.add_result("kim", number, state)
    waiting, running = back_end.begin(), back_end.begin()
    back_end.go_on(running, 30)
    for state in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED):
        back_end.end(back_end.begin(), state)
    expect(rows(page)).to_have_count(3)
    expect(row(page, "kim #0")).to_contain_text("Completed")
    expect(row(page, "kim #1")).to_contain_text("Processing")
    busy = row(page, "kim #1").get_by_role("button", name="Reprocess kim #1")
    expect(busy).to_be_disabled()
    for status in STATUSES:
        expect(jobs(page, status=status)).to_have_count(1)
    expect(jobs(page, job_id=running)).to_contain_text("채점 중")
    expect(jobs(page, status="failed")).to_contain_text("without saying why")
    expect(jobs(page, status="failed").locator("summary")).to_have_count(0)
    jobs(page, job_id=waiting).get_by_role("button", name=f"Details {waiting[:8]}").click()
    expect(jobs(page, job_id=waiting)).to_contain_text(waiting)


def test_progress_is_live(back_end: OriginalBackEnd, page: Page) -> None:
    job_id = back_end.begin()
    for progress in (7, 41, 99):
        back_end.go_on(job_id, progress, step=f"step {progress}")
        expect(jobs(page, job_id=job_id)).to_have_attribute("data-progress", str(progress))
        expect(jobs(page, job_id=job_id)).to_contain_text(f"step {progress}")
    back_end.end(job_id, JobStatus.COMPLETED)
    expect(jobs(page, job_id=job_id)).to_have_attribute("data-status", "completed")


def test_cancel_is_confirmed_and_done(back_end: OriginalBackEnd, page: Page) -> None:
    job_id = back_end.begin()
    back_end.go_on(job_id, 10)
    jobs(page, job_id=job_id).get_by_role("button", name=f"Cancel job {job_id[:8]}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The job stops within seconds")
    assert back_end.request_bodies(f"/etl/jobs/{job_id}/cancel") == []
    dialog.get_by_role("button", name="Cancel this job").click()
    expect(jobs(page, job_id=job_id)).to_have_attribute("data-status", "cancelled")
    assert len(back_end.request_bodies(f"/etl/jobs/{job_id}/cancel")) == 1


def test_retry_makes_a_new_job(back_end: OriginalBackEnd, page: Page) -> None:
    job_id = back_end.begin()
    back_end.end(job_id, JobStatus.FAILED, "ORA-00942: 테이블이 없습니다")
    failed = jobs(page, job_id=job_id)
    expect(failed).to_contain_text("ORA-00942: 테이블이 없습니다")
    before = jobs(page, status="pending").count()
    failed.get_by_role("button", name=f"Retry job {job_id[:8]}").click()
    expect(jobs(page, status="pending")).to_have_count(before + 1)
    assert len(back_end.request_bodies(f"/etl/jobs/{job_id}/retry")) == 1


def test_reprocess_shows_its_job_in_its_row(back_end: OriginalBackEnd, page: Page) -> None:
    back_end.add_result("lee", 5)
    reload_until(page, row(page, "lee #5"))
    lee = row(page, "lee #5")
    button = lee.get_by_role("button", name="Reprocess lee #5")
    button.click()
    page.get_by_role("dialog").get_by_role("button", name="Reprocess", exact=True).click()
    status = lee.locator("[data-job-id]")
    expect(status).to_have_attribute("data-status", "pending")
    expect(button).to_be_disabled()
    assert back_end.request_bodies("/etl/process") == [
        {"userId": "lee", "anpSeq": 5, "forceReprocess": True}
    ]
    job_id = status.get_attribute("data-job-id")
    assert job_id is not None
    back_end.go_on(job_id, 66)
    expect(status).to_have_attribute("data-progress", "66")
    back_end.end(job_id, JobStatus.COMPLETED)
    expect(status).to_have_attribute("data-status", "completed")
    expect(button).to_be_enabled()


def test_a_removed_job_disappears(back_end: OriginalBackEnd, page: Page) -> None:
    job_id = back_end.begin()
    expect(jobs(page, job_id=job_id)).to_be_visible()
    back_end.remove(job_id)
    expect(jobs(page, job_id=job_id)).to_have_count(0)


def test_after_a_disconnection_the_table_is_right(back_end: OriginalBackEnd, page: Page) -> None:
    moved, ended, removed = back_end.begin(), back_end.begin(), back_end.begin()
    back_end.go_on(moved, 10)
    expect(jobs(page, job_id=moved)).to_have_attribute("data-progress", "10")
    expect(jobs(page, job_id=removed)).to_be_visible()
    back_end.go_away()
    expect(connection(page, "reconnecting")).to_be_visible()
    back_end.go_on(moved, 80)
    back_end.end(ended, JobStatus.COMPLETED)
    back_end.remove(removed)
    new = back_end.begin()
    back_end.come_back()
    expect(connection(page, "live")).to_be_visible()
    expect(jobs(page, job_id=moved)).to_have_attribute("data-progress", "80")
    expect(jobs(page, job_id=ended)).to_have_attribute("data-status", "completed")
    expect(jobs(page, job_id=new)).to_have_attribute("data-status", "pending")
    expect(jobs(page, job_id=removed)).to_have_count(0)


def test_the_portal_searches_what_the_back_end_cannot(
    back_end: OriginalBackEnd, page: Page
) -> None:
    for number in range(30):
        back_end.add_result("choi", number)
    reload_until(page, row(page, "choi #0"))
    expect(rows(page)).to_have_count(25)
    search = page.get_by_placeholder("Search by title, person or ID")
    search.fill("choi")
    search.press("Enter")
    expect(page.get_by_text("kim #0", exact=True)).to_have_count(0)
    expect(row(page, "choi #0")).to_be_visible()


@pytest.mark.parametrize("address", ["/monitor?job=gone", "/result?id=test-kim-0", "/result"])
@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_no_page_shows_words_of_programs(
    address: str, locale: str, portal: PortalProcess, open_page: OpenPage
) -> None:
    page = open_page(portal.url + address, locale=locale)
    expect(connection(page, "live")).to_be_visible()
    assert_only_words_for_people(page)


def test_an_address_without_a_service_is_explained(open_page: OpenPage, tmp_path: Path) -> None:
    """The portal runs, and says that the reply A web page answers at this address."""
    with ScriptedServer() as server:
        for path in ("/etl/jobs", "/tests/results"):
            server.on(path, raw(b"<!doctype html><p>It works!", content_type="text/html"))
        where = {
            "ETL_MONITOR_API_URL": server.address,
            "ETL_MONITOR_RECONNECT_INTERVAL": "0.1",
            "ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "1",
        }
        with running_portal(tmp_path, environment=where) as portal:
            page = open_page(portal.url, expects=PORTAL_GONE)
            expect(connection(page, "disconnected")).to_contain_text(
                "A web page answers at this address"
            )
            expect(page.get_by_role("button", name="Connect again")).to_be_enabled()
            expect(page.get_by_text("A web page answers at this address").nth(1)).to_be_visible()
            assert requests.get(f"{portal.url}/healthz", timeout=5).json() == {
                "status": "ok",
                "connection": "disconnected",
            }
            assert "Traceback" not in portal.log.read_text(encoding="utf-8")
