"""The upload of a large file: counted progress, and how to stop it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_upload import send
from tests.support.eventually import eventually
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.service_process import RunningService, running_service
from tests.support.slow_line import SlowLine

SENDING = re.compile(r"Sending: ([\d.]+) of ([\d.]+) MB")
MB = 1_000_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with running_service(tmp_path_factory.mktemp("service") / "data") as process:
        yield process


@pytest.fixture
def line(service: RunningService) -> Iterator[SlowLine]:
    with SlowLine(service.base_url, most=5 * MB) as line:
        yield line


@pytest.fixture
def portal(line: SlowLine, service: RunningService, tmp_path: Path) -> Iterator[PortalProcess]:
    where = {"ETL_MONITOR_API_URL": line.address, "ETL_MONITOR_API_TOKEN": service.token}
    with running_portal(tmp_path, environment=where) as process:
        yield process


@pytest.fixture(scope="module")
def file(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About 25 MB of answers."""
    kinds = {kind["key"]: kind for kind in service.data("GET", "/test-kinds")}
    columns = kinds["reasoning_4x10"]["columns"]
    path = tmp_path_factory.mktemp("file") / "answers.csv"
    row = ",".join("1" for _ in columns[1:])
    with path.open("w", encoding="utf-8") as out:
        out.write(",".join(columns) + "\n")
        out.writelines(f"r{n:07d},{row}\n" for n in range(280_000))
    return path


def begin_upload(page: Page, file: Path) -> Locator:
    """Return the dialog once it shows how much has been sent. The line then holds the rest."""
    send(page, file, "on its way")
    dialog = page.get_by_role("dialog")

    def is_under_way() -> None:
        progress = SENDING.search(dialog.inner_text())
        assert progress is not None
        assert 5 <= float(progress[1]) < float(progress[2])

    eventually(is_under_way, within=30)
    return dialog


def text_of(dialog: Locator, name: str, opening: int) -> Locator:
    """Return an input of this opening. The dialog shows those of the one before for a moment."""
    return dialog.locator(f".st-key-etl_upload_{name}_{opening}").get_by_role("textbox")


def incoming(service: RunningService) -> list[Path]:
    return list((service.data_dir / "incoming").iterdir())


def test_progress_is_counted_and_then_its_page_opens(
    portal: PortalProcess, line: SlowLine, open_page: OpenPage, file: Path
) -> None:
    page = open_page(portal.url)
    dialog = begin_upload(page, file)
    expect(dialog.get_by_text("To stop sending, close this window.")).to_be_visible()
    line.go_on.set()
    expect(page.get_by_role("heading", name="on its way")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("pressed", ["at once", "once the page is at rest"])
def test_closing_the_dialog_stops_the_upload_without_a_trace(
    portal: PortalProcess,
    line: SlowLine,
    service: RunningService,
    open_page: OpenPage,
    file: Path,
    pressed: str,
) -> None:
    before = service.call("GET", "/tests/results").headers["X-Total-Count"]
    page = open_page(portal.url)
    dialog = begin_upload(page, file)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    line.go_on.set()

    def nothing_is_left() -> None:
        assert incoming(service) == []
        assert service.call("GET", "/tests/results").headers["X-Total-Count"] == before

    if pressed != "at once":
        eventually(nothing_is_left, within=30)
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
    page.get_by_role("button", name="Upload", exact=True).first.click()
    expect(text_of(dialog, "title", opening=2)).to_have_value("on its way")
    expect(text_of(dialog, "person", opening=2)).to_have_value("kim.minji")
    expect(dialog.get_by_role("button", name="Another file")).to_be_visible()  # still selected
    eventually(nothing_is_left, within=30)
    dialog.get_by_role("button", name="Upload and score").click()
    expect(page.get_by_role("heading", name="on its way")).to_be_visible(timeout=60_000)


def test_a_file_stays_selected_until_it_is_replaced(
    portal: PortalProcess, line: SlowLine, open_page: OpenPage, file: Path
) -> None:
    page = open_page(portal.url)
    upload = page.get_by_role("button", name="Upload", exact=True).first
    dialog = page.get_by_role("dialog")
    upload.click()
    dialog.locator("input[type=file]").set_input_files(file)
    for opening in (1, 2):
        expect(dialog.get_by_role("button", name="Another file")).to_be_visible()
        text_of(dialog, "title", opening).press_sequentially("+")  # typed, and not submitted
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible()
        upload.click()
    expect(text_of(dialog, "title", opening=3)).to_have_value("++")
    dialog.get_by_role("button", name="Another file").click()
    expect(dialog.get_by_role("button", name="Choose a file")).to_be_visible()
    expect(dialog.get_by_role("button", name="Another file")).to_have_count(0)


def test_a_submission_before_the_file_has_arrived_says_so(
    portal: PortalProcess, line: SlowLine, open_page: OpenPage, file: Path
) -> None:
    line.go_on.set()
    page = open_page(portal.url)
    held: list[Route] = []
    page.route("**/_stcore/upload_file/**", lambda route: held.append(route))
    page.get_by_role("button", name="Upload", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_label("Title").fill("too early")
    dialog.get_by_label("Person in charge").fill("kim")
    dialog.get_by_role("button", name="Upload and score").click()
    expect(dialog).to_contain_text("Please add: an answer file")
    held[0].continue_()
    expect(dialog).to_contain_text("The file is ready.")
    dialog.get_by_role("button", name="Upload and score").click()
    expect(page.get_by_role("heading", name="too early")).to_be_visible(timeout=60_000)
