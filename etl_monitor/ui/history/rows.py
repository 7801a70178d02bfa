"""The jobs of a period, as rows for charts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pandas as pd

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.wire.history import Bucket, History, JobSpan
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.samples import sample_title

By = Literal["worker", "kind"]
COUNTED = ("completed", "failed", "cancelled", "rows")

_NO_NAME = "–"
# Our workers are named by their slot and their process, with Celery also by their node:
# `worker-2-4f2a91c0@etl2-9c0d1e2f`. Slot and machine last.
_PROCESS = re.compile(r"-[0-9a-f]{8}(?=@|$)")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A job in the timeline. `lane` counts from 1 within `group`. `begin` and `end` lie in the
    period; a running job ends with it."""

    span: JobSpan
    group: str
    lane: int
    begin: datetime
    end: datetime


def bars(history: History, by: By, kinds: Mapping[str, str]) -> Sequence[Bar]:
    """Return a bar for each job. No two bars of a lane overlap. `kinds`: test kind → its name."""
    ends: dict[str, list[datetime]] = {}  # group → the end of the last bar in each of its lanes
    placed = []
    for span in sorted(history.spans, key=lambda span: (span.started_at, span.job_id)):
        group = group_of(span, by, kinds)
        begin, end = _within(span, history)
        lane = _next_lane(ends.setdefault(group, []), span.started_at, end)
        placed.append(Bar(span=span, group=group, lane=lane, begin=begin, end=end))
    return placed


def groups(placed: Iterable[Bar]) -> Mapping[str, int]:
    """Return group → number of lanes, in natural order: worker-2 before worker-10."""
    lanes: dict[str, int] = {}
    for bar in placed:
        lanes[bar.group] = max(lanes.get(bar.group, 0), bar.lane)
    return {name: lanes[name] for name in sorted(lanes, key=lambda name: (len(name), name))}


def timeline_rows(placed: Iterable[Bar], t: Translator) -> pd.DataFrame:
    """Return a row for each bar. Times are UTC; the browser shows them in its own time zone."""
    return pd.DataFrame(_row(bar, t) for bar in placed)


def throughput_rows(history: History, t: Translator) -> pd.DataFrame:
    """Return a row for each bucket, cut to the period."""
    size = timedelta(seconds=history.bucket_seconds)
    return pd.DataFrame(
        {
            "begin": max(bucket.start, history.since),
            "end": bucket.start + size,
            "when": t.date_time(bucket.start),
            **{name: getattr(bucket, name) for name in COUNTED},
            **{f"{name}_description": _description(bucket, name, t) for name in COUNTED},
        }
        for bucket in history.buckets
    )


def each(history: History, t: Translator) -> str:
    """Return the heading with the size of a bucket: `Ended, per 15 minutes`."""
    minutes = history.bucket_seconds // 60
    if minutes < 60:
        return t("history-each-minutes", n=minutes)
    return t("history-each-hours", n=minutes // 60)


def totals(history: History) -> Mapping[str, int]:
    return {name: sum(getattr(bucket, name) for bucket in history.buckets) for name in COUNTED}


def heading(name: str, t: Translator) -> str:
    return t("history-rows") if name == "rows" else t(f"status-{name}")


def name_of(span: JobSpan, t: Translator) -> str:
    return sample_title(span.test_id, t) or span.title or span.job_id


def _row(bar: Bar, t: Translator) -> dict[str, object]:
    """Return what a chart reads of a bar: its position, tooltip and description."""
    span = bar.span
    tooltip = {
        "title": name_of(span, t),
        "status_text": t(f"status-{span.status}"),
        "started": t.date_time(span.started_at),
        "finished": t.date_time(span.finished_at),
        "took": t.duration((bar.end - span.started_at).total_seconds()),
        "group": bar.group,
    }
    return tooltip | {
        "row": f"{bar.lane} {bar.group}",
        "begin": bar.begin,
        "end": bar.end,
        "status": span.status.value,
        "href": job_address(span.job_id, t),
        "description": ", ".join(
            tooltip[name] for name in ("title", "status_text", "started", "took")
        ),
    }


def _description(bucket: Bucket, name: str, t: Translator) -> str:
    number = t.number(getattr(bucket, name))
    return f"{t.date_time(bucket.start)}: {heading(name, t)} {number}"


def group_of(span: JobSpan, by: By, kinds: Mapping[str, str]) -> str:
    if by == "worker":
        return _PROCESS.sub("", span.worker or _NO_NAME)
    return kinds.get(span.test_kind or "", span.test_kind or _NO_NAME)


def _within(span: JobSpan, history: History) -> tuple[datetime, datetime]:
    end = min(_end(span, history), history.until)
    return max(span.started_at, history.since), max(end, history.since)


def _end(span: JobSpan, history: History) -> datetime:
    return history.until if span.status is JobStatus.RUNNING else span.finished_at or history.until


def duration_of(span: JobSpan, history: History) -> timedelta:
    return _end(span, history) - span.started_at


def _next_lane(ends: list[datetime], begin: datetime, end: datetime) -> int:
    """Return the first lane that is free at `begin`, from 1; a new one if none is. Sets the lane's
    end in `ends`."""
    for index, last_end in enumerate(ends):
        if last_end <= begin:
            ends[index] = end
            return index + 1
    ends.append(end)
    return len(ends)
