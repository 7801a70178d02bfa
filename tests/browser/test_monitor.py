"""The monitor's announcements, its focus, and its details."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from etl_monitor.i18n.translator import Translator
from etl_monitor.wire.job import JobStatus
from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs
from tests.support.original_back_end import OriginalBackEnd
from tests.support.portal_process import PortalProcess, free_port, running_portal
from tests.support.scripted_server import Exchange, ScriptedServer, reply

# Records the announcements for screen readers in their order.
RECORD_ANNOUNCEMENTS = """() => {
    const region = document.querySelector(".etl-view > [role=status].etl-visually-hidden");
    window.spoken = [];
    new MutationObserver(() => spoken.push(region.textContent))
        .observe(region, { childList: true, characterData: true, subtree: true });
}"""
FROM_ITS_END = "(box) => box.scrollHeight - box.scrollTop - box.clientHeight"
WITHOUT_A_CLIPBOARD = """() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    document.addEventListener("copy", () => { window.copied = document.activeElement.value; });
}"""
T = Translator("en")
LINES = 40  # more than the log's box shows


@pytest.fixture(scope="module")
def back_end() -> Iterator[OriginalBackEnd]:
    with ScriptedServer() as server:
        yield OriginalBackEnd(server)


@pytest.fixture(scope="module")
def portal(
    back_end: OriginalBackEnd, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    where = {"ETL_MONITOR_API_URL": back_end.server.address}
    with running_portal(tmp_path_factory.mktemp("portal"), environment=where) as process:
        yield process


@pytest.fixture
def page(portal: PortalProcess, open_page: OpenPage) -> Page:
    page = open_page(f"{portal.url}/monitor?lang=en")
    expect(connection(page, "live")).to_be_visible()
    return page


def running(back_end: OriginalBackEnd) -> str:
    job_id = back_end.begin()
    back_end.go_on(job_id, 10)
    return job_id


def press(control: Locator) -> None:
    """Press the control by keyboard."""
    control.focus()
    control.page.keyboard.press("Enter")


def test_each_end_of_a_job_is_announced_also_if_it_is_not_shown(
    back_end: OriginalBackEnd, page: Page
) -> None:
    first, second = running(back_end), running(back_end)
    page.get_by_role("button", name=re.compile("^Running ")).click()
    expect(jobs(page, job_id=second)).to_be_visible()
    page.evaluate(RECORD_ANNOUNCEMENTS)
    back_end.end(first, JobStatus.COMPLETED)
    _expect_announcements(page, "1 completed")
    back_end.end(second, JobStatus.COMPLETED)
    _expect_announcements(page, "1 completed", "", "1 completed")
    expect(jobs(page, status="completed")).to_have_count(0)


def test_a_removed_control_leaves_the_focus_at_its_list(
    back_end: OriginalBackEnd, page: Page
) -> None:
    job_id = running(back_end)
    expect(jobs(page, job_id=job_id)).to_be_visible()
    page.keyboard.press("j")
    new = back_end.begin()
    press(page.get_by_role("button", name="Show 1 new"))
    expect(jobs(page, job_id=new)).to_be_visible()
    expect(page.get_by_role("heading", name="Running and waiting")).to_be_focused()

    jobs(page, job_id=job_id).get_by_role("checkbox").check()
    press(page.get_by_role("button", name="Clear selection"))
    expect(page.get_by_role("toolbar")).to_have_count(0)
    expect(page.get_by_role("heading", name="Finished")).to_be_focused()
    for ended in (job_id, new):
        back_end.end(ended, JobStatus.CANCELLED)


def test_the_last_page_keeps_the_focus_on_its_button(back_end: OriginalBackEnd, page: Page) -> None:
    for _ in range(25):
        back_end.end(running(back_end), JobStatus.COMPLETED)
    older = page.get_by_role("button", name=T("page-older"))
    expect(older).to_be_enabled()
    press(older)
    expect(older).to_be_disabled()
    expect(older).to_be_focused()
    press(page.get_by_role("button", name=T("page-newer")))
    expect(older).to_be_enabled()


def test_connecting_again_leaves_the_focus_at_the_badge(
    open_page: OpenPage, tmp_path: Path
) -> None:
    nowhere = {
        "ETL_MONITOR_API_URL": f"http://127.0.0.1:{free_port()}",
        "ETL_MONITOR_RECONNECT_INTERVAL": "0.1",
        "ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "1",
    }
    with running_portal(tmp_path, environment=nowhere) as portal:
        page = open_page(f"{portal.url}/monitor?lang=en", expects=PORTAL_GONE)
        press(page.get_by_role("button", name="Connect again"))
        expect(page.locator(".etl-badge")).to_be_focused()


def test_a_log_stays_at_its_end_unless_it_was_scrolled(
    back_end: OriginalBackEnd, page: Page
) -> None:
    job_id = running(back_end)
    lines = _serve_details(back_end, job_id)
    jobs(page, job_id=job_id).get_by_role("button", name=f"Details {job_id[:8]}").click()
    expect(page).to_have_url(re.compile(f"[?&]job={job_id}"))
    log = jobs(page, job_id=job_id).locator(".etl-log")
    expect(log).to_contain_text(f"line {LINES - 1}")
    _is_at_its_end(log)
    _write(lines, back_end, job_id, log)
    _is_at_its_end(log)
    log.evaluate("(box) => { box.scrollTop = 0; }")
    _write(lines, back_end, job_id, log)
    assert log.evaluate("(box) => box.scrollTop") == 0
    back_end.end(job_id, JobStatus.COMPLETED)


def test_details_are_copied_completely(back_end: OriginalBackEnd, page: Page) -> None:
    job_id = running(back_end)
    lines = _serve_details(back_end, job_id)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    job = jobs(page, job_id=job_id)
    job.get_by_role("button", name=f"Details {job_id[:8]}").click()
    job.get_by_role("button", name="Copy details").click()
    expect(job.get_by_role("button", name="Copied")).to_be_visible()
    expect(job.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    expect(job.get_by_role("button", name="Copy details")).to_be_visible()  # after a while
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied.splitlines()[1:3] == ["Status: Running", f"Job: {job_id}"]
    assert copied.endswith(f"  {lines[-1]}")
    back_end.end(job_id, JobStatus.COMPLETED)


def test_details_are_copied_without_a_clipboard(back_end: OriginalBackEnd, page: Page) -> None:
    """As on a page that was loaded over http from another machine."""
    job_id = running(back_end)
    _serve_details(back_end, job_id)
    page.evaluate(WITHOUT_A_CLIPBOARD)
    job = jobs(page, job_id=job_id)
    job.get_by_role("button", name=f"Details {job_id[:8]}").click()
    press(job.get_by_role("button", name="Copy details"))
    copied = job.get_by_role("button", name="Copied")
    expect(copied).to_be_focused()
    assert job_id in page.evaluate("window.copied")
    page.evaluate("() => { document.execCommand = () => false; }")
    job.get_by_role("button", name=re.compile("^(Copy details|Copied)$")).click()
    expect(job.get_by_role("button", name="Could not be copied")).to_be_visible()
    back_end.end(job_id, JobStatus.COMPLETED)


def _expect_announcements(page: Page, *spoken: str) -> None:
    def are_spoken() -> None:
        assert page.evaluate("window.spoken") == list(spoken)

    eventually(are_spoken, within=20)


def _serve_details(back_end: OriginalBackEnd, job_id: str) -> list[str]:
    """Let the back end serve details of this job. Returns the log's lines, to append to."""
    lines = [f"line {n}" for n in range(LINES)]

    def detail(exchange: Exchange) -> None:
        at = {"at": "2026-03-01T00:00:00Z", "level": "info"}
        log: list[dict[str, Any]] = [at | {"message": line} for line in lines]
        reply({"jobId": job_id, "status": "running", "log": log})(exchange)

    back_end.server.on(f"/etl/jobs/{job_id}", detail)
    return lines


def _write(lines: list[str], back_end: OriginalBackEnd, job_id: str, log: Locator) -> None:
    lines.append(f"line {len(lines)}")

    def is_shown() -> None:
        back_end.go_on(job_id, 10, step=f"step {len(lines)}")
        assert lines[-1] in (log.text_content() or "")

    eventually(is_shown, within=20, every=0.5)


def _is_at_its_end(log: Locator) -> None:
    assert log.evaluate("(box) => box.scrollTop") > 0
    assert log.evaluate(FROM_ITS_END) < 4
