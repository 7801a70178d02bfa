"""What happened over a period, as rows for charts and tables."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pandas as pd

from etl_monitor.i18n import Texts
from etl_monitor.ui.widgets.markdown import plain
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.wire.history import Bucket, History, JobSpan
from etl_monitor.wire.job import JobStatus

By = Literal["worker", "kind"]
ENDS = ("completed", "failed", "cancelled")
COUNTED = (*ENDS, "rows")

_NO_NAME = "–"
# Our workers are named by their place and their process: `worker-2-4f2a91c0`. The place lasts.
_PROCESS = re.compile(r"-[0-9a-f]{8}$")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A job's place in the timeline: `lane` counts from 1 within `group`. `begin` and `end` are
    within the period; `end` of a running job is the period's."""

    span: JobSpan
    group: str
    lane: int
    begin: datetime
    end: datetime


def bars(history: History, by: By, kinds: Mapping[str, str]) -> Sequence[Bar]:
    """No two bars of a lane overlap. `kinds`: test kind → its name."""
    free: dict[str, list[datetime]] = {}  # for each group, when each of its lanes is free again
    placed = []
    for span in sorted(history.spans, key=lambda span: (span.started_at, span.job_id)):
        group = _group(span, by, kinds)
        begin, end = _within(span, history)
        lane = _lane(free.setdefault(group, []), span.started_at, end)
        placed.append(Bar(span=span, group=group, lane=lane, begin=begin, end=end))
    return placed


def groups(placed: Iterable[Bar]) -> Mapping[str, int]:
    """How many lanes each group has, in the order that people count in: worker-2, worker-10."""
    lanes: dict[str, int] = {}
    for bar in placed:
        lanes[bar.group] = max(lanes.get(bar.group, 0), bar.lane)
    return {name: lanes[name] for name in sorted(lanes, key=lambda name: (len(name), name))}


def timeline_rows(placed: Iterable[Bar], texts: Texts) -> pd.DataFrame:
    """One row a bar. Times are UTC; the browser draws them by its own clock."""
    return pd.DataFrame(_drawn(bar, texts) for bar in placed)


def throughput_rows(history: History, texts: Texts) -> pd.DataFrame:
    """One row a bucket, cut to the period."""
    size = timedelta(seconds=history.bucket_seconds)
    return pd.DataFrame(
        {
            "begin": max(bucket.start, history.since),
            "end": bucket.start + size,
            "when": texts.date_time(bucket.start),
            **{name: getattr(bucket, name) for name in COUNTED},
            **{f"{name}_said": _said(bucket, name, texts) for name in COUNTED},
        }
        for bucket in history.buckets
    )


def each(history: History, texts: Texts) -> str:
    """`What ended, for each 15 minutes`."""
    minutes = history.bucket_seconds // 60
    if minutes < 60:
        return texts("history-each-minutes", n=minutes)
    return texts("history-each-hours", n=minutes // 60)


def totals(history: History) -> Mapping[str, int]:
    return {name: sum(getattr(one, name) for one in history.buckets) for name in COUNTED}


def throughput_table(history: History, texts: Texts) -> pd.DataFrame:
    """Newest first, for reading."""
    return pd.DataFrame(
        {
            texts("history-begin"): plain(texts.date_time(bucket.start)),
            **{heading(name, texts): texts.number(getattr(bucket, name)) for name in COUNTED},
        }
        for bucket in reversed(history.buckets)
    )


def job_table(history: History, texts: Texts) -> pd.DataFrame:
    """Newest first, for reading; each with a link to its job."""
    return pd.DataFrame(
        {
            texts("fact-job"): _link(span, texts),
            texts("status"): texts(f"status-{span.status}"),
            texts("fact-started"): plain(texts.date_time(span.started_at)),
            texts("history-took"): texts.duration(_took(span, history).total_seconds()),
            texts("fact-worker"): plain(_group(span, "worker", {})),
        }
        for span in history.spans
    )


def heading(name: str, texts: Texts) -> str:
    return texts("history-rows") if name == "rows" else texts(f"status-{name}")


def _drawn(bar: Bar, texts: Texts) -> dict[str, object]:
    """What a chart needs of a bar: where it is, what is shown beside it, what a reader hears."""
    span = bar.span
    told = {
        "title": span.title or span.job_id,
        "told": texts(f"status-{span.status}"),
        "started": texts.date_time(span.started_at),
        "finished": texts.date_time(span.finished_at),
        "took": texts.duration((bar.end - span.started_at).total_seconds()),
        "group": bar.group,
    }
    return told | {
        "row": f"{bar.lane} {bar.group}",
        "begin": bar.begin,
        "end": bar.end,
        "status": span.status.value,
        "href": job_address(span.job_id, texts),
        "said": ", ".join(told[name] for name in ("title", "told", "started", "took")),
    }


def _said(bucket: Bucket, name: str, texts: Texts) -> str:
    number = texts.number(getattr(bucket, name))
    return f"{texts.date_time(bucket.start)}: {heading(name, texts)} {number}"


def _link(span: JobSpan, texts: Texts) -> str:
    title = plain(span.title or span.job_id)
    return f"[{title}]({job_address(span.job_id, texts)})"


def _group(span: JobSpan, by: By, kinds: Mapping[str, str]) -> str:
    if by == "worker":
        return _PROCESS.sub("", span.worker or _NO_NAME)
    return kinds.get(span.test_kind or "", span.test_kind or _NO_NAME)


def _within(span: JobSpan, history: History) -> tuple[datetime, datetime]:
    end = min(_end(span, history), history.until)
    return max(span.started_at, history.since), max(end, history.since)


def _end(span: JobSpan, history: History) -> datetime:
    return history.until if span.status is JobStatus.RUNNING else span.finished_at or history.until


def _took(span: JobSpan, history: History) -> timedelta:
    return _end(span, history) - span.started_at


def _lane(free: list[datetime], begin: datetime, end: datetime) -> int:
    """The first lane that is free by then, from 1; a new one where none is. `free` is brought up
    to date."""
    for number, until in enumerate(free):
        if until <= begin:
            free[number] = end
            return number + 1
    free.append(end)
    return len(free)
