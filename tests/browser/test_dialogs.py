"""Accessibility of dialogs and toolbars: no violation, in both themes and both languages."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, expect

from etl_monitor.i18n.translator import Translator
from tests.browser.conftest import House, OpenPage
from tests.support.axe import assert_no_violation
from tests.support.marks import jobs, row

DIALOG = "[role=dialog]"
TITLE = "confirmed"


def assert_dialog_is_accessible(opener: Locator) -> None:
    """Open the dialog of this button, check it and close it again."""
    page = opener.page
    opener.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_no_violation(page, DIALOG)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize(("language", "dark"), [("ko", False), ("en", True)])
def test_no_violation_in_a_dialog(
    language: str, dark: bool, house: House, open_page: OpenPage
) -> None:
    t = Translator(language)
    done = house.person.processed(title=f"{TITLE} {language} {dark}")
    with held_job(house) as job_id:
        page = open_page(f"{house.portal.url}/?lang={language}&q={TITLE}", dark=dark)
        job = jobs(page, job_id=job_id)
        assert_dialog_is_accessible(job.get_by_role("button", name=t("job-cancel", id=job_id[:8])))
        reprocess = t("reprocess-name", title=done["title"])
        assert_dialog_is_accessible(row(page, done["title"]).get_by_role("button", name=reprocess))
        job.get_by_role("button", name=f"{t('details')} {job_id[:8]}").click()
        expect(job.locator(".etl-steps")).to_be_visible()
        job.get_by_role("checkbox").check()
        toolbar = page.get_by_role("toolbar")
        assert_no_violation(page, ".etl-card:has([aria-expanded=true])")
        assert_no_violation(page, ".etl-selection")
        for name in ("cancel-selected", "retry-selected"):
            assert_dialog_is_accessible(toolbar.get_by_role("button", name=t(name), exact=True))
        page.locator("body").press("?")
        expect(page.get_by_role("dialog", name=t("shortcuts-title"))).to_be_visible()
        assert_no_violation(page, DIALOG)
    page.goto(f"{house.portal.url}/result?id={done['id']}&lang={language}")
    assert_dialog_is_accessible(page.get_by_role("button", name=t("delete"), exact=True))


@pytest.mark.parametrize(("language", "dark"), [("ko", True), ("en", False)])
def test_no_violation_in_an_upload(
    language: str, dark: bool, house: House, open_page: OpenPage
) -> None:
    """In the empty form, with its list of missing values, and with a file."""
    t = Translator(language)
    page = open_page(f"{house.portal.url}/?lang={language}", dark=dark)
    page.get_by_role("button", name=t("upload"), exact=True).click()
    dialog = page.get_by_role("dialog")
    choose = dialog.get_by_role("button", name=t("drop-choose"))
    expect(choose).to_have_accessible_name(t("drop-choose"))
    assert_no_violation(page, DIALOG)
    _send(dialog, t)
    expect(dialog.get_by_test_id("stAlert")).to_be_visible()
    assert_no_violation(page, DIALOG)
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"script\n{}\n"}
    dialog.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(dialog.get_by_text("a.csv", exact=True)).to_be_visible()
    assert_no_violation(page, DIALOG)


def _send(dialog: Locator, t: Translator) -> None:
    dialog.get_by_role("button", name=t("upload-send")).click()


@contextmanager
def held_job(house: House) -> Iterator[str]:
    """A job that runs until the block is left."""
    test, gate = house.person.upload_held()
    yield str(test["activeJob"]["jobId"])
    gate.touch()
