"""Twenty updates a second: nothing moves, closes, or loses its focus or its text."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from etl_monitor.wire.base import iso
from etl_monitor.wire.job import JobStatus
from tests.browser.conftest import OpenPage
from tests.support.back_end import BackEnd
from tests.support.eventually import eventually
from tests.support.hold_rows import (
    assert_rows_stay,
    keep_pointing,
    many_updates,
    wait_for_updates,
)
from tests.support.job_events import partial, whole
from tests.support.marks import jobs, rows
from tests.support.original_back_end import OriginalBackEnd
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted_server import Exchange, ScriptedServer, reply

PAGES_TURNED = 15


class BackEndWithTests:
    """A back end that lists a test for each of its jobs, the newest first."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self._back_end = BackEnd(server, numbered=True)
        self._results: list[dict[str, Any]] = []
        server.on("/tests/results", self._list)

    def begin(self) -> str:
        number = len(self._results)
        job_id, test_id = f"job-{number}", f"test-{number}"
        result = {"id": test_id, "userId": "kim", "anpSeq": number, "status": "processing"}
        self._results.insert(0, result | {"documents": []})
        self._back_end.record(whole(job_id, test_id=test_id, created_at=datetime.now(UTC)))
        return job_id

    def go_on(self, job_id: str, progress: int, step: str) -> None:
        self._send(job_id, status="running", progress=progress, current_step=step)

    def end(self, job_id: str, state: JobStatus) -> None:
        number = int(job_id.removeprefix("job-"))
        result = next(result for result in self._results if result["anpSeq"] == number)
        result |= {"status": "completed", "completedAt": iso(datetime.now(UTC))}
        self._send(job_id, status=state, finished_at=datetime.now(UTC))

    def tests(self) -> list[str]:
        return [result["id"] for result in self._results]

    def _send(self, job_id: str, **fields: Any) -> None:
        self._back_end.record(partial(job_id, updated_at=datetime.now(UTC), **fields))

    def _list(self, exchange: Exchange) -> None:
        reply(list(self._results), x_total_count=str(len(self._results)))(exchange)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as started:
        yield started


@pytest.fixture
def monitored(server: ScriptedServer) -> OriginalBackEnd:
    return OriginalBackEnd(server)


@pytest.fixture
def tested(server: ScriptedServer) -> BackEndWithTests:
    return BackEndWithTests(server)


@pytest.fixture
def portal(server: ScriptedServer, tmp_path: Path) -> Iterator[PortalProcess]:
    """Request it after the back end: that must be there when the portal starts."""
    with running_portal(tmp_path, environment={"ETL_MONITOR_API_URL": server.address}) as process:
        yield process


def test_twenty_updates_a_second_move_nothing_in_the_monitor(
    monitored: OriginalBackEnd, portal: PortalProcess, open_page: OpenPage
) -> None:
    back_end = monitored
    running = [back_end.begin() for _ in range(8)]
    for job_id in running:
        back_end.go_on(job_id, 10)
    page = open_page(f"{portal.url}/monitor?lang=en", height=2000)
    expect(jobs(page, status="running")).to_have_count(8)
    rested, opened = running[7], running[6]
    never_end = {rested, opened}
    jobs(page, job_id=opened).get_by_role("button", name=f"Details {opened[:8]}").click()
    expect(jobs(page, job_id=opened)).to_contain_text(opened)

    search = page.get_by_label("Search jobs")
    search.click()
    jobs(page, job_id=rested).hover()
    with (
        assert_rows_stay(page, ".etl-card", "input"),
        many_updates(back_end, running, never_end=never_end) as let_jobs_end,
    ):
        search.press_sequentially("-", delay=100)  # part of every id, so that all rows stay
        expect(page).to_have_url(re.compile("job-q=-"))
        wait_for_updates(page)  # the search has been applied: from now on rows may come and go
        let_jobs_end()
        wait_for_updates(page)
        expect(page.get_by_role("button", name=re.compile(r"^Show \d+ new$"))).to_be_visible()
        expect(jobs(page, job_id=opened)).to_contain_text(opened)
    expect(search).to_have_value("-")

    jobs(page, job_id=rested).get_by_role("button", name=f"Cancel job {rested[:8]}").click()
    reason = page.get_by_role("dialog").get_by_label("Reason (optional)")
    reason.click()
    with (
        assert_rows_stay(page, ".etl-card", "[role=dialog] input"),
        many_updates(back_end, running, never_end=never_end) as let_jobs_end,
    ):
        let_jobs_end()
        reason.press_sequentially("typed without haste", delay=150)
        wait_for_updates(page)
    expect(reason).to_have_value("typed without haste")
    expect(jobs(page, job_id=opened)).to_contain_text(opened)

    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    search.click()  # the pointer and the focus leave the rows
    expect(jobs(page, status="running").or_(jobs(page, status="pending"))).to_have_count(8)

    def in_order() -> None:
        shown = jobs(page).evaluate_all("rows => rows.map((row) => row.dataset.jobId)")
        assert set(shown[:8]) == set(running), "active jobs first, finished ones below"

    eventually(in_order)


