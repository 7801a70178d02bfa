"""Twenty updates a second, and what a browser shows meanwhile."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Protocol

from playwright.sync_api import Page

from etl_monitor.wire.job import JobStatus
from tests.support.eventually import eventually

UPDATES = 200  # at least so many, 20 a second: 10 s
A_TWENTIETH = 0.05
NEWS = 10  # repaints with news that somebody has to be calm about

# Looks at every frame that the browser paints: where each row is, and what has the focus. A step's
# name ends in a number that grows, which tells news from a clock that ticks.
_WATCH = """([rowSelector, focused]) => {
    const all = () => [...document.querySelectorAll(rowSelector)];
    const places = () => all().map((row) => [row.dataset.jobId ?? row.dataset.testId,
        Math.round(row.getBoundingClientRect().top)].join(" at ")).join(", ");
    const steps = () => all().map((row) => row.textContent.match(/step \\d+/)?.[0]).join();
    const before = places();
    const calm = window.calm = { wrong: [], news: 0, on: true };
    let drawn = steps();
    const look = () => {
        if (!calm.on) return;
        if (steps() !== drawn) calm.news += 1;
        drawn = steps();
        if (places() !== before) calm.wrong.push(`moved: ${places()} from ${before}`);
        const at = document.activeElement;
        if (!at?.matches(focused)) calm.wrong.push(`focus lost to ${at?.outerHTML.slice(0, 200)}`);
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


class Busy(Protocol):
    """A back end whose jobs go on as they are told."""

    def begin(self) -> str: ...
    def go_on(self, job_id: str, progress: int, step: str) -> None: ...
    def end(self, job_id: str, state: JobStatus) -> None: ...


@contextmanager
def many_updates(
    back_end: Busy, running: list[str], *, kept: set[str]
) -> Iterator[Callable[[], None]]:
    """Steps of all; once the yielded function was called, now and then a job ends and one begins.
    `kept` never end. However slow the machine: it goes on until the block is left."""
    pace, over, may_end = threading.Event(), threading.Event(), threading.Event()

    def tell() -> None:
        for n in count():
            if n >= UPDATES and over.is_set():
                return
            back_end.go_on(running[n % len(running)], 10, f"step {n}")
            if n % 20 == 19 and may_end.is_set():
                ended = next(one for one in running if one not in kept)
                running.remove(ended)
                back_end.end(ended, JobStatus.COMPLETED)
                running.append(back_end.begin())
            pace.wait(A_TWENTIETH)

    told = threading.Thread(target=tell)
    told.start()
    try:
        yield may_end.set
    finally:
        over.set()
        told.join()


@contextmanager
def nothing_happens_to(page: Page, rows: str, focused: str) -> Iterator[None]:
    """No row moves and the focus stays, in any frame until the block is left."""
    page.evaluate(_WATCH, [rows, focused])
    yield
    wrong = _watched(page)["wrong"]
    assert not wrong, wrong[:3]
    page.evaluate("() => { window.calm.on = false; }")


def see_news(page: Page) -> None:
    """Wait until enough was drawn from here on."""
    before = _watched(page)["news"]

    def seen() -> None:
        assert _watched(page)["news"] >= before + NEWS

    eventually(seen, within=60)


def _watched(page: Page) -> dict[str, Any]:
    told: dict[str, Any] = page.evaluate("() => window.calm")
    return told
