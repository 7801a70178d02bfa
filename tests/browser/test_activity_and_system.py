"""The activity log and the system page, on a wide and on a narrow screen."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.support.hold_rows import keep_pointing
from tests.support.layout import assert_nothing_is_cut_off
from tests.support.marks import jobs
from tests.support.people import Person
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted import SETTING, Script
from tests.support.service_process import RunningService, running_service

TITLE = "<b>3월</b> 공채 *검사* & [x](javascript:alert(1))"
REASON = "=1+1 <img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data_dir = tmp_path_factory.mktemp("service") / "data"
    with running_service(data_dir, env=SETTING | {"ETL_MONITOR_WORKERS": "2"}) as process:
        yield process


@pytest.fixture(scope="module")
def portal(
    service: RunningService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
    with running_portal(tmp_path_factory.mktemp("portal"), environment=where) as process:
        yield process


@pytest.fixture(scope="module")
def someone(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Person:
    return Person(service=service, user_id="kim", folder=tmp_path_factory.mktemp("gates"))


@pytest.fixture(scope="module")
def refused_cancel(someone: Person) -> str:
    """An uploaded test. Cancelling its finished job was refused; the request had a reason."""
    test = someone.processed(Script(rows=20))
    path = f"/etl/jobs/{test['lastJob']['jobId']}/cancel"
    someone.service.error("POST", path, json={"reason": REASON})
    return str(test["id"])


@pytest.fixture(scope="module")
def named(someone: Person) -> Any:
    """A test whose title looks like markup. Cancelling its failed job was refused."""
    test = someone.upload(Script(fail=True), title=TITLE)
    job_id = test["activeJob"]["jobId"]
    someone.job_becomes(job_id, "failed")
    someone.service.error("POST", f"/etl/jobs/{job_id}/cancel", json={"reason": REASON})
    return test | {"jobId": job_id}


def rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Activity").locator("tbody").get_by_role("row")


def test_an_entry_has_person_action_subject_and_outcome(
    portal: PortalProcess, open_page: OpenPage, named: Any
) -> None:
    page = open_page(f"{portal.url}/activity?jobId={named['jobId']}")
    expect(rows(page)).to_have_count(2)
    refused, uploaded = rows(page).all()
    expect(refused).to_contain_text("The job has already ended, so it cannot be cancelled.")
    expect(refused).to_contain_text(f"Reason given: {REASON}")
    expect(uploaded).to_contain_text("Accepted")
    expect(uploaded.locator("time")).to_have_count(1)
    expect(uploaded.get_by_role("link", name=TITLE)).to_have_attribute(
        "href", f"result?id={named['id']}&lang=en"
    )
    page.get_by_role("button", name=f"Only job {named['jobId'][:8]}").click()
    expect(page).not_to_have_url(re.compile("jobId"))
    rows(page).get_by_role("link", name=f"new job {named['jobId'][:8]}").click()
    expect(jobs(page, job_id=named["jobId"]).first).to_contain_text(TITLE)


def test_a_search_is_in_the_address_and_keeps_the_focus(
    portal: PortalProcess, open_page: OpenPage, named: Any, refused_cancel: str
) -> None:
    page = open_page(f"{portal.url}/activity")
    search = page.get_by_label("Search the activity log")
    search.press_sequentially("A test", delay=60)
    expect(rows(page).first).to_be_visible()
    expect(rows(page).filter(has_text=TITLE)).to_have_count(0)
    expect(search).to_be_focused()
    expect(search).to_have_value("A test")
    _choose(page, "Outcome", "Refused")
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=A(\+|%20)test.*outcome=refused"))
    again = open_page(page.url)
    expect(rows(again)).to_have_count(1)
    expect(again.get_by_label("Search the activity log")).to_have_value("A test")


def _choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_a_search_without_matches_says_so(portal: PortalProcess, open_page: OpenPage) -> None:
    page = open_page(f"{portal.url}/activity?q=no-such-entry")
    expect(page.get_by_text("No entries match. Clear the search")).to_be_visible()


def test_pages_are_turned_in_both_directions(
    portal: PortalProcess, open_page: OpenPage, someone: Person, named: Any
) -> None:
    for number in range(60):
        path = f"/etl/jobs/{named['jobId']}/cancel"
        someone.service.error("POST", path, json={"reason": f"again-{number:02d}"})
    page = open_page(f"{portal.url}/activity?q=again-")
    expect(page.get_by_text("60 entries")).to_be_visible()
    expect(rows(page)).to_have_count(50)
    page.get_by_role("button", name="Next").click()
    expect(rows(page)).to_have_count(10)
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    expect(page).to_have_url(re.compile("before="))
    page.get_by_role("button", name="Previous").click()
    expect(rows(page)).to_have_count(50)
    expect(rows(page).first).to_contain_text("again-59")


def test_new_entries_appear_but_not_under_the_pointer(
    portal: PortalProcess, open_page: OpenPage, someone: Person, refused_cancel: str
) -> None:
    page = open_page(f"{portal.url}/activity")
    expect(rows(page).first).to_be_visible()
    someone.processed(title="came by itself")
    expect(rows(page).first).to_contain_text("came by itself")
    rows(page).nth(2).hover()
    keep_pointing(page, "[data-row]")
    someone.processed(title="waits at the top")
    page.get_by_role("button", name="Show 1 new").click()
    expect(rows(page).first).to_contain_text("waits at the top")


def test_an_export_has_every_entry_and_no_formula(
    portal: PortalProcess, open_page: OpenPage, named: Any, tmp_path: Path
) -> None:
    page = open_page(f"{portal.url}/activity?jobId={named['jobId']}&action=cancel&lang=ko")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="내보내기: CSV 파일").click()
    file = tmp_path / "activity.csv"
    waiting.value.save_as(file)
    read = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    assert read[0][0] == "시각(Asia/Seoul)"
    assert {row[3] for row in read[1:]} == {"취소"}
    assert read[-1][5] == "이미 끝난 작업이라 취소할 수 없습니다."
    assert read[-1][6] == "'" + REASON
    assert read[-1][7] == TITLE


def test_activity_on_a_phone_in_korean(
    portal: PortalProcess, open_page: OpenPage, named: Any
) -> None:
    page = open_page(f"{portal.url}/activity?outcome=refused", locale="ko-KR", width=400)
    table = page.get_by_role("table", name="활동 기록")
    expect(table.get_by_role("row").nth(1)).to_contain_text("할 수 없었음")
    expect(table.get_by_role("row").nth(1).get_by_role("cell")).to_have_count(5)
    assert_nothing_is_cut_off(page)


def test_the_system_page_shows_feed_workers_and_settings(
    portal: PortalProcess, open_page: OpenPage, service: RunningService, someone: Person
) -> None:
    page = open_page(f"{portal.url}/system")
    feed = page.get_by_role("region", name="Feed", exact=True)
    expect(feed).to_contain_text("up to date")
    expect(page.get_by_role("table", name="Workers").get_by_role("row")).to_have_count(3)
    someone.processed()
    expect(feed).to_contain_text("Event → screen, p95", timeout=30_000)
    expect(feed).to_contain_text(" ms")
    settings = page.get_by_role("table", name="Settings of this portal")
    expect(settings.get_by_role("row").filter(has_text="ETL_MONITOR_API_TOKEN")).to_contain_text(
        "set"
    )
    assert service.token not in page.content()
    expect(page.get_by_role("button", name="Remove samples")).to_have_count(0)


def test_a_busy_worker_is_shown_with_its_job(
    portal: PortalProcess, open_page: OpenPage, someone: Person
) -> None:
    test, gate = someone.upload_held()
    page = open_page(f"{portal.url}/system")
    busy = page.get_by_role("row").filter(has=page.get_by_role("link", name=test["title"]))
    expect(busy).to_contain_text("Busy")
    gate.touch()
    expect(busy).to_have_count(0)


def test_system_on_a_phone_in_korean(portal: PortalProcess, open_page: OpenPage) -> None:
    page = open_page(f"{portal.url}/system", locale="ko-KR", width=400, dark=True)
    expect(page.get_by_role("region", name="상태별 작업")).to_contain_text("완료")
    expect(page.get_by_role("table", name="채점 워커")).to_contain_text("대기 중")
    assert_nothing_is_cut_off(page)
