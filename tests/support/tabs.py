"""Tabs of a page in a browser."""

from playwright.sync_api import Page, expect

from tests.support.eventually import eventually


def open_tab(page: Page, name: str) -> None:
    """Click a tab until it is open, as a person does: while the page is still drawn, what stands
    above may push it from under the pointer."""
    tab = page.get_by_role("tab", name=name, exact=True)

    def is_open() -> None:
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true", timeout=1000)

    eventually(is_open)
