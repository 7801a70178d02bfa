"""Places of bars, rows of charts and tables."""

from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.history import rows
from etl_monitor.wire.history import Bucket, History, JobSpan
from etl_monitor.wire.job import JobStatus

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ENGLISH = Translator("en", "Asia/Seoul")
KINDS = {"big5": "Big Five"}


def span(begin: float, end: float | None, name: str = "a", **told: object) -> JobSpan:
    """From and to so many minutes after noon; without an end it runs."""
    return JobSpan.model_validate(
        {
            "job_id": name,
            "status": JobStatus.RUNNING if end is None else JobStatus.COMPLETED,
            "started_at": NOON + begin * MINUTE,
            "finished_at": None if end is None else NOON + end * MINUTE,
            "worker": "worker-1",
            "test_kind": "big5",
            **told,
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
    told = (span(0, 10, "a"), span(5, 20, "b"), span(10, 15, "c"), span(12, 30, "d"))
    assert lanes(*told) == {"a": 1, "b": 2, "c": 1, "d": 3}


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-90, 59), st.one_of(st.none(), st.integers(0, 90))), max_size=30)
)
def test_no_two_bars_of_a_lane_overlap_and_no_lane_is_wasted(
    told: list[tuple[int, int | None]],
) -> None:
    spans = [
        span(begin, None if long is None else max(0, begin + long), str(number))
        for number, (begin, long) in enumerate(told)
    ]
    placed = rows.bars(history(*spans), "worker", KINDS)
    assert len(placed) == len(spans)
    by_lane = sorted(placed, key=lambda bar: (bar.lane, bar.begin, bar.end))
    for _, lane in groupby(by_lane, key=lambda bar: bar.lane):
        bars = list(lane)
        assert all(one.end <= two.begin for one, two in pairwise(bars))
    at_once = (sum(_is_at(bar, one.begin) for bar in placed) for one in placed)
    assert max((bar.lane for bar in placed), default=0) <= max(at_once, default=0)


def _is_at(bar: rows.Bar, moment: datetime) -> bool:
    return bar.begin <= moment < bar.end or bar.begin == bar.end == moment


def test_bars_are_cut_to_the_period_and_running_ones_reach_its_end() -> None:
    told = (span(-30, 10, "a"), span(50, 90, "b"), span(20, None, "c"))
    placed = {bar.span.job_id: bar for bar in rows.bars(history(*told), "worker", KINDS)}
    assert (placed["a"].begin, placed["a"].end) == (NOON, NOON + 10 * MINUTE)
    assert placed["b"].end == placed["c"].end == NOON + HOUR


def test_groups_by_worker_in_the_order_of_their_numbers() -> None:
    workers = ("worker-10-0a1b2c3d", "worker-2-0a1b2c3d", "worker-2-99999999", "celery@host", None)
    told = [span(n, n + 1, str(n), worker=worker) for n, worker in enumerate(workers)]
    placed = rows.bars(history(*told), "worker", KINDS)
    assert list(rows.groups(placed)) == ["–", "worker-2", "worker-10", "celery@host"]


def test_groups_by_kind_have_a_lane_for_each_job_at_once() -> None:
    told = [span(0, 10, str(n), test_kind=kind) for n, kind in enumerate(("big5", "big5", "own"))]
    placed = rows.bars(history(*told, span(1, 2, "x", test_kind=None)), "kind", KINDS)
    assert rows.groups(placed) == {"–": 1, "own": 1, "Big Five": 2}


def test_what_a_chart_is_told_of_a_bar() -> None:
    failed = span(0, 10, "a/b", status=JobStatus.FAILED, title="<b>Wolf</b>")
    (row,) = rows.timeline_rows(rows.bars(history(failed), "worker", KINDS), ENGLISH).to_dict(
        "records"
    )
    assert (row["row"], row["status"], row["told"]) == ("1 worker-1", "failed", "Failed")
    assert row["title"] == "<b>Wolf</b>", "a chart draws text"
    assert "9:00:00" in row["started"], "by the reader's clock"
    assert row["took"] == "10 min"
    assert row["href"] == "/monitor?job=a%2Fb&lang=en"
    assert row["said"].startswith("<b>Wolf</b>, Failed, ")


def bucket(minutes: float, completed: int, failed: int = 0) -> Bucket:
    return Bucket(
        start=NOON + minutes * MINUTE,
        completed=completed,
        failed=failed,
        cancelled=0,
        rows=completed * 1000,
    )


def test_buckets_begin_in_the_period_and_the_newest_is_as_wide_as_the_others() -> None:
    told = history(buckets=(bucket(-2, 1), bucket(58, 2, failed=1)))
    first, last = rows.throughput_rows(told, ENGLISH).to_dict("records")
    assert (first["begin"], first["end"]) == (NOON, NOON + 3 * MINUTE)
    assert (last["begin"], last["end"]) == (NOON + 58 * MINUTE, NOON + 63 * MINUTE)
    assert last["failed_said"].endswith("Failed 1")
    assert rows.totals(told) == {"completed": 3, "failed": 1, "cancelled": 0, "rows": 3000}


def test_tables_have_the_newest_first_and_no_markup_of_others() -> None:
    told = history(
        span(1, None, "b", title="[x](http://evil) **bold**"),
        span(0, 1, "a", title=None),
        buckets=(bucket(0, 1), bucket(5, 20)),
    )
    jobs = rows.job_table(told, ENGLISH).to_dict("records")
    assert jobs[0]["Job"] == (
        "[\\[x\\]\\(http\\://evil\\) \\*\\*bold\\*\\*](/monitor?job=b&lang=en)"
    )
    assert jobs[0]["Took"] == "59 min", "until the end of the period"
    assert jobs[1]["Job"] == "[a](/monitor?job=a&lang=en)"
    ended = rows.throughput_table(told, ENGLISH).to_dict("records")
    assert [row["Completed"] for row in ended] == ["20", "1"]
    assert ended[0]["Rows scored"] == "20,000"


def test_nothing_makes_empty_rows() -> None:
    nothing = history()
    assert rows.timeline_rows(rows.bars(nothing, "worker", KINDS), ENGLISH).empty
    assert rows.throughput_rows(nothing, ENGLISH).empty
    assert rows.job_table(nothing, ENGLISH).empty


def test_how_long_a_bucket_is_in_words() -> None:
    told = history()
    assert rows.each(told, ENGLISH) == "Ended, per 5 minutes"
    assert rows.each(told.model_copy(update={"bucket_seconds": 60}), ENGLISH) == "Ended, per minute"
    hours = told.model_copy(update={"bucket_seconds": 7200})
    assert rows.each(hours, Translator("ko")) == "끝난 작업(2시간 단위)"
