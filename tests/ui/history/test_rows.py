"""Lanes of bars, rows of charts and tables."""

from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.history import rows, tables
from etl_monitor.wire.history import Bucket, History, JobSpan
from etl_monitor.wire.job import JobStatus

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ENGLISH = Translator("en", "Asia/Seoul")
KINDS = {"big5": "Big Five"}


def span(begin: float, end: float | None, name: str = "a", **fields: object) -> JobSpan:
    """A job from and to so many minutes after noon; without an end it is running."""
    return JobSpan.model_validate(
        {
            "job_id": name,
            "status": JobStatus.RUNNING if end is None else JobStatus.COMPLETED,
            "started_at": NOON + begin * MINUTE,
            "finished_at": None if end is None else NOON + end * MINUTE,
            "worker": "worker-1",
            "test_kind": "big5",
            **fields,
        }
    )


def history(*spans: JobSpan, buckets: tuple[Bucket, ...] = ()) -> History:
    return History(
        since=NOON,
        until=NOON + HOUR,
        spans=spans,
        spans_total=len(spans),
        capped=False,
        bucket_seconds=300,
        buckets=buckets,
    )


def lanes(*spans: JobSpan) -> dict[str, int]:
    return {bar.span.job_id: bar.lane for bar in rows.bars(history(*spans), "worker", KINDS)}


def test_a_lane_is_used_again_as_soon_as_it_is_free() -> None:
    spans = (span(0, 10, "a"), span(5, 20, "b"), span(10, 15, "c"), span(12, 30, "d"))
    assert lanes(*spans) == {"a": 1, "b": 2, "c": 1, "d": 3}


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-90, 59), st.one_of(st.none(), st.integers(0, 90))), max_size=30)
)
def test_no_two_bars_of_a_lane_overlap_and_no_lane_is_wasted(
    jobs: list[tuple[int, int | None]],
) -> None:
    spans = [
        span(begin, None if minutes is None else max(0, begin + minutes), str(number))
        for number, (begin, minutes) in enumerate(jobs)
    ]
    placed = rows.bars(history(*spans), "worker", KINDS)
    assert len(placed) == len(spans)
    by_lane = sorted(placed, key=lambda bar: (bar.lane, bar.begin, bar.end))
    for _, lane in groupby(by_lane, key=lambda bar: bar.lane):
        bars = list(lane)
        assert all(bar.end <= following.begin for bar, following in pairwise(bars))
    at_once = (sum(_is_at(other, bar.begin) for other in placed) for bar in placed)
    assert max((bar.lane for bar in placed), default=0) <= max(at_once, default=0)


def _is_at(bar: rows.Bar, moment: datetime) -> bool:
    return bar.begin <= moment < bar.end or bar.begin == bar.end == moment


def test_bars_are_cut_to_the_period_and_running_ones_reach_its_end() -> None:
    spans = (span(-30, 10, "a"), span(50, 90, "b"), span(20, None, "c"))
    placed = {bar.span.job_id: bar for bar in rows.bars(history(*spans), "worker", KINDS)}
    assert (placed["a"].begin, placed["a"].end) == (NOON, NOON + 10 * MINUTE)
    assert placed["b"].end == placed["c"].end == NOON + HOUR


def test_groups_by_worker_in_the_order_of_their_numbers() -> None:
    here = ("worker-10-0a1b2c3d", "worker-2-0a1b2c3d", "worker-2-99999999", "celery@host", None)
    workers = (*here, "worker-2-0a1b2c3d@etl2-9c0d1e2f", "worker-2-99999999@etl2-0a0b0c0d")
    spans = [span(n, n + 1, str(n), worker=worker) for n, worker in enumerate(workers)]
    placed = rows.bars(history(*spans), "worker", KINDS)
    assert list(rows.groups(placed)) == [
        *("–", "worker-2", "worker-10", "celery@host", "worker-2@etl2")
    ]


def test_groups_by_kind_have_a_lane_for_each_job_at_once() -> None:
    spans = [span(0, 10, str(n), test_kind=kind) for n, kind in enumerate(("big5", "big5", "own"))]
    placed = rows.bars(history(*spans, span(1, 2, "x", test_kind=None)), "kind", KINDS)
    assert rows.groups(placed) == {"–": 1, "own": 1, "Big Five": 2}


def test_a_bar_has_texts_for_its_tooltip_and_for_screen_readers() -> None:
    failed = span(0, 10, "a/b", status=JobStatus.FAILED, title="<b>Wolf</b>")
    (row,) = rows.timeline_rows(rows.bars(history(failed), "worker", KINDS), ENGLISH).to_dict(
        "records"
    )
    assert (row["row"], row["status"], row["status_text"]) == ("1 worker-1", "failed", "Failed")
    assert row["title"] == "<b>Wolf</b>", "a chart shows it as text"
    assert "9:00:00" in row["started"], "in the reader's time zone"
    assert row["took"] == "10 min"
    assert row["href"] == "monitor?job=a%2Fb&lang=en"
    assert row["description"].startswith("<b>Wolf</b>, Failed, ")


def bucket(minutes: float, completed: int, failed: int = 0) -> Bucket:
    return Bucket(
        start=NOON + minutes * MINUTE,
        completed=completed,
        failed=failed,
        cancelled=0,
        rows=completed * 1000,
    )


def test_buckets_begin_in_the_period_and_the_newest_is_as_wide_as_the_others() -> None:
    day = history(buckets=(bucket(-2, 1), bucket(58, 2, failed=1)))
    first, last = rows.throughput_rows(day, ENGLISH).to_dict("records")
    assert (first["begin"], first["end"]) == (NOON, NOON + 3 * MINUTE)
    assert (last["begin"], last["end"]) == (NOON + 58 * MINUTE, NOON + 63 * MINUTE)
    assert last["failed_description"].endswith("Failed 1")
    assert rows.totals(day) == {"completed": 3, "failed": 1, "cancelled": 0, "rows": 3000}


def test_tables_have_the_newest_first_with_titles_as_plain_text() -> None:
    day = history(
        span(1, None, "b", title="[x](http://evil) **bold**"),
        span(0, 1, "a", title=None),
        buckets=(bucket(0, 1), bucket(5, 20)),
    )
    running, ended = (row["cells"] for row in tables.job_table(day, day.spans, ENGLISH)["rows"])
    assert running[0][0]["text"] == "[x](http://evil) **bold**"
    assert running[0][0]["href"] == "monitor?job=b&lang=en"
    assert running[3][0]["text"] == "59 min", "until the end of the period"
    assert (ended[0][0]["text"], ended[0][0]["href"]) == ("a", "monitor?job=a&lang=en")
    newest, oldest = (row["cells"] for row in tables.throughput_table(day, ENGLISH)["rows"])
    assert (newest[1][0]["text"], oldest[1][0]["text"]) == ("20", "1")
    assert newest[4][0]["text"] == "20,000"


def test_an_empty_history_has_empty_rows() -> None:
    empty = history()
    assert rows.timeline_rows(rows.bars(empty, "worker", KINDS), ENGLISH).empty
    assert rows.throughput_rows(empty, ENGLISH).empty
    assert tables.job_table(empty, empty.spans, ENGLISH)["rows"] == []


def test_the_heading_names_the_size_of_a_bucket() -> None:
    day = history()
    assert rows.each(day, ENGLISH) == "Ended, per 5 minutes"
    assert rows.each(day.model_copy(update={"bucket_seconds": 60}), ENGLISH) == "Ended, per minute"
    hours = day.model_copy(update={"bucket_seconds": 7200})
    assert rows.each(hours, Translator("ko")) == "끝난 작업(2시간 단위)"
