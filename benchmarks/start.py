"""From the command to the first useful picture in a browser: the portal, with its service and a
scored test, beside a bare Streamlit page. In turn, in one browser; also a second visitor of each.

    python -m benchmarks.start [ROUNDS]     default: 5
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.people import Person
from tests.support.portal_process import ROOT, free_port
from tests.support.scripted import SETTING
from tests.support.service_process import running_service

_BARE = 'import streamlit as st\n\nst.title("Hello")\n'
_TIMEOUT = 120  # seconds


@dataclass(frozen=True)
class App:
    script: Path
    shown: str  # selector of what makes the picture useful
    folder: Path

    @contextmanager
    def running(self) -> Iterator[str]:
        """Start it. Yields its address at once."""
        port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", str(self.script)]
        command += ["--server.port", str(port), "--server.headless", "true"]
        settings = SETTING | {"ETL_MONITOR_DATA_DIR": str(self.folder)}
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(_TIMEOUT)


def main(rounds: int = 5) -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        apps = _apps(folder)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        rows = [[_seconds(browser, app) for app in apps] for _ in range(rounds)]
        browser.close()
    for index, what in enumerate(("command to first picture", "a second visitor")):
        bare, ours = ([times[app][index] for times in rows] for app in (0, 1))
        ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
        print(
            f"{what}: {statistics.median(ours):.2f} s, bare page {statistics.median(bare):.2f} s, "
            f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def _apps(folder: Path) -> tuple[App, App]:
    bare, data = folder / "bare.py", folder / "data"
    bare.write_text(_BARE, encoding="utf-8")
    with running_service(data, env=SETTING) as service:
        Person(service=service, user_id="kim", folder=folder).processed(title="Assessment")
    return App(bare, "h1", folder), App(ROOT / "app.py", "text=Assessment", data)


def _seconds(browser: Browser, app: App) -> tuple[float, float]:
    with app.running() as url:
        first = _timed(lambda: _open(browser, url, app.shown))
        return first, _timed(lambda: _open(browser, url, app.shown))


def _open(browser: Browser, url: str, shown: str) -> None:
    """Open the address as soon as it answers, and wait for the picture."""
    page = browser.new_context().new_page()
    end = time.monotonic() + _TIMEOUT
    while True:
        try:
            page.goto(url, wait_until="commit")
            break
        except Error:  # not listening yet
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
    page.locator(shown).first.wait_for(timeout=_TIMEOUT * 1000)
    page.context.close()


def _timed(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
