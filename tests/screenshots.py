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

WAIT = 120_000  # ms

expect.set_options(timeout=60_000)


def main(wanted: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for number, scene in enumerate((samples, staged, empty, loading)):
            place = Path(folder) / str(number)
            place.mkdir()
            scene(browser, place, wanted)
    print(f"Shown by the documents: {IMAGES}; all others: {SCREENSHOTS}")  # noqa: T201


def samples(browser: Browser, folder: Path, wanted: list[str]) -> None:
    names = ["readme", "results", "filter", "monitor", "history"]
    names += ["result", "result-items", "system"]
    if wanted and not set(wanted) & set(names):
        return
    with running_portal(folder, environment={"ETL_MONITOR_SAMPLES": "true"}) as portal:
        if not wanted or "readme" in wanted:
            while_jobs_run(browser, portal)
        take(browser, portal, pages(browser, portal), wanted)


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
            name="history", path="/monitor?history=true&history-period=1h", ready=what_has_been
        ),
        Picture(name="result", path=result, ready=there_are_tabs),
        Picture(name="result-items", path=result, ready=items_are_shown),
        Picture(name="system", path="/system", ready=there_is_a_table),
    ]


def staged(browser: Browser, folder: Path, wanted: list[str]) -> None:
    """Jobs that run, wait, are being cancelled, failed; then nobody answers any more."""
    names = ["working", "working-results", "details", "cancel", "many", "upload"]
    names += ["activity", "reconnecting", "disconnected"]
    if wanted and not set(wanted) & set(names):
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
            running_portal(made(folder / "usual"), environment=where) as usual,
            running_portal(made(folder / "patient"), environment=patient) as waits,
            running_portal(made(folder / "hasty"), environment=hasty) as gives_up,
        ):
            job_id = some_jobs(service, folder)
            for portal in (waits, gives_up):
                seen_before(browser, portal)
            take(browser, usual, states(job_id), wanted)
            service.kill()
            tries = [Picture(name="reconnecting", path="/", ready=tries_again)]
            take(browser, waits, tries, wanted)
            gone = [Picture(name="disconnected", path="/", ready=nobody_answers)]
            take(browser, gives_up, gone, wanted)


def seen_before(browser: Browser, portal: PortalProcess) -> None:
    """So that there is something to show once the service is gone."""
    for language in LANGUAGES:
        with opened(browser, f"{portal.url}/?lang={language}", "light", 1440, 900) as page:
            expect(rows(page).first).to_be_visible()


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def some_jobs(service: RunningService, folder: Path) -> str:
    """One in each state; the id of one that runs."""
    someone = Person(service=service, user_id="kim.minji", folder=folder)
    someone.processed(Script(rows=1200), title="2026년 상반기 신입 공채 추론능력검사")
    someone.processed(Script(fail=True), title="2026년 지점 영업직 추론능력검사 (엑셀 변환본)")
    dropped = held(someone, "2025년 인턴 전환 심사 추론능력검사")
    cancel(someone, dropped, "파일을 잘못 올렸습니다")
    someone.job_becomes(dropped, "cancelled")
    running = held(someone, "2025년 계열사 통합 추론능력검사", rows=50_000)
    stubborn = held(someone, "2026년 하반기 경력직 추론능력검사", rows=8000, ignore_cancel=True)
    cancel(someone, stubborn, "응시자 명단이 바뀌었습니다")
    held(someone, "2026년 승진 심사 추론능력검사", rows=3000)
    someone.upload(Script(rows=400), title="2026년 해외 법인 추론능력검사")
    return running


def held(someone: Person, title: str, **script: Any) -> str:
    """A job that runs and goes no further."""
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
        Picture(name="cancel", path="/monitor", ready=lambda p, w: asks_to_cancel(p, w, job_id)),
        Picture(name="many", path="/monitor", ready=asks_about_many),
        Picture(name="upload", path="/", ready=asks_for_a_file),
        Picture(name="activity", path="/activity", ready=there_is_a_table),
    ]


def empty(browser: Browser, folder: Path, wanted: list[str]) -> None:
    if wanted and "empty" not in wanted:
        return
    with running_portal(folder) as portal:
        take(browser, portal, [Picture(name="empty", path="/", ready=is_live)], wanted)


def loading(browser: Browser, folder: Path, wanted: list[str]) -> None:
    """A service that was asked for its jobs and has not answered yet."""
    if wanted and "loading" not in wanted:
        return
    with ScriptedServer() as server:
        server.on("/etl/jobs", HOLD)
        server.on("/tests/results", reply([], x_total_count="0"))
        with running_portal(folder, environment={"ETL_MONITOR_API_URL": server.address}) as portal:
            waits = Picture(name="loading", path="/monitor", ready=there_is_a_skeleton)
            take(browser, portal, [waits], wanted)


def there_are_jobs(page: Page, words: Translator) -> None:
    expect(jobs(page).first).to_be_visible()


def filters_are_open(page: Page, words: Translator) -> None:
    there_are_jobs(page, words)
    page.get_by_role("button", name=words("filter")).first.click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()


def what_has_been(page: Page, words: Translator) -> None:
    charts = page.get_by_test_id("stVegaLiteChart")
    expect(charts.nth(1)).to_be_visible()
    charts.last.evaluate("one => one.scrollIntoView({ block: 'end' })")


def there_are_tabs(page: Page, words: Translator) -> None:
    expect(page.get_by_role("tabpanel").get_by_role("img").first).to_be_visible()


def items_are_shown(page: Page, words: Translator) -> None:
    page.get_by_role("tab", name=words("tab-items"), exact=True).click()
    expect(page.get_by_role("tabpanel").get_by_role("img").first).to_be_visible()


def there_is_a_table(page: Page, words: Translator) -> None:
    is_live(page, words)
    expect(page.get_by_role("table").first).to_be_visible()


def is_live(page: Page, words: Translator) -> None:
    expect(connection(page, "live")).to_be_visible()


def steps_are_shown(page: Page, words: Translator) -> None:
    expect(page.locator(".etl-steps").first).to_be_visible()


def asks_to_cancel(page: Page, words: Translator, job_id: str) -> None:
    page.get_by_role("button", name=words("job-cancel", id=job_id[:8])).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def asks_about_many(page: Page, words: Translator) -> None:
    for number in range(4):
        jobs(page).nth(number).get_by_role("checkbox").check()
    page.get_by_role("toolbar").get_by_role("button", name=words("cancel-selected")).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def asks_for_a_file(page: Page, words: Translator) -> None:
    page.get_by_role("button", name=words("upload"), exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=words("upload-send"))).to_be_visible()


def tries_again(page: Page, words: Translator) -> None:
    expect(connection(page, "reconnecting")).to_be_visible()


def nobody_answers(page: Page, words: Translator) -> None:
    expect(connection(page, "disconnected")).to_be_visible()


def there_is_a_skeleton(page: Page, words: Translator) -> None:
    expect(page.locator(".etl-skeleton").first).to_be_visible()


if __name__ == "__main__":
    main(sys.argv[1:])
