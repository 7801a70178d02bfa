"""Work in chunks: report progress, and stop after a cancel request."""

from collections.abc import Callable, Iterable, Iterator, Sized
from functools import wraps
from typing import TypeVar

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report, StepFunction

CHUNK_ROWS = 8192
"""Rows in a chunk: a few milliseconds of work, a few megabytes of memory."""

Chunk = TypeVar("Chunk", bound=Sized)


class Stopped(Exception):
    """The job is to be cancelled. Never leaves a step: see `stoppable`."""


def stop_if(cancelled: Cancelled) -> None:
    """Raise Stopped if the job is to be cancelled."""
    if cancelled():
        raise Stopped


def tracked(
    chunks: Iterable[Chunk], total: int, report: Report, cancelled: Cancelled
) -> Iterator[Chunk]:
    """Yield the chunks and report the rows done after each. Raises Stopped after a cancel request.

    `total` may be too high an estimate; the last report has the exact number of rows.
    """
    done = 0
    report(0, total)
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        report(done, max(done, total))
        stop_if(cancelled)
    report(done, done)


def stoppable(step: StepFunction) -> StepFunction:
    """Return a step that returns None when it is stopped."""

    @wraps(step)
    def run(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
        try:
            return step(job, report, cancelled)
        except Stopped:
            return None

    return run


def in_parts(parts: int, rows: int, report: Report, cancelled: Cancelled) -> Callable[[], None]:
    """Return a callback for work that passes over all rows `parts` times. Call it after each pass;
    it raises Stopped after a cancel request."""
    done = 0
    report(0, rows)

    def part_done() -> None:
        nonlocal done
        done += 1
        report(rows * done // parts, rows)
        stop_if(cancelled)

    return part_done
