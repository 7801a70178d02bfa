"""The main tasks in Korean, by the accessible names; no page shows an English word."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import House, OpenPage
from tests.support.marks import jobs, row
from tests.support.scripted import Script
from tests.support.tabs import open_tab

TITLE = "2026년 상반기 신입 공채"
# Names of people, of the scripted pipeline, and words without a translation.
NOT_OURS = {"ETL", "English", "admin", "kim", "Scripted", "scripted", "prepare", "work", "finish"}
NOT_OURS |= {"ID", "rows", "worker", "CSV", "XLSX", "Parquet", "Cohen", "SD"}
NOT_OURS |= {"answers", "json"}  # the file
VISIBLE_TEXTS = """() => {
    const shown = (e) => e.checkVisibility() && !e.closest("[translate=no], style");
    const names = ["aria-label", "title", "placeholder"];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
        if (shown(texts.currentNode.parentElement)) found.push(texts.currentNode.data);
    }
    for (const element of document.querySelectorAll(names.map((name) => `[${name}]`).join())) {
        if (shown(element)) found.push(...names.map((name) => element.getAttribute(name) ?? ""));
    }
    return found;
}"""
IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f-]+)?|\S+-\d+\b")


def test_a_job_is_followed_cancelled_and_retried_and_its_result_is_read(
    house: House, open_page: OpenPage
) -> None:
    gate = house.person.folder / "korean"
    test = house.person.upload(Script(gate=str(gate)), title=TITLE)
    old = test["activeJob"]["jobId"]
    house.person.job_becomes(old, "running")
    page = open_page(house.portal.url, locale="ko-KR")
    monitor = page.get_by_role("region", name="진행 상황")
    expect(page.get_by_role("status").filter(has_text="실시간")).to_be_visible()
    expect(monitor.get_by_role("progressbar", name=TITLE)).to_be_visible()
    monitor.get_by_role("button", name=f"자세히 {old[:8]}").click()
    expect(monitor.get_by_text("요청자")).to_be_visible()
    assert english(page, house) == set()

    monitor.get_by_role("button", name=f"작업 {old[:8]} 취소").click()
    question = page.get_by_role("dialog", name=re.compile("중단할까요"))
    expect(question).to_contain_text("이전에 산출된 점수가 있으면 그대로 남습니다")
    assert english(page, house) == set()
    question.get_by_role("textbox", name="사유(선택)").fill("파일이 바뀌었습니다")
    question.get_by_role("button", name="채점 중단").click()
    expect(monitor.get_by_text("파일이 바뀌었습니다")).to_be_visible()

    again = monitor.get_by_role("button", name=f"작업 {old[:8]} 재시도")
    again.click()
    expect(page.get_by_text("대기열에 넣었습니다").first).to_be_visible()
    new = house.person.test(test["id"])["activeJob"]["jobId"]
    expect(monitor.get_by_role("button", name=f"작업 {new[:8]} 취소")).to_be_visible()
    retry = jobs(page).filter(has_text=TITLE).get_by_role("link", name="1번째 시도를 다시 실행")
    expect(retry).to_be_visible()
    gate.touch()
    house.person.job_becomes(new, "completed")

    row(page, TITLE).get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    open_tab(page, "처리 이력")
    history = page.get_by_role("region", name="처리 이력").get_by_role("row")
    expect(history.nth(1)).to_contain_text("완료")
    expect(history.nth(2)).to_contain_text("사유: 파일이 바뀌었습니다")
    assert english(page, house) == set()
    page.get_by_role("link", name="모든 검사 결과").click()
    expect(page.get_by_role("heading", name="검사 결과")).to_be_visible()


def test_streamlits_own_labels_are_korean_on_a_phone(house: House, open_page: OpenPage) -> None:
    house.person.processed(title=TITLE)
    page = open_page(f"{house.portal.url}/monitor", locale="ko-KR", width=360)
    expect(page.get_by_role("region", name="진행 상황")).to_be_visible()
    expect(page.get_by_role("button", name="자세히").first).to_be_visible()
    page.get_by_role("button", name="메뉴 펼치기").click()
    expect(page.get_by_role("link", name="시스템")).to_be_visible()
    assert english(page, house) == set()
    page.get_by_role("button", name="메뉴 접기").click()
    page.get_by_role("button", name="필터").click()
    page.get_by_role("combobox", name="기간").fill("없는 것")
    expect(page.get_by_text("맞는 항목 없음")).to_be_visible()
    assert english(page, house) == set()


def test_an_unknown_address_is_explained_in_korean(house: House, open_page: OpenPage) -> None:
    nowhere = ("404 (Not Found)", "The page that you have requested does not seem to exist")
    page = open_page(f"{house.portal.url}/nope?lang=ko", locale="ko-KR", expects=nowhere)
    dialog = page.get_by_role("dialog", name="없는 페이지입니다")
    expect(dialog).to_contain_text("첫 페이지를 보여 드립니다")
    expect(page.get_by_text("검사 결과", exact=True).first).to_be_attached()
    assert english(page, house) == set()
    dialog.get_by_role("button", name="닫기").click()
    expect(page.get_by_role("heading", name="검사 결과")).to_be_visible()


def english(page: Page, house: House) -> set[str]:
    """Return the visible or spoken words in Latin letters, besides names and the titles of other
    tests."""
    listed = house.service.data("GET", "/tests/results?limit=500")
    titles = {test["title"] for test in listed} | {test["userId"] for test in listed}
    titles.add("The answers are too bad.")  # an error of the scripted pipeline
    names = re.compile("|".join(map(re.escape, sorted(titles, key=len, reverse=True))))
    texts: Any = page.evaluate(VISIBLE_TEXTS)
    ours = [IDS.sub("", names.sub("", text)) for text in texts]
    return {word for text in ours for word in re.findall("[A-Za-z]{2,}", text)} - NOT_OURS
