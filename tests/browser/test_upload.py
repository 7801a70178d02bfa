"""An upload: sent from the page, scored with counted progress, shown with its scores."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.support.eventually import eventually
from tests.support.marks import jobs
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.service_process import RunningService, running_service
from tests.support.tabs import open_tab

ROWS = 20_000
TITLE = "<b>2026</b> 공채 *인성* & ../검사"
# Records every number of rows that the page shows on the way, also on the page that opens next.
WATCH_ROWS = """() => {
    const seen = window.rowsSeen = new Set();
    const look = () => {
        for (const one of document.querySelectorAll(".etl-number")) {
            const rows = one.textContent.match(/[\\d,]+ of 20,000 rows/)?.[0];
            if (rows) seen.add(rows);
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
GROUPS = ("<b>영업</b>", "*개발*", "연구")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that accepts less than the portal believes."""
    limit = {"ETL_MONITOR_UPLOAD_LIMIT_MB": "4"}
    with running_service(tmp_path_factory.mktemp("service") / "data", env=limit) as process:
        yield process


@pytest.fixture(scope="module")
def portal(
    service: RunningService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    """A portal with the address of a service."""
    where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
    with running_portal(tmp_path_factory.mktemp("portal"), environment=where) as process:
        yield process


@pytest.fixture(scope="module")
def answers(service: RunningService) -> pd.DataFrame:
    """20,000 people's answers to the Big Five items, of groups with Korean names."""
    kinds = {kind["key"]: kind for kind in service.data("GET", "/test-kinds")}
    items = [c for c in kinds["big_five_50"]["columns"] if c != "respondent_id"]
    random = np.random.default_rng(20_261_123)
    table = pd.DataFrame(random.integers(1, 6, size=(ROWS, len(items))), columns=items)
    table.insert(0, "respondent_id", [f"응시자{n:05d}" for n in range(ROWS)])
    table["group"] = random.choice(GROUPS, size=ROWS)
    return table


def send(page: Page, file: Path, title: str) -> None:
    page.get_by_role("button", name="Upload", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog.get_by_role("button", name="Another file")).to_be_visible()
    dialog.get_by_label("Title").fill(title)
    dialog.get_by_label("Person in charge").fill("kim.minji")
    dialog.get_by_role("button", name="Upload and score").click()


def test_an_upload_is_scored_and_shown(
    portal: PortalProcess,
    service: RunningService,
    open_page: OpenPage,
    answers: pd.DataFrame,
    tmp_path: Path,
) -> None:
    file = tmp_path / "answers.csv"
    answers.to_csv(file, index=False)
    page = open_page(portal.url)
    page.evaluate(WATCH_ROWS)
    send(page, file, TITLE)
    job = jobs(page).first
    expect(job).to_be_visible()
    expect(job).to_have_attribute("data-status", "completed", timeout=60_000)
    assert page.evaluate("window.rowsSeen.size") > 0, "the rows that are done are counted"
    done = service.data("GET", f"/etl/jobs/{job.get_attribute('data-job-id')}")
    counted = {step["name"]: step["rowsDone"] for step in done["steps"]}
    assert [counted[step] for step in ("extract", "validate", "score")] == [ROWS] * 3
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page.get_by_role("definition").first).to_have_text("20,000", timeout=30_000)
    charts = page.get_by_role("img", name="Distribution of")
    expect(charts).to_have_count(5)
    groups = page.get_by_role("region", name="Group comparison")
    expect(groups.get_by_role("row")).to_have_count(1 + len(GROUPS))
    expect(groups.get_by_role("rowheader", name=GROUPS[0], exact=True)).to_be_visible()
    open_tab(page, "Documents")
    expect(page.get_by_role("tabpanel").get_by_text("Summary", exact=True).first).to_be_visible()


def test_the_same_answers_give_the_same_scores_in_each_format(
    service: RunningService, answers: pd.DataFrame, tmp_path: Path
) -> None:
    plain, korean, parquet = (tmp_path / name for name in ("a.csv", "b.csv", "c.parquet"))
    answers.to_csv(plain, index=False)
    answers.to_csv(korean, index=False, encoding="cp949")
    answers.to_parquet(parquet, index=False)
    scores = [scored(service, file, tmp_path) for file in (plain, korean, parquet)]
    assert len(scores[0]) == ROWS
    pd.testing.assert_frame_equal(scores[0], scores[1])
    pd.testing.assert_frame_equal(scores[0], scores[2])


def scored(service: RunningService, file: Path, folder: Path) -> pd.DataFrame:
    form = {"testKind": "big_five_50", "title": file.name, "userId": "lee"}
    with file.open("rb") as answers:
        made = service.data("POST", "/tests/results", data=form, files={"file": answers})

    def completed() -> None:
        result = service.data("GET", f"/tests/results/{made['id']}")
        assert result["status"] == "completed", result["lastJob"]

    eventually(completed, within=90)
    target = folder / f"{file.name}.scores"
    target.write_bytes(service.call("GET", f"/tests/results/{made['id']}/scores").content)
    return pd.read_parquet(target)


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="Upload", exact=True).first.click()
    return page.get_by_role("dialog")


UNUSABLE = {
    "empty.csv": (b"", "The file is empty"),
    "workbook.csv": (b"PK\x03\x04", "This is an Excel workbook"),
    "utf16.csv": ("respondent_id".encode("utf-16"), "not a text file"),
    "cut.parquet": (b"PAR1" + b"\0" * 40, "cannot be read"),
    "open.csv": (b'"respondent_id,EXT1\n1,2\n', "A quotation mark in line 1"),
}


def test_an_unusable_file_is_reported_before_it_is_sent(
    portal: PortalProcess, service: RunningService, open_page: OpenPage, tmp_path: Path
) -> None:
    before = len(service.data("GET", "/activity"))
    dialog = opened(open_page(portal.url))
    for name, (content, said) in UNUSABLE.items():
        file = tmp_path / name
        file.write_bytes(content)
        dialog.locator("input[type=file]").set_input_files(file)
        expect(dialog).to_contain_text(said)
        dialog.get_by_label("Title").fill(f"bad: {name}")
        dialog.get_by_role("button", name="Upload and score").click()
        expect(dialog).to_contain_text("Nothing has been sent")
        dialog.get_by_role("button", name="Another file").click()
        expect(dialog.get_by_text("Nothing has been sent")).to_have_count(0)
    assert len(service.data("GET", "/activity")) == before


def test_columns_are_compared_with_the_chosen_kind(
    portal: PortalProcess, open_page: OpenPage
) -> None:
    dialog = opened(open_page(portal.url))
    dialog.locator("input[type=file]").set_input_files(
        {
            "name": "<i>wrong.csv",
            "mimeType": "text/csv",
            "buffer": b"respondent_id,<b>EXT1</b>\n1,2\n",
        }
    )
    expect(dialog.get_by_text("<i>wrong.csv")).to_be_visible()
    expect(dialog.get_by_role("columnheader", name="<b>EXT1</b>")).to_be_visible()
    choose_kind(dialog, "Big Five")
    expect(dialog).to_contain_text("lacks columns of this kind of test: EXT1, EXT2")


def choose_kind(dialog: Locator, name: str) -> None:
    box = dialog.get_by_label("Kind of test")
    expect(box).to_have_count(1)  # while the form is replaced, the old one is still there
    box.click()
    dialog.page.get_by_role("option", name=name).click()


def test_a_refused_upload_gives_the_reason_and_keeps_the_form(
    portal: PortalProcess, service: RunningService, open_page: OpenPage, tmp_path: Path
) -> None:
    """Only the service knows that the file is too large for it."""
    kinds = {kind["key"]: kind for kind in service.data("GET", "/test-kinds")}
    columns = kinds["reasoning_4x10"]["columns"]
    row = "respondent," + ",".join("A" for _ in columns[1:]) + "\n"
    file = tmp_path / "answers.csv"
    file.write_text(",".join(columns) + "\n" + row * (5_000_000 // len(row)), encoding="utf-8")
    before = service.call("GET", "/tests/results").headers["X-Total-Count"]
    page = open_page(portal.url)
    send(page, file, TITLE)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Detected from the file’s columns")).to_be_visible()
    expect(dialog).to_contain_text("The service did not accept the file")
    expect(dialog).to_contain_text("4 MB")
    expect(dialog.get_by_label("Title")).to_have_value(TITLE)
    assert service.call("GET", "/tests/results").headers["X-Total-Count"] == before


def test_missing_values_are_named(portal: PortalProcess, open_page: OpenPage) -> None:
    dialog = opened(open_page(portal.url))
    dialog.get_by_label("Person in charge").fill("kim")
    dialog.get_by_role("button", name="Upload and score").click()
    expect(dialog).to_contain_text("Please add: an answer file, the kind of test, a title.")


def test_a_template_can_be_uploaded(
    portal: PortalProcess, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(portal.url)
    dialog = opened(page)
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Reasoning").click()
    assert download.value.suggested_filename == "reasoning_4x10.csv"
    file = tmp_path / "template.csv"
    download.value.save_as(file)
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog).to_contain_text("2 rows")
    expect(dialog).to_contain_text("UTF-8")
    expect(dialog.get_by_text("Detected from the file’s columns")).to_be_visible()
    dialog.get_by_role("button", name="Another file").click()
    expect(dialog.get_by_role("button", name="Choose a file")).to_be_visible()


def test_an_unsupported_file_is_rejected_in_korean(
    portal: PortalProcess, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "답안.hwp"
    file.write_bytes(b"hwp")
    page = open_page(portal.url, locale="ko-KR")
    page.get_by_role("button", name="파일 올리기", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="파일 고르기")).to_be_visible()
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog.get_by_role("button", name="답안.hwp 빼기")).to_be_visible()
    names = dialog.aria_snapshot()
    assert "올릴 수 없는 파일입니다" in names
    for english in ("Close", "Open", "Remove", "Add files", "Browse", "allowed", "Error"):
        assert f'"{english}' not in names
        assert f": {english}" not in names
