"""The details of a job, requested from a real HTTP server."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from etl_monitor.ui.jobs import details as job_details_module
from etl_monitor.ui.jobs.details import DetailsView, job_details
from etl_monitor.ui.live.patches import difference
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import Job, JobDetail
from tests.support import factories
from tests.support.eventually import eventually
from tests.support.factories import JOB, ago, render_context
from tests.support.scripted_server import HOLD, ScriptedServer, rejection, reply, status, stream

CALL = f"/etl/jobs/{JOB}"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def opened(job: Job, server: ScriptedServer, language: str = "en") -> dict[str, Any]:
    with render_context(job, language=language, base_url=server.address) as ctx:
        return details(job, ctx)


def details(job: Job, ctx: RenderContext) -> dict[str, Any]:
    payload = job_details(job.job_id, job, ctx)
    assert payload is not None
    return dict(payload)


def details_with(job: Job, ctx: RenderContext, problem: str) -> dict[str, Any]:
    payload = details(job, ctx)
    assert problem in payload["problem"]
    return payload


def again(**fields: Any) -> Job:
    """Return a retry of the job."""
    default: dict[str, Any] = {"job_id": "again", "attempt": 2, "retry_of": JOB}
    return factories.pending(created_at=ago(seconds=9), **default | fields)


def detail_json(job: Job, **more: Any) -> dict[str, Any]:
    detail = JobDetail.model_validate(job.model_dump() | more)
    return detail.model_dump(mode="json", by_alias=True)


def facts(payload: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value, _ in payload["facts"]}


def test_facts_steps_family_and_log(server: ScriptedServer) -> None:
    job = factories.completed(attempt=2, retry_of="old")
    steps = [
        {
            "name": "extract",
            "index": 1,
            "status": "completed",
            "rows_total": 1200,
            "started_at": ago(seconds=200),
            "finished_at": ago(seconds=188),
        },
        {"name": "웹훅", "index": 2, "status": "pending"},
    ]
    log = [{"at": "2026-03-05T06:07:08Z", "level": "info", "message": "<b>read</b>"}]
    family = [factories.failed(job_id="old").model_dump(), job.model_dump()]
    server.on(CALL, reply(detail_json(job, steps=steps, log=log, family=family)))
    payload = opened(job, server)
    assert facts(payload)["Job"] == JOB
    assert facts(payload)["Requested by"] == "admin"
    assert [step["text"] for step in payload["steps"]] == ["reading", "웹훅"]
    assert [step["statusText"] for step in payload["steps"]] == ["Completed", "not run"]
    assert [step["duration"] for step in payload["steps"]] == ["12 sec", ""]
    assert "1,200" in payload["steps"][0]["rows"]
    assert [attempt["current"] for attempt in payload["attempts"]] == [False, True]
    assert "job=old" in payload["attempts"][0]["href"]
    (line,) = payload["log"]
    assert line.endswith("  <b>read</b>"), "text stays text; the browser gets it as data"
    assert opened(job, server, "ko")["log"][0].endswith("15:07:08  <b>read</b>")


def test_facts_about_the_input_of_a_job(server: ScriptedServer) -> None:
    job = factories.completed(test_id="a/b", test_kind="big", rows_total=90, force_reprocess=True)
    steps = [
        {"name": "extract", "index": 1, "status": "completed", "rows_total": 1200},
        {"name": "score", "index": 2, "status": "completed", "rows_total": 1100},
    ]
    server.on(CALL, reply(detail_json(job, steps=steps, file_name="<b>답안.csv")))
    kind = {"key": "big", "names": {"ko": "성격 5요인", "en": "Big Five"}, "columns": []}
    server.on("/test-kinds", reply([kind]))
    shown = facts(opened(job, server))
    assert shown["Person in charge"] == "kim"
    assert shown["Test number"] == "7"
    assert shown["Kind of test"] == "Big Five"
    assert shown["Rows"] == "1,200", "all that were read"
    assert (shown["File"], shown["Rescored on request"]) == ("<b>답안.csv", "yes")
    assert facts(opened(job, server, "ko"))["검사 종류"] == "성격 5요인"
    hrefs = {name: href for name, _, href in opened(job, server)["facts"] if href}
    assert hrefs == dict.fromkeys(("Test", "Test ID"), "result?id=a%2Fb&lang=en")


def test_a_kind_without_a_name_is_shown_by_its_key(server: ScriptedServer) -> None:
    job = factories.completed(test_kind="big", rows_total=90)
    server.on(CALL, reply(detail_json(job)))
    server.on("/test-kinds", status(404))
    assert facts(opened(job, server))["Kind of test"] == "big"
    assert facts(opened(job, server))["Rows"] == "90"


def test_copied_details_are_complete_and_in_the_readers_language(server: ScriptedServer) -> None:
    row = {"row": 12, "respondent": "R0012", "reason": "out_of_range"}
    job = factories.failed(error_code="empty_file", error_details={"rows": [row]})
    steps = [
        {
            "name": "extract",
            "index": 1,
            "status": "failed",
            "rows_total": 1200,
            "started_at": ago(seconds=12),
            "finished_at": ago(seconds=0),
        }
    ]
    log = [{"at": "2026-03-05T06:07:08Z", "level": "info", "message": "read"}]
    server.on(CALL, reply(detail_json(job, steps=steps, log=log)))
    payload = opened(job, server, "ko")
    copied = payload["copy"]
    title, state, first, *_ = copied.splitlines()
    assert (title, state, first) == ("3월 공채", "상태: 실패", f"작업: {JOB}")
    assert "파일이 비어 있습니다" in copied
    assert "처음 몇 행은 다음과 같습니다.\n12행(응시자 R0012): 범위를 벗어난 응답" in copied
    assert "The answer file is empty." in copied, "the technical part"
    assert "읽기: 실패, 1,200행, 12초" in copied
    assert payload["log"][0].endswith("15:07:08  read"), "which the browser appends"


def test_known_facts_can_be_copied_without_the_service(server: ScriptedServer) -> None:
    server.on(CALL, status(502))
    copied = opened(factories.running(), server)["copy"]
    assert copied.startswith(f"3월 공채\nStatus: Running\nJob: {JOB}")


def test_steps_and_log_stay_while_the_service_does_not_answer(server: ScriptedServer) -> None:
    """A text says that they may be old. If the job is deleted, they disappear."""
    job = factories.failed()
    steps = [{"name": "extract", "index": 1, "status": "failed"}]
    log = [{"at": "2026-03-05T06:07:08Z", "level": "info", "message": "read"}]
    server.on(CALL, reply(detail_json(job, steps=steps, log=log)))
    with render_context(job, base_url=server.address) as ctx:
        before = details(job, ctx)
        server.on(CALL, status(502))
        later = factories.next_context(ctx, job, again())
        payload = eventually(lambda: details_with(job, later, "HTTP 502"))
        assert (payload["steps"], payload["log"]) == (before["steps"], before["log"])
        server.on(CALL, rejection(404, "job_not_found"))
        gone = factories.next_context(later, job, again(), again(job_id="third"))
        assert "steps" not in eventually(lambda: details_with(job, gone, "not found"))


def test_facts_about_a_forced_cancellation(server: ScriptedServer) -> None:
    cancelling = factories.cancelling()
    fields = ("cancel_requested_at", "cancel_requested_by", "cancel_reason")
    job = factories.cancelled(forced=True, **{name: getattr(cancelling, name) for name in fields})
    server.on(CALL, reply(detail_json(job)))
    payload = facts(opened(job, server, "ko"))
    assert payload["취소 요청자"] == "kim"
    assert payload["사유"] == "the wrong file"
    assert payload["강제 종료"] == "예"
    assert payload["취소 요청 시각"]


def test_unknown_facts_are_not_listed(server: ScriptedServer) -> None:
    job = Job(job_id=JOB)
    server.on(CALL, reply(detail_json(job)))
    assert facts(opened(job, server)) == {"Job": JOB}


@pytest.mark.parametrize("answer", [rejection(404, "not_found"), status(404)])
def test_a_back_end_without_details_shows_what_the_feed_sent(
    server: ScriptedServer, answer: Any
) -> None:
    server.on(CALL, answer)
    payload = opened(factories.running(), server)
    assert facts(payload)["Job"] == JOB
    assert payload["problem"] == ""


def test_missing_details_have_a_reason(server: ScriptedServer) -> None:
    server.on(CALL, rejection(404, "job_not_found"))
    job = factories.completed(updated_at=ago(seconds=7))
    assert opened(job, server)["problem"].startswith("This job was not found")
    server.on(CALL, status(502))
    payload = opened(job, server, "ko")
    assert "HTTP 502" in payload["problem"]
    assert facts(payload)


def test_a_job_at_rest_is_requested_again_once_it_was_retried(server: ScriptedServer) -> None:
    """Its family has grown then. Jobs of other tests are no reason."""
    job, of_another = factories.failed(), factories.running(job_id="other", test_id="another")
    server.on(CALL, reply(detail_json(job)))
    with render_context(job, base_url=server.address) as ctx:
        details(job, ctx)
        details(job, factories.next_context(ctx, job, of_another))
        assert len(server.seen(CALL)) == 1
        retried = factories.next_context(ctx, job, of_another, again())
        details(job, retried)
        eventually(lambda: seen_times(server, 2))


def seen_times(server: ScriptedServer, times: int) -> None:
    assert len(server.seen(CALL)) == times


def test_only_the_first_reply_is_waited_for(server: ScriptedServer) -> None:
    job = factories.running()
    server.on(CALL, reply(detail_json(job)))
    with render_context(job, base_url=server.address) as ctx:
        first = details(job, ctx)
        server.on(CALL, stream(b"", HOLD))
        assert details(factories.running(progress=99), ctx)["steps"] == first["steps"]


def test_an_open_job_that_no_list_has_shows_its_details(
    server: ScriptedServer,
) -> None:
    server.on(CALL, reply(detail_json(factories.completed())))
    with render_context(base_url=server.address) as ctx:
        payload = DetailsView(job_id=JOB).render(ctx)["details"]
        assert payload is not None
        assert payload["facts"][0] == ("Job", JOB, "")
    with render_context() as ctx:
        payload = DetailsView(job_id="gone").render(ctx)["details"]
        assert payload is not None
        assert (payload["facts"], bool(payload["problem"])) == ([], True)


def test_a_step_that_ends_a_moment_after_its_job_keeps_within_the_timeline(
    server: ScriptedServer,
) -> None:
    job = factories.failed(started_at=factories.ago(seconds=10), finished_at=factories.ago())
    begin, end = (iso(at) for at in (factories.ago(seconds=5), factories.ahead(seconds=1)))
    times = {"startedAt": begin, "finishedAt": end}
    steps = [{"name": "score", "index": 1, "status": "failed", **times}]
    server.on(CALL, reply(detail_json(job, steps=steps)))
    (step,) = opened(job, server)["steps"]
    assert step["left"] + step["width"] == pytest.approx(100, abs=0.2)


def opened_with_lines(count: int, job: Job, server: ScriptedServer) -> dict[str, Any]:
    payload = opened(job, server)
    assert len(payload["log"]) == count
    return payload


def test_a_new_line_of_a_long_log_is_a_small_patch(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_details_module, "_MAX_AGE", 0.0)
    lines = [
        {"at": f"2026-03-05T06:07:{n % 60:02}Z", "level": "info", "message": f"chunk {n} is scored"}
        for n in range(301)
    ]
    names = ("extract", "score", "norm", "write")
    step = {"index": 1, "status": "running", "rows_total": 1200, "started_at": ago(seconds=9)}
    steps = [{**step, "name": name} for name in names]
    payloads = []
    for count, rows in ((300, 1200), (301, 1300)):
        job = factories.running(rows_total=rows)
        steps[1]["rows_total"] = rows
        server.on(CALL, reply(detail_json(job, steps=steps, log=lines[:count])))
        payloads.append(eventually(partial(opened_with_lines, count, job, server)))
    patch = json.dumps(difference(*payloads))
    assert "chunk 300 is scored" in patch
    assert "chunk 299 is scored" not in patch
    assert len(patch) < 1_500
