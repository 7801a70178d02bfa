"""The monitor's payload: running and finished jobs, counts, pages, and details of opened jobs."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from etl_monitor.client.filters import JobSort
from etl_monitor.i18n.translator import LANGUAGES
from etl_monitor.ui.jobs.details import DetailsView
from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.jobs.monitor import MonitorView
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.wire.job import JobStatus
from tests.support import factories
from tests.support.factories import ago, render_context

OPEN = [
    factories.running(job_id="r", test_id="1", created_at=ago(minutes=9)),
    factories.cancelling(job_id="c", test_id="2", created_at=ago(minutes=8)),
    factories.pending(job_id="p", test_id="3", created_at=ago(minutes=10)),
]
OVER = [
    factories.completed(job_id="done", test_id="4", created_at=ago(minutes=30)),
    factories.failed(job_id="broken", test_id="5", created_at=ago(minutes=10)),
    factories.cancelled(job_id="stopped", test_id="6", created_at=ago(minutes=20)),
]


def payload(ctx: RenderContext) -> dict[str, object]:
    data = MonitorView(job_filter=MonitorFilter()).render(ctx)
    return dict(json.loads(json.dumps(data)))  # the browser gets JSON


def ids(rows: object) -> list[str]:
    assert isinstance(rows, list)
    return [row["id"] for row in rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_running_and_finished_jobs_are_separate_and_sorted(language: str) -> None:
    with render_context(*OPEN, *OVER, language=language) as ctx:
        data = payload(ctx)
        assert ids(data["running"]) == ["c", "r", "p"], "those that wait below those that run"
        assert ids(data["finished"]) == ["broken", "stopped", "done"], "the newest first"
        assert "3" in str(data["runningHeading"])
        assert "3" in str(data["finishedHeading"])


@pytest.mark.parametrize(
    ("sort", "running", "finished"),
    [
        ("newest", ["c", "r", "p"], ["broken", "stopped", "done"]),
        ("oldest", ["r", "c", "p"], ["done", "stopped", "broken"]),
        ("longest", ["r", "c", "p"], ["done", "broken", "stopped"]),
    ],
)
def test_the_order_applies_to_running_jobs_and_without_the_service(
    sort: JobSort, running: list[str], finished: list[str]
) -> None:
    with render_context(*OPEN, *OVER) as ctx:
        data = MonitorView(job_filter=MonitorFilter(sort=sort)).render(ctx)
        assert ids(data["running"]) == running
        assert ids(data["finished"]) == finished
        assert data["problem"]


def test_a_chip_counts_what_the_other_filters_leave() -> None:
    other = factories.failed(job_id="other", test_id="7", user_id="lee")
    with render_context(*OPEN, *OVER, other) as ctx:
        chips = MonitorView(job_filter=MonitorFilter(person="lee")).render(ctx)["chips"]
        assert [chip["count"] for chip in chips] == ["0", "0", "0", "1", "0"]
        ctx.jobs.monitor("job").statuses = frozenset({JobStatus.PENDING})
        chips = MonitorView(job_filter=MonitorFilter()).render(ctx)["chips"]
        assert [chip["count"] for chip in chips] == ["1", "2", "1", "2", "1"], "not the chips"


def test_before_the_first_list_the_payload_is_not_loaded() -> None:
    with render_context(loaded=False) as ctx:
        assert payload(ctx)["loaded"] is False
    with render_context() as ctx:
        data = payload(ctx)
        assert (data["loaded"], data["running"], data["finished"]) == (True, [], [])


def test_jobs_of_a_back_end_without_our_fields() -> None:
    jobs = [factories.original(status, job_id=status.value) for status in JobStatus]
    with render_context(*jobs, language="ko") as ctx:
        data = payload(ctx)
        assert sorted(ids(data["running"])) == ["pending", "running", "unknown"]
        assert sorted(ids(data["finished"])) == ["cancelled", "completed", "failed"]
        assert "None" not in json.dumps(data)


def test_other_jobs_of_a_test_have_no_retry_while_one_is_active() -> None:
    again = factories.running(job_id="again", test_id="5")
    with render_context(OVER[1], again) as ctx:
        assert ctx.snapshot.active_siblings(OVER[1]) == (again,)
        (row,) = MonitorView(job_filter=MonitorFilter()).render(ctx)["finished"]
        assert row["retry"] is None
    with render_context(OVER[1]) as ctx:
        assert ctx.snapshot.active_siblings(OVER[1]) == ()
        assert ctx.snapshot.active_siblings(factories.original(JobStatus.FAILED)) == ()


def test_only_opened_jobs_have_details() -> None:
    with render_context(*OVER) as ctx:
        ctx.jobs.toggle("done")
        view = MonitorView(job_filter=MonitorFilter())
        assert opened_in(view, ctx) == {"done": DetailsView(job_id="done")}
        assert view.render(ctx)["openJobs"] == ["done"]
        above = replace(view, above="done")
        assert opened_in(above, ctx) == {}, "they are shown there"
        assert above.render(ctx)["openJobs"] == []
        other_page = replace(view, job_filter=MonitorFilter(text="broken"))
        assert opened_in(other_page, ctx) == {}, "what is not shown is not sent"
        ctx.jobs.toggle("done")
        assert opened_in(view, ctx) == {}


def opened_in(view: MonitorView, ctx: RenderContext) -> Mapping[str, View]:
    return view.inner_views(view.render(ctx), ctx)


def test_only_so_many_jobs_are_open_at_once() -> None:
    with render_context(*OVER) as ctx:
        for number in range(110):
            ctx.jobs.toggle(f"job-{number}")
        assert ctx.jobs.open_jobs == tuple(f"job-{number}" for number in range(10, 110))


def test_a_job_shown_above_counts_but_is_not_repeated() -> None:
    with render_context(*OPEN, *OVER) as ctx:
        data = MonitorView(job_filter=MonitorFilter(), above="r").render(ctx)
        assert ids(data["running"]) == ["c", "p"]
        assert (data["runningCount"], data["finishedCount"]) == (3, 3)
        assert "3" in str(data["runningHeading"])


def test_every_end_is_announced_regardless_of_the_filter() -> None:
    with render_context(*OPEN, *OVER) as ctx:
        happening = MonitorView(job_filter=MonitorFilter(text="no such job")).render(ctx)[
            "outcomes"
        ]
        assert happening["active"] == ["r", "c", "p"]
        assert happening["ended"] == {
            "broken": "failed",
            "stopped": "cancelled",
            "done": "completed",
        }


def test_many_finished_jobs_come_a_page_at_a_time() -> None:
    jobs = [factories.completed(job_id=f"j{n:03}", test_id=None) for n in range(50)]
    with render_context(*jobs) as ctx:
        first = ids(payload(ctx)["finished"])
        ctx.jobs.monitor("job").finished.page = 1
        second = ids(payload(ctx)["finished"])
        assert len(first) == len(second) > 0
        assert not set(first) & set(second)
        assert "50" in str(payload(ctx)["finishedHeading"])
