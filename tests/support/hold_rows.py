"""Twenty updates a second, and a watch over each frame that the browser paints meanwhile."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Protocol

from playwright.sync_api import Page

from etl_monitor.wire.job import JobStatus
from tests.support.eventually import eventually

MIN_UPDATES = 200  # at 20 a second: 10 s
UPDATE_INTERVAL = 0.05  # seconds
MIN_REPAINTS = 10  # with updates, before a watch is conclusive

# Checks in every frame that the browser paints where each row is, and which element has the focus.
# A step's name ends in a growing number, which distinguishes an update from a ticking clock.
_WATCH = """([rowSelector, focused]) => {
    const all = () => [...document.querySelectorAll(rowSelector)];
    const positions = () => all().map((row) => [row.dataset.jobId ?? row.dataset.testId,
        Math.round(row.getBoundingClientRect().top)].join(" at ")).join(", ");
    const steps = () => all().map((row) => row.textContent.match(/step \\d+/)?.[0]).join();
    const before = positions();
    const watch = window.watch = { faults: [], repaints: 0, on: true };
    let painted = steps();
    const check = () => {
        if (!watch.on) return;
        if (steps() !== painted) watch.repaints += 1;
        painted = steps();
        if (positions() !== before) watch.faults.push(`moved: ${positions()} from ${before}`);
        const at = document.activeElement;
        if (!at?.matches(focused)) watch.faults.push(`lost focus: ${at?.outerHTML.slice(0, 200)}`);
        requestAnimationFrame(check);
    };
    requestAnimationFrame(check);
}"""


class Busy(Protocol):
    """A back end whose jobs the test moves."""

    def begin(self) -> str: ...
    def go_on(self, job_id: str, progress: int, step: str) -> None: ...
    def end(self, job_id: str, state: JobStatus) -> None: ...


@contextmanager
def many_updates(
    back_end: Busy, running: list[str], *, never_end: set[str]
) -> Iterator[Callable[[], None]]:
    """Send updates of all jobs until the block is left, however slow the machine is.

    After the yielded function was called, a job ends now and then and another one begins. Those of
    `never_end` go on.
    """
    pace, over, may_end = threading.Event(), threading.Event(), threading.Event()

    def send() -> None:
        for n in count():
            if n >= MIN_UPDATES and over.is_set():
                return
            back_end.go_on(running[n % len(running)], 10, f"step {n}")
            if n % 20 == 19 and may_end.is_set():
                ended = next(job_id for job_id in running if job_id not in never_end)
                running.remove(ended)
                back_end.end(ended, JobStatus.COMPLETED)
                running.append(back_end.begin())
            pace.wait(UPDATE_INTERVAL)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield may_end.set
    finally:
        over.set()
        sender.join()


def keep_pointing(page: Page, rows: str) -> None:
    """Move the pointer a little each second from now on, within the rows: they stay held."""
    page.evaluate(
        """(rows) => setInterval(() => document.querySelector(rows)?.dispatchEvent(
            new PointerEvent("pointermove", { pointerType: "mouse", bubbles: true })), 1000)""",
        rows,
    )


@contextmanager
def assert_rows_stay(page: Page, rows: str, focused: str) -> Iterator[None]:
    """Assert that no row moves and the focus stays in every frame until the block is left."""
    page.evaluate(_WATCH, [rows, focused])
    yield
    faults = _watch(page)["faults"]
    assert not faults, faults[:3]
    page.evaluate("() => { window.watch.on = false; }")


def wait_for_updates(page: Page) -> None:
    """Wait until the browser has painted enough updates from now on."""
    before = _watch(page)["repaints"]

    def are_painted() -> None:
        assert _watch(page)["repaints"] >= before + MIN_REPAINTS

    eventually(are_painted, within=60)


def _watch(page: Page) -> dict[str, Any]:
    watch: dict[str, Any] = page.evaluate("() => window.watch")
    return watch
