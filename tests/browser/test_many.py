"""Bulk actions in a real dialog: confirmed, done once, with an outcome for each job."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import House, OpenPage
from tests.support.hold_rows import keep_pointing
from tests.support.marks import jobs, rows
from tests.support.scripted import Script


def test_several_are_retried_once_with_an_outcome_for_each(
    house: House, open_page: OpenPage
) -> None:
    broken = [house.person.processed(Script(fail=True), title=f"many {n}") for n in (1, 2)]
    done = house.person.processed(title="many done")
    chosen = [test["lastJob"]["jobId"] for test in (*broken, done)]
    page = open_page(f"{house.portal.url}/monitor?lang=en&job-q=many")
    for job_id in chosen:
        jobs(page, job_id=job_id).get_by_role("checkbox").check()
    page.get_by_role("toolbar", name="3 selected").get_by_role("button", name="Retry").click()
    dialog = page.get_by_role("dialog", name="Retry 2 jobs")
    expect(dialog).to_contain_text("This job cannot be retried and stays as it is:")
    expect(dialog).to_contain_text(f"many done · {chosen[2][:8]}: it has already completed")
    dialog.get_by_role("button", name="Leave as is").click()
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.get_by_role("toolbar", name="3 selected").get_by_role("button", name="Retry").click()
    dialog.get_by_role("button", name="Retry 2 jobs").click()
    outcomes = dialog.get_by_role("listitem")
    expect(outcomes).to_have_count(2)
    expect(outcomes.first).to_contain_text(f"many 1 · {chosen[0][:8]}: queued")
    expect(dialog.get_by_role("button", name="Retry 2 jobs")).to_be_hidden()
    new = [house.person.test(test["id"])["lastJob"]["jobId"] for test in broken]
    expect(outcomes.first.get_by_role("link", name=f"new job {new[0][:8]}")).to_be_visible()
    dialog.get_by_text("Close", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    for job_id in new:
        expect(jobs(page, job_id=job_id)).to_be_visible()
    expect(page.get_by_role("toolbar")).to_have_count(0)
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)


def test_all_shown_jobs_are_selected_and_cancelled_by_keyboard(
    house: House, open_page: OpenPage
) -> None:
    """Finished jobs are not selected, nor are those of other pages."""
    held = [house.person.upload_held() for _ in range(2)]
    ids = [test["activeJob"]["jobId"] for test, _gate in held]
    page = open_page(f"{house.portal.url}/monitor?lang=ko")
    shown = page.get_by_role("region", name="실행·대기 중")
    expect(jobs(page, job_id=ids[1], status="running")).to_be_visible()
    every = shown.get_by_role("checkbox", name="표시된 항목 모두 선택")
    every.focus()
    page.keyboard.press("Space")
    expect(every).to_be_checked()
    expect(page.get_by_role("toolbar", name="2건 선택됨")).to_be_visible()
    jobs(page, job_id=ids[0]).get_by_role("checkbox").uncheck()
    expect(every).to_be_checked(indeterminate=True)
    every.focus()
    for is_checked in (True, False, True):
        page.keyboard.press("Space")
        expect(every).to_be_checked(checked=is_checked)

    act = page.get_by_role("toolbar").get_by_role("button", name="작업 취소")
    act.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="작업 2건 취소")
    dialog.get_by_role("button", name="2건 취소").press("Enter")
    expect(dialog.get_by_role("listitem").filter(has_text="취소 요청함")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("toolbar")).to_have_count(0)
    _focus_is_in_the_monitor(page)
    for job_id in ids:
        house.person.job_becomes(job_id, "cancelled")


def test_a_job_that_ended_under_the_pointer_is_not_selected(
    house: House, open_page: OpenPage
) -> None:
    (over, first), (held, second) = (house.person.upload_held() for _ in range(2))
    over_id, held_id = (test["activeJob"]["jobId"] for test in (over, held))
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    running = page.get_by_role("region", name="Running")
    for job_id in (over_id, held_id):
        expect(jobs(running, job_id=job_id, status="running")).to_be_visible()
    jobs(running, job_id=held_id).hover()
    keep_pointing(page, ".etl-card")
    first.touch()
    expect(jobs(running, job_id=over_id, status="completed")).to_be_visible()  # it does not move
    running.get_by_role("checkbox", name="Select all").check()
    expect(page.get_by_role("toolbar", name="1 selected")).to_be_visible()
    expect(jobs(running, job_id=over_id).get_by_role("checkbox")).not_to_be_checked()
    second.touch()
    house.person.job_becomes(held_id, "completed")


def test_all_shown_results_are_selected_and_reprocessed(house: House, open_page: OpenPage) -> None:
    tests = [house.person.processed(title=f"every {n}") for n in (1, 2)]
    page = open_page(f"{house.portal.url}/?lang=en&q=every")
    expect(rows(page)).to_have_count(2)
    every = page.get_by_role("checkbox", name="Select all shown: Test results")
    rows(page).first.get_by_role("checkbox").check()
    expect(every).to_be_checked(indeterminate=True)
    every.press("Space")
    expect(every).to_be_checked(indeterminate=False)
    toolbar = page.get_by_role("toolbar", name="2 selected")
    toolbar.get_by_role("button", name="Reprocess").click()
    dialog = page.get_by_role("dialog", name="Reprocess 2 tests")
    dialog.get_by_role("button", name="Reprocess 2 tests").click()
    expect(dialog.get_by_text("2 jobs are queued")).to_be_visible()
    dialog.get_by_text("Close", exact=True).click()
    expect(toolbar).to_be_hidden()
    expect(every).not_to_be_checked()
    for test in tests:
        assert house.person.test(test["id"])["lastJob"]["jobId"] != test["lastJob"]["jobId"]


def _focus_is_in_the_monitor(page: Page) -> None:
    expect(page.get_by_role("region", name="진행 상황").locator(":focus")).to_have_count(1)
