"""What opens above a page: no violation that axe knows, both themes, both languages."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, expect

from etl_monitor.i18n.translator import Translator
from tests.browser.conftest import House, OpenPage
from tests.support.axe import assert_no_violation
from tests.support.marks import jobs, row

DIALOG = "[role=dialog]"
TITLE = "asked about"


def is_for_everyone(opener: Locator) -> None:
    """What this opens is looked at, and closed again."""
    page = opener.page
    opener.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_no_violation(page, DIALOG)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_violation_in_what_opens(
    language: str, dark: bool, house: House, open_page: OpenPage
) -> None:
    words = Translator(language)
    done = house.person.processed(title=f"{TITLE} {language} {dark}")
    with held(house) as job_id:
        page = open_page(f"{house.portal.url}/?lang={language}&q={TITLE}", dark=dark)
        job = jobs(page, job_id=job_id)
        is_for_everyone(job.get_by_role("button", name=words("job-cancel", id=job_id[:8])))
        named = words("reprocess-name", title=done["title"])
        is_for_everyone(row(page, done["title"]).get_by_role("button", name=named))
        job.get_by_role("button", name=f"{words('details')} {job_id[:8]}").click()
        expect(job.locator(".etl-steps")).to_be_visible()
        job.get_by_role("checkbox").check()
        chosen = page.get_by_role("toolbar")
        assert_no_violation(page, ".etl-card:has([aria-expanded=true])")
        assert_no_violation(page, ".etl-selection")
        for name in ("cancel-selected", "retry-selected"):
            is_for_everyone(chosen.get_by_role("button", name=words(name), exact=True))
        page.locator("body").press("?")
        expect(page.get_by_role("dialog", name=words("shortcuts-title"))).to_be_visible()
        assert_no_violation(page, DIALOG)
    page.goto(f"{house.portal.url}/result?id={done['id']}&lang={language}")
    is_for_everyone(page.get_by_role("button", name=words("delete"), exact=True))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_violation_in_an_upload(
    language: str, dark: bool, house: House, open_page: OpenPage
) -> None:
    """Empty, with what is missing, and with a file."""
    words = Translator(language)
    page = open_page(f"{house.portal.url}/?lang={language}", dark=dark)
    page.get_by_role("button", name=words("upload"), exact=True).click()
    dialog = page.get_by_role("dialog")
    choose = dialog.get_by_role("button", name=words("drop-choose"))
    expect(choose).to_have_accessible_name(words("drop-choose"))
    assert_no_violation(page, DIALOG)
    _send(dialog, words)
    expect(dialog.get_by_test_id("stAlert")).to_be_visible()
    assert_no_violation(page, DIALOG)
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"script\n{}\n"}
    dialog.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(dialog.get_by_text("a.csv", exact=True)).to_be_visible()
    assert_no_violation(page, DIALOG)


def _send(dialog: Locator, words: Translator) -> None:
    dialog.get_by_role("button", name=words("upload-send")).click()


@contextmanager
def held(house: House) -> Iterator[str]:
    """A job that runs meanwhile."""
    test, gate = house.person.upload_held()
    yield str(test["activeJob"]["jobId"])
    gate.touch()
