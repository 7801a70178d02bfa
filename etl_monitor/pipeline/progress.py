"""Chunk by chunk: telling how far a step is, and stopping when somebody asked for it."""

from collections.abc import Callable, Iterable, Iterator, Sized
from functools import wraps
from typing import TypeVar

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report, StepFunction

CHUNK_ROWS = 8192
"""Rows worked on at once: a few milliseconds of work, a few megabytes of memory."""

Chunk = TypeVar("Chunk", bound=Sized)


class Stopped(Exception):
    """Somebody asked to cancel. Never leaves a step: see `stoppable`."""


def stop_if(cancelled: Cancelled) -> None:
    if cancelled():
        raise Stopped


def tracked(
    chunks: Iterable[Chunk], total: int, report: Report, cancelled: Cancelled
) -> Iterator[Chunk]:
    """The chunks as they come. Reports rows done after each, raises Stopped after a cancel.

    `total` may be an estimate that is too high; the last report says what was there.
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
    """A step that simply returns when it was stopped."""

    @wraps(step)
    def run(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
        try:
            return step(job, report, cancelled)
        except Stopped:
            return None

    return run


def in_parts(parts: int, rows: int, report: Report, cancelled: Cancelled) -> Callable[[], None]:
    """For work that goes over all rows `parts` times: call the result after each time."""
    done = 0
    report(0, rows)

    def part_done() -> None:
        nonlocal done
        done += 1
        report(rows * done // parts, rows)
        stop_if(cancelled)

    return part_done
