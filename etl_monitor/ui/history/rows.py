"""What happened over a period, as rows for charts and tables."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pandas as pd

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.widgets.markdown import escape_markdown
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


def timeline_rows(placed: Iterable[Bar], t: Translator) -> pd.DataFrame:
    """One row a bar. Times are UTC; the browser draws them by its own clock."""
    return pd.DataFrame(_drawn(bar, t) for bar in placed)


def throughput_rows(history: History, t: Translator) -> pd.DataFrame:
    """One row a bucket, cut to the period."""
    size = timedelta(seconds=history.bucket_seconds)
    return pd.DataFrame(
        {
            "begin": max(bucket.start, history.since),
            "end": bucket.start + size,
            "when": t.date_time(bucket.start),
            **{name: getattr(bucket, name) for name in COUNTED},
            **{f"{name}_said": _said(bucket, name, t) for name in COUNTED},
        }
        for bucket in history.buckets
    )


def each(history: History, t: Translator) -> str:
    """`What ended, for each 15 minutes`."""
    minutes = history.bucket_seconds // 60
    if minutes < 60:
        return t("history-each-minutes", n=minutes)
    return t("history-each-hours", n=minutes // 60)


def totals(history: History) -> Mapping[str, int]:
    return {name: sum(getattr(one, name) for one in history.buckets) for name in COUNTED}


def throughput_table(history: History, t: Translator) -> pd.DataFrame:
    """Newest first, for reading."""
    return pd.DataFrame(
        {
            t("history-begin"): escape_markdown(t.date_time(bucket.start)),
            **{heading(name, t): t.number(getattr(bucket, name)) for name in COUNTED},
        }
        for bucket in reversed(history.buckets)
    )


def job_table(history: History, t: Translator) -> pd.DataFrame:
    """Newest first, for reading; each with a link to its job."""
    return pd.DataFrame(
        {
            t("fact-job"): _link(span, t),
            t("status"): t(f"status-{span.status}"),
            t("fact-started"): escape_markdown(t.date_time(span.started_at)),
            t("history-took"): t.duration(_took(span, history).total_seconds()),
            t("fact-worker"): escape_markdown(_group(span, "worker", {})),
        }
        for span in history.spans
    )


def heading(name: str, t: Translator) -> str:
    return t("history-rows") if name == "rows" else t(f"status-{name}")


def _drawn(bar: Bar, t: Translator) -> dict[str, object]:
    """What a chart needs of a bar: where it is, what is shown beside it, what a reader hears."""
    span = bar.span
    told = {
        "title": span.title or span.job_id,
        "told": t(f"status-{span.status}"),
        "started": t.date_time(span.started_at),
        "finished": t.date_time(span.finished_at),
        "took": t.duration((bar.end - span.started_at).total_seconds()),
        "group": bar.group,
    }
    return told | {
        "row": f"{bar.lane} {bar.group}",
        "begin": bar.begin,
        "end": bar.end,
        "status": span.status.value,
        "href": job_address(span.job_id, t),
        "said": ", ".join(told[name] for name in ("title", "told", "started", "took")),
    }


def _said(bucket: Bucket, name: str, t: Translator) -> str:
    number = t.number(getattr(bucket, name))
    return f"{t.date_time(bucket.start)}: {heading(name, t)} {number}"


def _link(span: JobSpan, t: Translator) -> str:
    title = escape_markdown(span.title or span.job_id)
    return f"[{title}]({job_address(span.job_id, t)})"


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
