"""A result's page: figures and their meaning, sortable tables, downloads, every state."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from etl_monitor.pipeline.samples.files import SAMPLES, write_sample
from tests.browser.conftest import OpenPage
from tests.support.axe import assert_no_violation
from tests.support.eventually import eventually
from tests.support.layout import assert_nothing_is_cut_off
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.service_process import RunningService, running_service
from tests.support.tabs import open_tab

ROWS = 600
# A report is in a shadow root.
SCROLLED_SIDEWAYS = """() => {
    const boxesIn = (root) => [...root.querySelectorAll("*")].flatMap((element) => [
        ...(element.matches(".etl-scroll") ? [element] : []),
        ...(element.shadowRoot ? boxesIn(element.shadowRoot) : []),
    ]);
    const shown = boxesIn(document).filter((box) => box.checkVisibility());
    return shown.filter((box) => box.scrollWidth > box.clientWidth + 1)
        .map((box) => [box.ariaLabel, box.scrollWidth, box.clientWidth]);
}"""
A4_WIDTH = 680  # pixels, within margins of 15 mm
TITLE = "<b>추론</b> 검사"
LONG_TITLE = "2026년 하반기 경력직 공개 채용 추론능력검사 응답 파일 (수정본 2차, 최종)"
GROUPS = ("<b>영업</b>", "=1+1", "www.group.example", *(f"팀 {n}" for n in range(27)))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with running_service(tmp_path_factory.mktemp("service") / "data") as process:
        yield process


@pytest.fixture(scope="module")
def portal(
    service: RunningService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
    with running_portal(tmp_path_factory.mktemp("portal"), environment=where) as process:
        yield process


def answers(service: RunningService) -> pd.DataFrame:
    """Random answers, so that items are weak. Respondents and groups have names like formulas."""
    kinds = {kind["key"]: kind for kind in service.data("GET", "/test-kinds")}
    items = [c for c in kinds["reasoning_4x10"]["columns"] if c != "respondent_id"]
    random = np.random.default_rng(20_261_124)
    table = pd.DataFrame(random.choice(list("ABCD"), size=(ROWS, len(items))), columns=items)
    table.insert(0, "respondent_id", [f"=응시자{n}" for n in range(ROWS)])
    table["group"] = [GROUPS[n % len(GROUPS)] for n in range(ROWS)]
    return table


def sent(service: RunningService, content: bytes, title: str, kind: str) -> str:
    form = {"testKind": kind, "title": title, "userId": "lee"}
    made = service.data("POST", "/tests/results", data=form, files={"file": ("a.csv", content)})

    def is_over() -> None:
        assert service.data("GET", f"/tests/results/{made['id']}")["status"] != "processing"

    eventually(is_over, within=90)
    test_id: str = made["id"]
    return test_id


@pytest.fixture(scope="module")
def scored(service: RunningService) -> str:
    content = answers(service).to_csv(index=False).encode()
    return sent(service, content, TITLE, "reasoning_4x10")


@pytest.fixture(scope="module")
def wrong_in_three_ways(service: RunningService) -> str:
    """A third of the rows has a value that is no answer, a third too few answers, the last third
    the same respondent."""
    table = answers(service)
    table.iloc[: ROWS // 3, 1] = "#REF!"
    table.iloc[ROWS // 3 : 2 * ROWS // 3, 5:41] = ""
    table.iloc[2 * ROWS // 3 :, 0] = "same"
    return sent(service, table.to_csv(index=False).encode(), LONG_TITLE, "reasoning_4x10")


@pytest.fixture(scope="module")
def sample(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A sample with forty items, of which few are weak."""
    reasoning = next(one for one in SAMPLES if one.key == "spring-reasoning")
    path = tmp_path_factory.mktemp("sample") / "answers.csv"
    write_sample(replace(reasoning, respondents=4000, file_format="csv-utf8"), path)
    return sent(service, path.read_bytes(), "a sample", reasoning.test_kind)


def result_page(portal: PortalProcess, test_id: str) -> str:
    return f"{portal.url}/result?id={test_id}"


def first_column(page: Page) -> list[str]:
    return page.get_by_role("region", name="Items:").get_by_role("rowheader").all_inner_texts()


def test_flagged_items_come_first_and_the_table_is_sorted_by_keyboard(
    portal: PortalProcess, open_page: OpenPage, scored: str
) -> None:
    page = open_page(result_page(portal, scored))
    open_tab(page, "Items")
    table = page.get_by_role("region", name="Items:")
    expect(table.get_by_role("row")).to_have_count(41)
    expect(table.get_by_role("row").nth(1)).to_contain_text("below")
    by_difficulty = table.get_by_role("button", name="Difficulty")
    by_difficulty.focus()
    page.keyboard.press("Enter")
    header = table.get_by_role("columnheader", name="Difficulty")
    expect(header).to_have_attribute("aria-sort", "descending")
    easiest = first_column(page)[0]
    page.keyboard.press("Enter")
    expect(header).to_have_attribute("aria-sort", "ascending")
    assert first_column(page)[-1] == easiest
    expect(by_difficulty).to_be_focused()
    expect(page.get_by_role("img", name="40 items")).to_be_visible()