def test_twenty_updates_a_second_move_nothing_in_the_results(
    tested: BackEndWithTests, portal: PortalProcess, open_page: OpenPage
) -> None:
    back_end = tested
    running = [back_end.begin() for _ in range(8)]
    for job_id in running:
        back_end.go_on(job_id, 10, "step 0")
    page = open_page(f"{portal.url}/?lang=en", height=2000)
    expect(rows(page).locator('[data-status="running"]')).to_have_count(8)
    rested = rows(page).nth(2)
    search = page.get_by_role("combobox", name="Search", exact=True)
    search.click()
    rested.hover()
    with (
        assert_rows_stay(page, ".etl-result", "input"),
        many_updates(back_end, running, never_end={running[5]}) as let_jobs_end,
    ):
        search.press_sequentially("kim", delay=100)
        expect(page).to_have_url(re.compile(r"[?&]q=kim"))
        wait_for_updates(page)
        let_jobs_end()
        wait_for_updates(page)
        expect(page.get_by_role("button", name=re.compile(r"^Show \d+ new$"))).to_be_visible()
    expect(search).to_have_value("kim")
    expect(rows(page)).to_have_count(8)

    page.mouse.move(1, 1)
    expect(rows(page)).to_have_count(len(back_end.tests()))
    shown = rows(page).evaluate_all("rows => rows.map((row) => row.dataset.testId)")
    assert shown == back_end.tests(), "the newest first"


def test_twenty_updates_a_second_undo_no_click_on_a_link(
    tested: BackEndWithTests, portal: PortalProcess, open_page: OpenPage
) -> None:
    """A message that a page sends while another one loads would bring the old page back."""
    running = [tested.begin() for _ in range(4)]
    for job_id in running:
        tested.go_on(job_id, 10, "step 0")
    page = open_page(f"{portal.url}/?lang=en")
    expect(jobs(page, status="running").first).to_be_visible()
    links = page.get_by_role("navigation", name="Pages")
    with many_updates(tested, running, never_end=set(running)):
        for _ in range(PAGES_TURNED):
            links.get_by_role("link", name="Monitor").click()
            expect(page).to_have_url(re.compile("/monitor"))
            expect(jobs(page, status="running").first).to_be_visible()
            expect(rows(page)).to_have_count(0)
            links.get_by_role("link", name="Test results").click()
            expect(page).not_to_have_url(re.compile("/monitor"))
            expect(rows(page)).to_have_count(4)


def test_a_pointer_at_rest_releases_the_rows_and_a_moving_one_holds_them(
    monitored: OriginalBackEnd, portal: PortalProcess, open_page: OpenPage
) -> None:
    waiting, running = monitored.begin(), monitored.begin()
    monitored.go_on(running, 10)
    page = open_page(f"{portal.url}/monitor?lang=en")
    expect(jobs(page, status="running")).to_have_count(1)
    for width in (390, 768, 1366):
        page.set_viewport_size({"width": width, "height": 900})
        heights = jobs(page).evaluate_all("rows => rows.map((row) => row.offsetHeight)")
        assert heights[0] == heights[1], f"a waiting job is as high as a running one at {width}"

    jobs(page, job_id=running).hover()
    monitored.end(running, JobStatus.FAILED)
    expect(jobs(page, job_id=running, status="failed")).to_be_visible()
    new = monitored.begin()
    expect(jobs(page, job_id=new)).to_be_visible()  # although the pointer is still there
    expect(jobs(page, job_id=running).get_by_role("note")).to_be_visible()
    cut = "rows => rows.filter((row) => row.scrollHeight > row.clientHeight + 1).length"
    assert jobs(page).evaluate_all(cut) == 0

    jobs(page, job_id=waiting).hover()
    keep_pointing(page, ".etl-card")
    last = monitored.begin()
    expect(page.get_by_role("button", name="Show 1 new")).to_be_visible()
    expect(jobs(page, job_id=last)).to_have_count(0)
