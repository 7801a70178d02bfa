"""Locators by the marks that `docs/wire.md` promises in the page."""

from playwright.sync_api import Locator, Page


def jobs(page: Page | Locator, *, status: str | None = None, job_id: str | None = None) -> Locator:
    """The jobs of the monitor."""
    return page.locator(".etl-card" + _marks(status, job_id))


def rows(page: Page) -> Locator:
    """The rows of the results list."""
    return page.locator("[data-test-id]")


def row(page: Page, title: str) -> Locator:
    return rows(page).filter(has=page.get_by_role("link", name=title, exact=True))


def connection(page: Page, state: str) -> Locator:
    return page.locator(f"[data-connection={state}]")


def progress(job: Locator) -> int:
    return int(job.get_attribute("data-progress") or "0")


def _marks(status: str | None, job_id: str | None) -> str:
    by_status = f'[data-status="{status}"]' if status else ""
    by_id = f'[data-job-id="{job_id}"]' if job_id else ""
    return f"[data-job-id]{by_status}{by_id}"
