"""From an event of the feed to its painted row: the monitor, a push into a bare fragment of
Streamlit, and the usual way (`run_every=1`, 20 rows of Streamlit's elements).

    python -m benchmarks.painted [SECONDS] [ROUNDS] [JOBS …]     default: 5 3 20 200 1000

A real browser shows the page; the feed is this process. Single events come when the page is calm,
then 20 and 200 a second, over all jobs in turn; the monitor shows 25 of them. Painted is the first
task after the frame that has the row. Also measured: the browser's processor time, tasks over
50 ms, bytes over the page's WebSockets, and the monitor with the processor throttled four times.
"""

import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.driven_feed import FIRST, DrivenFeed, driven_feed
from tests.support.portal_process import ROOT, running_portal

_PAGES = ROOT / "benchmarks" / "pages"
_THROTTLED = 200  # jobs
_SINGLE = 15  # events, each after the one before it is painted
_SHOWN = re.compile(r"(\d{3},\d{3}) of 10,000,000")
_OBSERVE = """() => {
  const painted = (window.painted = []);
  const tasks = (window.longTasks = []);
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration)))
    .observe({ type: "longtask" });
  let texts = [];
  const number = /(\\d{3},\\d{3}) of 10,000,000/g;
  new MutationObserver((records) => {
    if (!texts.length) requestAnimationFrame(() => setTimeout(() => {
      const at = performance.timeOrigin + performance.now();
      for (const text of texts)
        for (const [, found] of text.matchAll(number)) painted.push([at / 1000, found]);
      texts = [];
    }));
    for (const { target, addedNodes } of records)
      texts.push(target.data ?? "", ...[...addedNodes].map((node) => node.textContent));
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""


@dataclass(frozen=True)
class Variant:
    """A page to measure: the monitor, or a bare page's `script`."""

    name: str
    jobs: int
    script: Path | None = None


@dataclass(frozen=True)
class Seen:
    """What one page was like under one rate of events."""

    delays: Sequence[float]  # seconds, of the events that were painted
    cpu: float = 0.0  # of the browser, share of a processor
    long_tasks: int = 0
    bytes_an_event: float = 0.0

    @property
    def p50(self) -> float:
        return self._percentile(0.5)

    @property
    def p95(self) -> float:
        return self._percentile(0.95)

    def _percentile(self, share: float) -> float:
        """In milliseconds."""
        delays = sorted(self.delays)
        return 1000 * delays[int(share * (len(delays) - 1))]


@dataclass
class ShownPage:
    """A page in the browser, with what it received."""

    page: Page
    feed: DrivenFeed
    received: int = 0  # bytes

    def single(self) -> list[float]:
        """Return the delays of events that come one by one, to a job that is shown."""
        delays = []
        for _ in range(_SINGLE):
            self.page.wait_for_timeout(400)  # calm: the interval between two updates has passed
            rows_done = self.feed.send(0)
            delays.append(self._painted_at(rows_done) - self.feed.sent[rows_done])
        return delays

    def at_rate(self, rate: int, seconds: float) -> Seen:
        self._painted()
        received, cpu, first = self.received, _browser_cpu(), FIRST + len(self.feed.sent)
        begin, count = time.monotonic(), round(rate * seconds)
        for number in range(count):
            self.feed.send(number % self.feed.jobs)
            pause = begin + (number + 1) / rate - time.monotonic()
            if pause > 0.002:
                self.page.wait_for_timeout(1000 * pause)
        self.page.wait_for_timeout(1500)
        cpu = (_browser_cpu() - cpu) / (time.monotonic() - begin)
        painted = self._painted()
        return Seen(
            delays=list(self._delays(painted, first)),
            cpu=cpu,
            long_tasks=len(self.page.evaluate("longTasks.splice(0)")),
            bytes_an_event=(self.received - received) / count,
        )

    def _painted_at(self, rows_done: int) -> float:
        """Wait until this number is painted, and return when."""
        while True:
            self.page.wait_for_timeout(200)
            for at, number in self._painted():
                if number == rows_done:
                    return at

    def _painted(self) -> Sequence[tuple[float, int]]:
        """Return times and numbers since the last call."""
        found = self.page.evaluate("painted.splice(0)")
        return [(at, int(number.replace(",", ""))) for at, number in found]

    def _delays(self, painted: Sequence[tuple[float, int]], first: int) -> Iterator[float]:
        """Yield the delay of each event to a job that the page shows: until this or a later number
        of the same job is painted."""
        by_job: dict[int, list[tuple[float, int]]] = {}
        for at, number in painted:
            if number >= first:
                by_job.setdefault((number - first) % self.feed.jobs, []).append((at, number))
        for number in range(first, FIRST + len(self.feed.sent)):
            shown = by_job.get((number - first) % self.feed.jobs, [])
            later = [at for at, newest in shown if newest >= number]
            if later:
                yield min(later) - self.feed.sent[number]