def test_groups_are_text_and_many_are_shown_on_demand(
    portal: PortalProcess, open_page: OpenPage, scored: str
) -> None:
    page = open_page(result_page(portal, scored))
    groups = page.get_by_role("region", name="Group comparison")
    expect(groups.get_by_role("row")).to_have_count(16)
    page.get_by_role("button", name="Show all 30").click()
    expect(groups.get_by_role("row")).to_have_count(31)
    expect(groups.get_by_role("rowheader", name="<b>영업</b>", exact=True)).to_be_visible()
    page.get_by_role("combobox", name="Scale").select_option("Logical reasoning")
    expect(page.get_by_role("region", name="Group comparison: Logical reasoning")).to_be_visible()


def test_scores_are_downloaded(
    portal: PortalProcess, open_page: OpenPage, scored: str, tmp_path: Path
) -> None:
    busy = [open_page(f"{portal.url}/{path}") for path in ("", "monitor")]
    page = open_page(result_page(portal, scored))
    open_tab(page, "Downloads")
    for other in busy:  # a run of another page must not take the files away
        other.reload()
    content = downloaded(page, "CSV", tmp_path).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "without it Excel shows no Korean"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == ROWS
    assert rows[1]["respondent_id"] == "'=응시자1"
    assert rows[1]["group"] == "'=1+1"
    parquet = pd.read_parquet(downloaded(page, "Parquet", tmp_path))
    assert parquet["respondent_id"][1] == "=응시자1"
    assert downloaded(page, "XLSX", tmp_path).read_bytes().startswith(b"PK")


