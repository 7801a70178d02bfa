"""Several jobs at once, in a real dialog: asked, done once, told, and the new ones seen."""

from playwright.sync_api import expect

from tests.browser.conftest import House, OpenPage
from tests.browser.marks import jobs
from tests.service.scripted import Script


def test_several_are_retried_once_and_what_came_of_each_is_told(
    house: House, open_page: OpenPage
) -> None:
    broken = [house.person.processed(Script(fail=True), title=f"many {n}") for n in (1, 2)]
    done = house.person.processed(title="many done")
    chosen = [one["lastJob"]["jobId"] for one in (*broken, done)]
    page = open_page(f"{house.portal.url}/monitor?lang=en&job-q=many")
    for job_id in chosen:
        jobs(page, job_id=job_id).get_by_role("checkbox").check()
    page.get_by_role("toolbar", name="3 selected").get_by_role("button", name="Retry").click()
    dialog = page.get_by_role("dialog", name="Retry 2 jobs")
    expect(dialog).to_contain_text("This one cannot be retried and stays as it is:")
    expect(dialog).to_contain_text(f"{chosen[2][:8]} · many done: it has completed")
    dialog.get_by_role("button", name="Leave as is").click()
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.get_by_role("toolbar", name="3 selected").get_by_role("button", name="Retry").click()
    dialog.get_by_role("button", name="Retry 2 jobs").click()
    told = dialog.get_by_role("listitem")
    expect(told).to_have_count(2)
    expect(told.first).to_contain_text(f"{chosen[0][:8]} · many 1: queued")
    expect(dialog.get_by_role("button", name="Retry 2 jobs")).to_be_hidden()
    new = [house.person.test(one["id"])["lastJob"]["jobId"] for one in broken]
    expect(told.first.get_by_role("link", name=f"new job {new[0][:8]}")).to_be_visible()
    dialog.get_by_text("Close", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    for job_id in new:
        expect(jobs(page, job_id=job_id)).to_be_visible()
