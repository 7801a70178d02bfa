"""A long results list: its pages by mouse and by the Back button, and a bulk action on it."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from etl_monitor.i18n.translator import Translator
from tests.browser.conftest import House, OpenPage
from tests.support.eventually import eventually
from tests.support.kills import process
from tests.support.marks import row, rows
from tests.support.scripted import Script

PAGE = 25
TOTAL = PAGE + 2


@pytest.fixture(scope="module")
def paged(house: House) -> list[Any]:
    """Enough tests for a second page; the last of them is the newest."""
    tests = [house.person.upload(Script(rows=1), title=f"paged {n:02d}") for n in range(TOTAL)]
    eventually(lambda: _all_are_over(house, tests), within=60)
    return tests


def test_pages_are_turned_also_by_the_back_button(
    house: House, open_page: OpenPage, paged: list[Any]
) -> None:
    page = open_page(f"{house.portal.url}/?lang=en&q=paged")
    expect(rows(page)).to_have_count(PAGE)
    pager = page.get_by_role("navigation", name=f"1–{PAGE} of {TOTAL}")
    expect(pager.get_by_role("button", name="Previous")).to_be_disabled()
    pager.get_by_role("button", name="Next").click()
    _shows_the_last_page(page)
    expect(rows(page).first).to_be_in_viewport()  # so that it is read from its first row
    page.go_back()
    expect(rows(page)).to_have_count(PAGE)
    expect(page).not_to_have_url(re.compile("page="))
    page.go_forward()
    _shows_the_last_page(page)
    _shows_the_last_page(open_page(page.url))


def test_back_from_a_result_the_list_is_as_before(
    house: House, open_page: OpenPage, paged: list[Any]
) -> None:
    page = open_page(f"{house.portal.url}/?lang=en&q=paged&page=2")
    _shows_the_last_page(page)
    rows(page).first.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/result"))
    expect(page.get_by_role("tab").first).to_be_visible()
    page.go_back()
    _shows_the_last_page(page)
    assert re.search(r"/\?\S*q=paged", page.url)
    assert "id=" not in page.url
    expect(page.get_by_label("Search", exact=True).first).to_have_value("paged")
    page.go_forward()
    expect(page.get_by_role("tab").first).to_be_visible()


def test_a_test_whose_scores_stand_is_not_failed(
    house: House, open_page: OpenPage, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    gate.touch()
    title = "scores that stand"
    test = house.person.processed(Script(gate=str(gate)), title=title)
    gate.unlink()
    again = process(house.service, test["id"])
    page = open_page(f"{house.portal.url}/?lang=en&q=stand")
    expect(row(page, title)).to_contain_text("Running")
    house.service.data("POST", f"/etl/jobs/{again}/cancel", json={"reason": ""})
    expect(row(page, title)).to_contain_text(re.compile(r"Completed\s*last run cancelled"))
    expect(row(page, title).locator(f'[data-job-id="{again}"]')).to_have_attribute(
        "data-status", "cancelled"
    )


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_cancelled_test_has_one_button_to_score_it(
    language: str, house: House, open_page: OpenPage, tmp_path: Path
) -> None:
    """Retry, in its row and on its page: the next attempt of the same job."""
    t, title = Translator(language), f"cancelled {language}"
    gate = tmp_path / "gate"
    test = house.person.upload(Script(gate=str(gate)), title=title)
    job_id = test["activeJob"]["jobId"]
    house.person.job_is_held(job_id)
    house.service.data("POST", f"/etl/jobs/{job_id}/cancel")
    house.person.job_becomes(job_id, "cancelled")
    page = open_page(f"{house.portal.url}/result?id={test['id']}&lang={language}")
    name = f"{t('job-retry', id=job_id[:8])}: {title}"
    expect(page.get_by_role("button", name=name)).to_be_visible()
    expect(page.get_by_text(t("no-scores-cancelled"))).to_be_visible()
    expect(page.get_by_role("button", name=t("reprocess"))).to_have_count(0)
    page.goto(f"{house.portal.url}/?lang={language}&q={title}")
    expect(row(page, title).get_by_role("button")).to_have_count(1)
    row(page, title).get_by_role("button", name=name).click()
    expect(row(page, title).get_by_role("button", name=t("reprocess"))).to_be_disabled()
    again = house.person.test(test["id"])["activeJob"]
    assert (again["retryOf"], again["attempt"]) == (job_id, 2)
    gate.touch()


def test_all_that_match_are_processed_again(
    house: House, open_page: OpenPage, paged: list[Any]
) -> None:
    """Including those of other pages, and no others."""
    other = house.person.processed(title="not among them")
    page = open_page(f"{house.portal.url}/?lang=en&q=paged")
    page.get_by_role("button", name=f"Reprocess all {TOTAL}").click()
    dialog = page.get_by_role("dialog", name=f"Reprocess {TOTAL} tests")
    dialog.get_by_role("button", name=f"Reprocess {TOTAL} tests").click()
    expect(dialog.get_by_text(f"{TOTAL} jobs are queued")).to_be_visible()
    dialog.get_by_text("Close", exact=True).click()
    eventually(lambda: _all_are_over(house, paged), within=60)
    for test in (paged[0], paged[-1]):
        assert len(_jobs_of(house, test)) == 2
    assert len(_jobs_of(house, other)) == 1


def _shows_the_last_page(page: Page) -> None:
    expect(rows(page)).to_have_count(TOTAL - PAGE)
    expect(rows(page).last).to_contain_text("paged 00")
    expect(page).to_have_url(re.compile("page=2"))


def _jobs_of(house: House, test: Any) -> list[Any]:
    return list(house.service.data("GET", f"/etl/jobs?testId={test['id']}"))


def _all_are_over(house: House, tests: list[Any]) -> None:
    results = house.service.data("GET", "/tests/results?q=paged&limit=100")
    assert [result["activeJob"] for result in results] == [None] * len(tests)
