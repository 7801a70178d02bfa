"""Filters in a real address bar: the way back, the menu, and all of them cleared at once."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import House, OpenPage


def test_chips_are_as_the_address_says(house: House, open_page: OpenPage) -> None:
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


def test_hidden_filters_are_counted_where_they_are_and_cleared(
    house: House, open_page: OpenPage
) -> None:
    page = open_page(f"{house.portal.url}/monitor?lang=en&job-q=nothing-has-this")
    expect(page.get_by_text("No job matches").first).to_be_visible()
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