def downloaded(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    assert download.value.suggested_filename == f"b추론b 검사 scores.{name.lower()}"
    target = folder / name
    download.value.save_as(target)
    return target


def test_a_group_named_like_an_address_is_no_link_in_the_documents(
    portal: PortalProcess, open_page: OpenPage, scored: str
) -> None:
    page = open_page(result_page(portal, scored))
    open_tab(page, "Documents")
    expect(page.get_by_role("tabpanel").get_by_text("Respondents").first).to_be_visible()
    expect(page.locator("a[href*='group.example']")).to_have_count(0)


def test_a_failed_download_gives_the_reason(
    portal: PortalProcess, open_page: OpenPage, service: RunningService
) -> None:
    content = answers(service).to_csv(index=False).encode()
    test_id = sent(service, content, "gone", "reasoning_4x10")
    page = open_page(result_page(portal, test_id))
    open_tab(page, "Downloads")
    expect(page.get_by_role("button", name="CSV")).to_be_visible()
    service.call("DELETE", f"/tests/results/{test_id}")
    page.get_by_role("button", name="CSV").click()
    expect(
        page.get_by_text("The file could not be created. This test result was not found.")
    ).to_be_visible()


def test_a_test_without_scores_gives_the_reason(
    portal: PortalProcess, open_page: OpenPage, service: RunningService
) -> None:
    table = answers(service)
    table.iloc[:, 1:41] = "?"
    test_id = sent(service, table.to_csv(index=False).encode(), "bad", "reasoning_4x10")
    page = open_page(result_page(portal, test_id), locale="ko-KR")
    expect(page.get_by_text("채점할 수 없는 파일이라 점수가 없습니다")).to_be_visible()
    history = page.get_by_role("region", name="처리 이력")
    expect(history.get_by_role("row").nth(1)).to_contain_text("실패")
    expect(history.get_by_role("link")).to_have_count(1)
    columns = page.get_by_role("region", name=f"제외된 행 {ROWS}개에서 문제가 있는 열")
    expect(columns.get_by_role("row")).to_have_count(11)
    expect(columns.get_by_role("cell", name=f"{ROWS}", exact=True)).to_have_count(10)
    page.get_by_role("button", name="외 30개 열").click()
    expect(columns.get_by_role("row")).to_have_count(41)
    assert_no_violation(page)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
def test_a_phone_shows_where_a_file_went_wrong_without_scrolling_sideways(
    locale: str, portal: PortalProcess, open_page: OpenPage, wrong_in_three_ways: str
) -> None:
    """Each column is a block with a line for each reason. The keyboard sorts it, and sees how."""
    page = open_page(result_page(portal, wrong_in_three_ways), locale=locale, width=390)
    table = page.locator(".etl-compact")
    expect(table.get_by_role("columnheader")).to_have_count(4)
    first = table.get_by_role("row").nth(1)
    expect(first.get_by_role("rowheader")).to_be_visible()
    assert first.get_by_role("cell").filter(visible=True).count() < 3, "only reasons that occur"
    region = page.get_by_role("region").filter(has=table)
    assert region.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    assert_nothing_is_cut_off(page)
    assert_no_violation(page)
    sort = table.get_by_role("columnheader").nth(1).get_by_role("button")
    sort.focus()
    page.keyboard.press("Enter")
    expect(table.get_by_role("columnheader").nth(1)).to_have_attribute("aria-sort", "descending")
    expect(sort).to_be_in_viewport(ratio=1)


def test_a_title_stands_once_and_names_the_job(
    portal: PortalProcess, open_page: OpenPage, scored: str
) -> None:
    page = open_page(result_page(portal, scored), locale="ko-KR", width=390)
    card = page.get_by_role("list", name=TITLE, exact=True).locator(".etl-card")
    expect(card).to_contain_text("완료")
    for width in (1366, 768, 390):
        page.set_viewport_size({"width": width, "height": 1000})
        expect(page.get_by_text(TITLE, exact=True)).to_have_count(1)
        expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    card.get_by_role("button", name=f": {TITLE}").click()
    for width in (390, 768, 1366):
        page.set_viewport_size({"width": width, "height": 1000})
        expect(card.get_by_role("button", name="링크 복사")).to_be_visible()
        assert_nothing_is_cut_off(page)
        assert_no_violation(page)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
def test_on_a_phone_what_needs_attention_takes_three_lines(
    locale: str, portal: PortalProcess, open_page: OpenPage, wrong_in_three_ways: str
) -> None:
    page = open_page(f"{portal.url}/monitor", locale=locale, width=390)
    item = page.locator("[data-attention]").filter(has=page.get_by_title(LONG_TITLE))
    expect(item.get_by_role("button")).to_be_visible()
    lines = item.evaluate("(li) => li.offsetHeight / parseFloat(getComputedStyle(li).lineHeight)")
    assert lines < 3.7, "with the space around them"
    assert_nothing_is_cut_off(page)


def test_an_unknown_test_leads_back_to_the_list(portal: PortalProcess, open_page: OpenPage) -> None:
    page = open_page(result_page(portal, "../nothing"))
    expect(page.get_by_text("This test result cannot be shown.")).to_be_visible()
    page.get_by_role("link", name="All test results").click()
    expect(page.get_by_role("heading", name="Test results")).to_be_visible()


def test_new_scores_appear_and_the_page_keeps_its_tab(
    portal: PortalProcess, open_page: OpenPage, service: RunningService, scored: str
) -> None:
    page = open_page(result_page(portal, scored))
    page.evaluate("window.neverReloaded = true")
    open_tab(page, "History")
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="Reprocess").click()
    page.get_by_role("dialog").get_by_role("button", name="Reprocess").click()
    expect(history.get_by_role("row")).to_have_count(3, timeout=60_000)
    expect(history.get_by_role("row").nth(1)).to_contain_text("Completed", timeout=60_000)
    said = page.get_by_role("status").filter(has_text=f"{TITLE}: Completed")
    expect(said).to_have_count(1)
    expect(page.get_by_role("tab", name="History")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_title(re.compile("<b>추론</b> 검사 · ETL Monitor$"))
    assert page.evaluate("window.neverReloaded") is True
    expect(page).to_have_url(re.compile("tab=history"))
    page.goto(page.url + "&lang=ko")
    expect(page.get_by_role("tab", name="처리 이력")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_nothing_is_wider_than_the_page(
    portal: PortalProcess, open_page: OpenPage, scored: str
) -> None:
    page = open_page(result_page(portal, scored), locale="ko-KR", dark=True, width=360)
    expect(page.get_by_role("img", name="점수 분포")).to_have_count(4)
    for tab in ("점수", "문항", "처리 이력", "내려받기"):
        open_tab(page, tab)
        for width in (2560, 768, 360):
            page.set_viewport_size({"width": width, "height": 1000})
            assert_nothing_is_cut_off(page)
            assert page.evaluate(SCROLLED_SIDEWAYS) == []
            if width != 768:
                assert_no_violation(page)


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
def test_a_sheet_of_paper_shows_every_column_scale_and_group(
    locale: str, portal: PortalProcess, open_page: OpenPage, scored: str
) -> None:
    """From a dark page, on A4 within its margins. Nothing on it could be pressed."""
    page = open_page(result_page(portal, scored), locale=locale, dark=True, width=A4_WIDTH)
    expect(page.get_by_role("combobox")).to_be_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    groups = page.get_by_role("rowheader", name="팀 26")
    expect(groups).to_have_count(4)  # of 30 groups on each scale, a page shows 15 on one
    assert_nothing_is_cut_off(page)
    name = page.locator(".stElementContainer:has(.etl-product)")
    expect(name).not_to_have_css("position", "fixed")  # or the title would be below it
    expect(page.get_by_role("combobox").filter(visible=True)).to_have_count(0)
    heading = page.locator(".etl-figure strong").first
    expect(heading).to_have_css("color", "rgb(0, 0, 0)")
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.get_by_role("combobox")).to_be_visible()


@pytest.mark.parametrize(("tab", "sheets"), [("scores", 2), ("items", 3)])
def test_the_last_sheet_of_paper_is_not_nearly_empty(
    tab: str, sheets: int, portal: PortalProcess, open_page: OpenPage, sample: str
) -> None:
    """Four scales of six groups and forty items fill as many sheets as they need, and no part of
    another one."""
    page = open_page(f"{result_page(portal, sample)}&tab={tab}", locale="en-US")
    expect(page.get_by_role("tabpanel")).to_be_visible()
    expect(page.get_by_role("tabpanel").get_by_role("table").first).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == sheets
