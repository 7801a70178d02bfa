"""`make screenshots`: pictures of every page and state.

Those that README.md and docs/ show go to docs/images/, all others to screenshots/.

Each in ko/en × light/dark × 400/1440 pixels wide. Pages come from a portal with its samples, states
from one whose jobs stand still (tests/support/staged.py). The two that the README shows are taken
while the samples' jobs run. `python -m tests.screenshots NAME…` makes only the named ones.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from etl_monitor.i18n.translator import LANGUAGES, Translator
from tests.support.marks import connection, jobs, rows
from tests.support.people import Person
from tests.support.picture import IMAGES, SCREENSHOTS, Picture, chromium, opened, save, take
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted import Script
from tests.support.scripted_server import HOLD, ScriptedServer, reply
from tests.support.service_process import RunningService, running_service
from tests.support.staged import SETTING
from tests.support.tabs import open_tab

WAIT = 120_000  # ms
SAMPLES = {"ETL_MONITOR_SAMPLES": "true", "ETL_MONITOR_SAMPLES_MINUTES": "0"}

expect.set_options(timeout=60_000)


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for number, scene in enumerate((samples, staged, empty, loading)):
            place = Path(folder) / str(number)
            place.mkdir()
            scene(browser, place, names)
    print(f"Shown by the documents: {IMAGES}; all others: {SCREENSHOTS}")  # noqa: T201


def samples(browser: Browser, folder: Path, names: list[str]) -> None:
    own = {"readme", "results", "filter", "monitor", "history", "result", "result-items", "system"}
    if names and own.isdisjoint(names):
        return
    with running_portal(folder, environment=SAMPLES) as portal:
        if not names or "readme" in names:
            while_jobs_run(browser, portal)
        take(browser, portal, pages(browser, portal), names)


def while_jobs_run(browser: Browser, portal: PortalProcess) -> None:
    """The README's pictures."""
    for name, language, theme in (("results", "en", "light"), ("results-ko-dark", "ko", "dark")):
        with opened(browser, f"{portal.url}/?lang={language}", theme, 1440, 900) as page:
            expect(jobs(page, status="running").first).to_be_visible(timeout=WAIT)
            expect(rows(page).nth(5)).to_be_visible(timeout=WAIT)
            save(page, name)


def pages(browser: Browser, portal: PortalProcess) -> list[Picture]:
    with opened(browser, f"{portal.url}/?lang=en", "light", 1440, 900) as page:
        expect(page.locator('[data-status="running"]')).to_have_count(0, timeout=WAIT)
        done = (
            rows(page)
            .filter(has_text="Reasoning")
            .filter(has=page.locator('[data-status="completed"]'))
        )
        test_id = done.first.get_attribute("data-test-id")
    result = f"/result?id={test_id}"
    return [
        Picture(name="results", path="/", ready=there_are_jobs),
        Picture(name="filter", path="/", ready=filters_are_open),
        Picture(name="monitor", path="/monitor", ready=there_are_jobs),
        Picture(
            name="history", path="/monitor?history=true&history-period=1h", ready=history_is_open
        ),
        Picture(name="result", path=result, ready=there_are_tabs),
        Picture(name="result-items", path=result, ready=items_are_shown),
        Picture(name="system", path="/system", ready=there_is_a_table),
    ]


def staged(browser: Browser, folder: Path, names: list[str]) -> None:
    """Pictures of running, waiting, cancelling and failed jobs, and then without the service."""
    own = {"working", "working-results", "details", "cancel", "many", "upload"}
    own |= {"activity", "reconnecting", "disconnected"}
    if names and own.isdisjoint(names):
        return
    slow = SETTING | {"ETL_MONITOR_WORKERS": "3", "ETL_MONITOR_CANCEL_DEADLINE": "900"}
    with running_service(folder / "data", env=slow) as service:
        where = {
            "ETL_MONITOR_API_URL": service.base_url,
            "ETL_MONITOR_API_TOKEN": service.token,
        }
        patient = where | {"ETL_MONITOR_RECONNECT_INTERVAL": "300"}
        hasty = where | {
            "ETL_MONITOR_RECONNECT_INTERVAL": "0.2",
            "ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "2",
        }
        with (
            running_portal(new_folder(folder / "usual"), environment=where) as usual,
            running_portal(new_folder(folder / "patient"), environment=patient) as waits,
            running_portal(new_folder(folder / "hasty"), environment=hasty) as gives_up,
        ):
            job_id = some_jobs(service, folder)
            for portal in (waits, gives_up):
                load_once(browser, portal)
            take(browser, usual, states(job_id), names)
            service.kill()
            tries = [Picture(name="reconnecting", path="/", ready=is_reconnecting)]
            take(browser, waits, tries, names)
            gone = [Picture(name="disconnected", path="/", ready=is_disconnected)]
            take(browser, gives_up, gone, names)


def load_once(browser: Browser, portal: PortalProcess) -> None:
    """Load the list, so that the portal can show it after the service has ended."""
    for language in LANGUAGES:
        with opened(browser, f"{portal.url}/?lang={language}", "light", 1440, 900) as page:
            expect(rows(page).first).to_be_visible()