def _browser_cpu() -> float:
    """Return the seconds of processor time of the browser's processes so far."""
    family = psutil.Process().children(recursive=True)
    times = [p.cpu_times() for p in family if "chrom" in p.name() or "headless" in p.name()]
    return sum(used.user + used.system for used in times)


@contextmanager
def running(variant: Variant, folder: Path) -> Iterator[tuple[DrivenFeed, str]]:
    """Run the server of a page, which follows a feed of its own. Yields the page's address."""
    with driven_feed(variant.jobs) as feed:
        environment = {"ETL_MONITOR_API_URL": feed.address, "PYTHONPATH": str(ROOT)}
        with running_portal(
            folder,
            environment=environment,
            script=variant.script or ROOT / "app.py",
            health="/_stcore/health" if variant.script else "/healthz",
        ) as portal:
            yield feed, portal.url + ("" if variant.script else "/monitor?lang=en")


@contextmanager
def opened(browser: Browser, feed: DrivenFeed, url: str) -> Iterator[ShownPage]:
    context = browser.new_context(locale="en-US", viewport={"width": 1366, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    shown = ShownPage(page, feed)

    def count(payload: str | bytes) -> None:
        shown.received += len(payload)

    page.on("websocket", lambda socket: socket.on("framereceived", count))
    page.goto(url)
    page.wait_for_timeout(4000)  # a new page gets no updates for three seconds
    page.evaluate(_OBSERVE)
    for job in range(min(feed.jobs, 20)):
        feed.send(job)
    page.get_by_text(_SHOWN).first.wait_for()
    page.wait_for_timeout(2000)
    yield shown
    context.close()


def measure(shown: ShownPage, seconds: float, variant: Variant) -> Mapping[str, Seen]:
    """Return what was seen by what was done."""
    found = {"single events": Seen(delays=shown.single())}
    for rate in (20,) if variant.script else (20, 200):
        found[f"{rate}/s"] = shown.at_rate(rate, seconds)
    if variant.jobs == _THROTTLED:
        devtools = shown.page.context.new_cdp_session(shown.page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        found["20/s, throttled"] = shown.at_rate(20, seconds)
    return found


def main(seconds: float = 5, rounds: int = 3, *jobs: int) -> None:
    variants = [
        Variant("bare fragment", 1, _PAGES / "fragment.py"),
        Variant("the usual way, 20 jobs", 20, _PAGES / "usual.py"),
        *(Variant(f"monitor, {count} jobs", count) for count in jobs or (20, 200, 1000)),
    ]
    results: dict[str, list[Mapping[str, Seen]]] = {variant.name: [] for variant in variants}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        for _ in range(rounds):
            for variant in variants:
                with (
                    running(variant, Path(name)) as (feed, url),
                    opened(browser, feed, url) as shown,
                ):
                    results[variant.name].append(measure(shown, seconds, variant))
        browser.close()
    show(results)


def show(results: Mapping[str, Sequence[Mapping[str, Seen]]]) -> None:
    """Print medians over the rounds, and the ratios to the bare fragment in the same round."""
    bare = results["bare fragment"]
    print(f"{'':<44} p50 ms  p95 ms  to bare fragment        browser  to bare  long  bytes")
    for name, rounds in results.items():
        for what in rounds[0]:
            seen = [found[what] for found in rounds]
            beside = [
                found["single events" if what == "single events" else "20/s"] for found in bare
            ]
            delay = [s.p50 / b.p50 for s, b in zip(seen, beside, strict=True)]
            cpu = [s.cpu / b.cpu if b.cpu else 0.0 for s, b in zip(seen, beside, strict=True)]
            print(
                f"{name + ', ' + what:<44}{median(s.p50 for s in seen):>7.0f}"
                f"{median(s.p95 for s in seen):>8.0f}"
                f"{median(delay):>7.2f} x ({min(delay):.2f} to {max(delay):.2f})"
                f"{100 * median(s.cpu for s in seen):>9.0f} %{median(cpu):>7.2f} x"
                f"{max(s.long_tasks for s in seen):>6}"
                f"{median(s.bytes_an_event for s in seen):>7.0f}"
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
