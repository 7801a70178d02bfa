"""Filters in a real address bar: the Back button, the menu, and clearing all of them at once."""

import re
from dataclasses import replace

from playwright.sync_api import Page, expect

from tests.browser.conftest import House, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import jobs


def test_chips_follow_the_address(house: House, open_page: OpenPage) -> None:
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    chips = page.get_by_role("group", name="Filter by status")
    failed = chips.get_by_role("button", name="Failed")
    failed.click()
    expect(failed).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("job-status=failed"))
    page.go_back()
    expect(failed).to_have_attribute("aria-pressed", "false")
    page.go_forward()
    expect(failed).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="System").click()
    expect(page.get_by_role("heading", name="System")).to_be_visible()
    page.get_by_role("link", name="Monitor", exact=True).click()
    expect(failed).to_have_attribute("aria-pressed", "false")
    expect(page).not_to_have_url(re.compile("job-status"))


def test_hidden_filters_are_counted_on_their_button_and_cleared(
    house: House, open_page: OpenPage
) -> None:
    page = open_page(f"{house.portal.url}/monitor?lang=en&job-q=no-such-job")
    expect(page.get_by_text("No jobs match").first).to_be_visible()
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("combobox", name="Period").click()
    page.get_by_role("option", name="Last hour").click()
    expect(page).to_have_url(re.compile("job-period=1h"))
    expect(page.get_by_role("button", name="Filters (1)")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Filter", exact=True)).to_be_visible()
    expect(page).not_to_have_url(re.compile("job-period"))
    page.go_forward()
    expect(page.get_by_role("button", name="Filters (1)")).to_be_visible()
    clear = page.get_by_role("button", name="Clear all filters")
    expect(clear).to_be_visible()
    clear.click()
    expect(page.get_by_role("button", name="Filter", exact=True)).to_be_visible()
    expect(page.get_by_label("Search jobs")).to_have_value("")
    expect(page).not_to_have_url(re.compile("job-"))


def test_a_person_is_found_by_a_part_of_the_name(house: House, open_page: OpenPage) -> None:
    house.person.processed(title="of kim")
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    page.get_by_role("button", name="Filter", exact=True).click()
    person = page.get_by_role("combobox", name="Person")
    person.click()
    person.fill("ki")
    page.get_by_role("option", name="kim", exact=True).click()
    expect(page).to_have_url(re.compile("job-person=kim"))
    expect(page.get_by_role("button", name="Filters (1)")).to_be_visible()


def test_a_link_shows_the_same_jobs_in_the_same_order(house: House, open_page: OpenPage) -> None:
    """Person, period and order are in the link, and work in another language."""
    someone = replace(house.person, user_id="linked.person")
    first, second = (someone.processed(title=f"linked {n}") for n in (1, 2))
    house.person.processed(title="linked 3")
    page = open_page(f"{house.portal.url}/monitor?lang=en&job-q=linked")
    expect(jobs(page)).to_have_count(3)
    page.get_by_role("button", name="Filter", exact=True).click()
    for name, option in (
        ("Person", someone.user_id),
        ("Period", "Last hour"),
        ("Order", "Oldest"),
    ):
        page.get_by_role("combobox", name=name).click()
        page.get_by_role("option", name=option).click()
    expect(page).to_have_url(re.compile("job-sort=oldest"))
    page.keyboard.press("Escape")
    expected = [test["lastJob"]["jobId"] for test in (first, second)]
    _are_listed(page, expected)
    expect(page.get_by_text("No matching job is running or waiting.")).to_be_visible()

    again = open_page(page.url.replace("lang=en", "lang=ko"))
    _are_listed(again, expected)
    again.get_by_role("button", name="필터 2개 적용").click()
    chosen = [again.get_by_role("combobox", name=name) for name in ("담당자", "기간", "정렬")]
    for box, value in zip(chosen, (someone.user_id, "최근 1시간", "오래된 순"), strict=True):
        expect(box).to_have_value(value)


def _are_listed(page: Page, job_ids: list[str]) -> None:
    def are_listed() -> None:
        assert [job.get_attribute("data-job-id") for job in jobs(page).all()] == job_ids

    eventually(are_listed)