def new_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def some_jobs(service: RunningService, folder: Path) -> str:
    """Make a job in each state. Returns the id of a running one."""
    someone = Person(service=service, user_id="kim.minji", folder=folder)
    someone.processed(Script(rows=1200), title="2026년 상반기 신입 공채 추론능력검사")
    someone.processed(Script(fail=True), title="2026년 지점 영업직 추론능력검사 (엑셀 변환본)")
    dropped = held_job(someone, "2025년 인턴 전환 심사 추론능력검사")
    cancel(someone, dropped, "파일을 잘못 올렸습니다")
    someone.job_becomes(dropped, "cancelled")
    running = held_job(someone, "2025년 계열사 통합 추론능력검사", rows=50_000)
    stubborn = held_job(someone, "2026년 하반기 경력직 추론능력검사", rows=8000, ignore_cancel=True)
    cancel(someone, stubborn, "응시자 명단이 바뀌었습니다")
    held_job(someone, "2026년 승진 심사 추론능력검사", rows=3000)
    someone.upload(Script(rows=400), title="2026년 해외 법인 추론능력검사")
    return running


def held_job(someone: Person, title: str, **script: Any) -> str:
    """Start a job that runs without end. Returns its id."""
    nowhere = str(someone.folder / "no gate")
    job_id: str = someone.upload(Script(gate=nowhere, **script), title=title)["activeJob"]["jobId"]
    someone.job_is_held(job_id)
    return job_id


def cancel(someone: Person, job_id: str, reason: str) -> None:
    someone.service.data("POST", f"/etl/jobs/{job_id}/cancel", json={"reason": reason})


def states(job_id: str) -> list[Picture]:
    return [
        Picture(name="working", path="/monitor", ready=there_are_jobs),
        Picture(name="working-results", path="/", ready=there_are_jobs),
        Picture(name="details", path=f"/monitor?job={job_id}", ready=steps_are_shown),
        Picture(name="cancel", path="/monitor", ready=lambda p, w: cancel_is_open(p, w, job_id)),
        Picture(name="many", path="/monitor", ready=bulk_cancel_is_open),
        Picture(name="upload", path="/", ready=upload_is_open),
        Picture(name="activity", path="/activity", ready=there_is_a_table),
    ]


def empty(browser: Browser, folder: Path, names: list[str]) -> None:
    if names and "empty" not in names:
        return
    with running_portal(folder) as portal:
        take(browser, portal, [Picture(name="empty", path="/", ready=is_live)], names)


def loading(browser: Browser, folder: Path, names: list[str]) -> None:
    """A picture of the page while the service has not answered yet."""
    if names and "loading" not in names:
        return
    with ScriptedServer() as server:
        server.on("/etl/jobs", HOLD)
        server.on("/tests/results", reply([], x_total_count="0"))
        with running_portal(folder, environment={"ETL_MONITOR_API_URL": server.address}) as portal:
            waits = Picture(name="loading", path="/monitor", ready=there_is_a_skeleton)
            take(browser, portal, [waits], names)


def there_are_jobs(page: Page, t: Translator) -> None:
    expect(jobs(page).first).to_be_visible()


def filters_are_open(page: Page, t: Translator) -> None:
    there_are_jobs(page, t)
    page.get_by_role("button", name=t("filter")).first.click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()


def history_is_open(page: Page, t: Translator) -> None:
    charts = page.get_by_test_id("stVegaLiteChart")
    expect(charts.nth(1)).to_be_visible()
    charts.last.evaluate("chart => chart.scrollIntoView({ block: 'end' })")


def there_are_tabs(page: Page, t: Translator) -> None:
    expect(page.get_by_role("tabpanel").get_by_role("img").first).to_be_visible()


def items_are_shown(page: Page, t: Translator) -> None:
    open_tab(page, t("tab-items"))
    expect(page.get_by_role("tabpanel").get_by_role("img").first).to_be_visible()


def there_is_a_table(page: Page, t: Translator) -> None:
    is_live(page, t)
    expect(page.get_by_role("table").first).to_be_visible()


def is_live(page: Page, t: Translator) -> None:
    expect(connection(page, "live")).to_be_visible()


def steps_are_shown(page: Page, t: Translator) -> None:
    expect(page.locator(".etl-steps").first).to_be_visible()


def cancel_is_open(page: Page, t: Translator, job_id: str) -> None:
    page.get_by_role("button", name=t("job-cancel", id=job_id[:8])).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def bulk_cancel_is_open(page: Page, t: Translator) -> None:
    for number in range(4):
        jobs(page).nth(number).get_by_role("checkbox").check()
    page.get_by_role("toolbar").get_by_role("button", name=t("cancel-selected")).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def upload_is_open(page: Page, t: Translator) -> None:
    page.get_by_role("button", name=t("upload"), exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=t("upload-send"))).to_be_visible()


def is_reconnecting(page: Page, t: Translator) -> None:
    expect(connection(page, "reconnecting")).to_be_visible()


def is_disconnected(page: Page, t: Translator) -> None:
    expect(connection(page, "disconnected")).to_be_visible()


def there_is_a_skeleton(page: Page, t: Translator) -> None:
    expect(page.locator(".etl-skeleton").first).to_be_visible()


if __name__ == "__main__":
    main(sys.argv[1:])
