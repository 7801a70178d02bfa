"""Commands for several jobs or tests at once: which are possible, sent once, with all outcomes."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.session.view import SessionState
from tests.support import factories
from tests.support.app_page import rerun, run
from tests.support.followed_server import followed_server
from tests.support.scripted_server import ScriptedServer, rejection, reply

BULK = "/etl/jobs/bulk"
JOBS = [
    factories.running(job_id="running", test_id="1", title="Runs"),
    factories.cancelling(job_id="stopping", test_id="2", title="Stops"),
    factories.completed(job_id="complete", test_id="3", title="Is *done*"),
    factories.failed(job_id="failed-1", test_id="4", title="Broke"),
    factories.failed(job_id="failed-2", test_id="4", title="Broke again", attempt=2),
    factories.failed(job_id="behind", test_id="1", title="Broke before"),
    factories.cancelled(job_id="stopped", test_id=None, title="Stopped"),
]
ALL = [job.job_id for job in JOBS]


def cancel_all() -> None:
    from etl_monitor.ui.jobs.bulk_dialogs import open_bulk_dialog
    from tests.ui.jobs.test_bulk_dialogs import ALL

    open_bulk_dialog("cancel", [*ALL, "missing"])


def retry_all() -> None:
    from etl_monitor.ui.jobs.bulk_dialogs import open_bulk_dialog
    from tests.ui.jobs.test_bulk_dialogs import ALL

    open_bulk_dialog("retry", ALL)


def retry_what_runs() -> None:
    from etl_monitor.ui.jobs.bulk_dialogs import open_bulk_dialog

    open_bulk_dialog("retry", ["running"])


def reprocess_two() -> None:
    from etl_monitor.ui.results.bulk_dialogs import open_bulk_reprocess_dialog

    open_bulk_reprocess_dialog(["1", "2"], 2)


@pytest.fixture(autouse=True)
def server() -> Iterator[ScriptedServer]:
    with followed_server(*JOBS) as server:
        server.on("/etl/jobs/missing", rejection(404, "job_not_found"))
        yield server


def press(app: AppTest, name: str) -> AppTest:
    next(button for button in app.button if button.label == name).click()
    return rerun(app)


def lists(app: AppTest) -> list[list[str]]:
    """Return the lines of each list, without the backslashes that escape Markdown."""
    texts = (re.sub(r"\\(\W)", r"\1", element.value) for element in app.markdown)
    return [text.removeprefix("- ").split("\n- ") for text in texts]


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def state_of(app: AppTest) -> SessionState:
    state = app.session_state["etl_monitor_state"]
    assert isinstance(state, SessionState)
    return state


def table_of(app: AppTest) -> JobTable:
    return state_of(app).jobs


def test_jobs_that_cannot_be_cancelled_are_named_with_the_reason() -> None:
    app = run(cancel_all)
    possible, impossible = lists(app)
    assert possible == ["Runs · running"]
    assert impossible == [
        "Stops · stopping: it is already being cancelled",
        "Is *done* · complete: it has already ended (Completed)",
        "Broke · failed-1: it has already ended (Failed)",
        "Broke again · failed-2: it has already ended (Failed)",
        "Broke before · behind: it has already ended (Failed)",
        "Stopped · stopped: it has already ended (Cancelled)",
        "missing: This job was not found. It may have been deleted.",
    ]
    assert r"Is \*done\*" in app.markdown[1].value, "a title is text"
    assert app.warning[0].value.startswith("These 7 jobs cannot be cancelled")
    assert buttons(app) == ["Cancel 1 job", "Leave as is"]


def test_jobs_that_cannot_be_retried_are_named_with_the_reason() -> None:
    """Other jobs of the same test count: the service rejects two at once."""
    possible, impossible = lists(run(retry_all))
    assert possible == ["Broke · failed-1", "Stopped · stopped"]
    assert impossible == [
        "Runs · running: it has not ended yet (Running)",
        "Stops · stopping: it has not ended yet (Cancelling…)",
        "Is *done* · complete: it has already completed",
        "Broke again · failed-2: another job of the same test is selected too; only one is retried",
        "Broke before · behind: another job of the same test is active",
    ]


def test_without_a_suitable_job_the_dialog_can_only_be_closed() -> None:
    assert buttons(run(retry_what_runs)) == ["Close"]


def test_a_bulk_cancel_is_done_once_and_reported(server: ScriptedServer) -> None:
    server.on(BULK, reply([{"jobId": "running", "ok": True}]))
    app = run(cancel_all)
    app.text_input[0].set_value("the wrong file")
    app = press(app, "Cancel 1 job")
    assert lists(app) == [[":material/check: Runs · running: cancel requested"]]
    assert buttons(app) == ["Close"], "nothing to press again"
    (request,) = server.seen(BULK)
    assert json.loads(request.body) == {
        "action": "cancel",
        "jobIds": ["running"],
        "reason": "the wrong file",
    }
    assert state_of(app).acted_at is not None
    assert table_of(app).started == ()


def test_a_job_that_a_retry_started_is_linked_and_shown(server: ScriptedServer) -> None:
    error = {"code": "job_not_retryable", "message": "No."}
    server.on(
        BULK,
        reply(
            [
                {"jobId": "failed-1", "ok": True, "newJobId": "new/job"},
                {"jobId": "stopped", "ok": False, "error": error},
            ]
        ),
    )
    app = press(run(retry_all), "Retry 2 jobs")
    (lines,) = lists(app)
    assert lines == [
        ":material/check: Broke · failed-1: queued → [new job new/job]"
        "(monitor?job=new%2Fjob&lang=en)",
        ":material/error: Stopped · stopped: Only failed and cancelled jobs can be retried.",
    ]
    assert table_of(app).started == ("new/job",)
    assert state_of(app).acted_at is None


@pytest.mark.parametrize("answer", [rejection(503, "database_unavailable"), rejection(403, "no")])
def test_a_refused_bulk_request_is_reported_for_each_job(
    server: ScriptedServer, answer: Callable[..., Any]
) -> None:
    server.on(BULK, answer)
    (lines,) = lists(press(run(retry_all), "Retry 2 jobs"))
    assert [line.split()[0] for line in lines] == [":material/error:"] * 2


def test_a_bulk_reprocess_is_done_once_and_counted(server: ScriptedServer) -> None:
    error = {"code": "test_already_processing", "message": "No."}
    lines = [
        {"testId": "1", "ok": True, "jobId": "n"},
        {"testId": "2", "ok": False, "error": error},
    ]
    server.on("/etl/process/bulk", reply(lines))
    app = press(run(reprocess_two), "Reprocess 2 tests")
    assert [message.value for message in app.success] == ["1 job is queued."]
    assert app.error[0].value.startswith("1 skipped: This test already has an active job")
    assert buttons(app) == ["Close"]


def test_there_is_no_success_message_if_nothing_is_queued(server: ScriptedServer) -> None:
    server.on("/etl/process/bulk", rejection(503, "database_unavailable"))
    app = press(run(reprocess_two), "Reprocess 2 tests")
    assert not app.success
    assert app.error[0].value.startswith("2 skipped: ")
