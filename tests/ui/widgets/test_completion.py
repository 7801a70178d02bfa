"""What a search box offers: fields, and the values that occur."""

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from etl_monitor.i18n.translator import LANGUAGES
from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.jobs.monitor import MonitorView
from etl_monitor.ui.live.test_kinds import kinds_of_jobs
from etl_monitor.ui.widgets.filters import completion
from etl_monitor.ui.widgets.payloads import Completion
from etl_monitor.ui.widgets.query_params import SearchText
from tests.support.factories import completed, render_context, running
from tests.support.scripted_server import ScriptedServer, Step, rejection, reply

STATUSES = {"failed": "실패"}
KINDS = {"big_five_50": "성격 검사"}


def offered(*jobs: Any, language: str = "ko") -> Completion:
    with render_context(*jobs, language=language) as ctx:
        return completion(SearchText(name="q"), STATUSES, KINDS, ctx)


def values(data: Completion) -> dict[str, list[tuple[str, str]]]:
    return {
        field["field"]: [(value["value"], value["text"]) for value in field["values"]]
        for field in data["fields"]
    }


def test_statuses_people_and_kinds_are_offered() -> None:
    jobs = [
        completed(job_id="1", test_id="1", user_id="lee"),
        completed(job_id="2", test_id="2", user_id="Kim"),
        running(job_id="3", test_id="3", user_id="lee"),
        running(job_id="4", test_id="4", user_id=None),
    ]
    assert values(offered(*jobs)) == {
        "status": [("failed", "실패")],
        "person": [("Kim", "Kim"), ("lee", "lee")],
        "kind": [("big_five_50", "성격 검사")],
    }


def test_the_monitor_offers_the_statuses_of_jobs_and_the_kinds_that_occur() -> None:
    jobs = [running(test_kind="own_kind", user_id="kim"), completed(job_id="2", test_kind="a")]
    with render_context(*jobs) as ctx:
        data = MonitorView(job_filter=MonitorFilter(), prefix="other").render(ctx)["completion"]
    assert data["searchKey"] == "other-q"
    assert values(data)["status"][:2] == [("pending", "Waiting"), ("running", "Running")]
    assert values(data)["kind"] == [("a", "a"), ("own_kind", "own_kind")]


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (reply([{"key": "own_kind", "names": {"en": "Our test"}, "columns": ["a"]}]), "Our test"),
        (rejection(404, "not_found", "There is no such call."), "own_kind"),
    ],
)
def test_kinds_are_requested_once_and_nothing_waits_for_them(step: Step, name: str) -> None:
    """On a page that was opened first: they are named as soon as they are known."""
    redrawn = threading.Event()
    with ScriptedServer() as server:
        server.on("/test-kinds", step)
        with render_context(running(test_kind="own_kind"), base_url=server.address) as ctx:
            ctx = replace(ctx, redraw=redrawn.set)
            assert kinds_of_jobs(ctx) == {"own_kind": "own_kind"}
            assert redrawn.wait(20)
            assert kinds_of_jobs(ctx) == {"own_kind": name}
        assert len(server.seen("/test-kinds")) == 1


def test_a_house_of_many_people_sends_a_bounded_list() -> None:
    jobs = [completed(job_id=f"{n}", test_id=f"{n}", user_id=f"p{n:04}") for n in range(600)]
    assert len(values(offered(*jobs))["person"]) == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_are_named_in_the_readers_language(language: str) -> None:
    data = offered(language=language)
    assert [field["field"] for field in data["fields"]] == ["status", "person", "kind"]
    assert all(field["name"] for field in data["fields"])
    assert data["label"]


def test_a_name_is_data_as_it_was_typed() -> None:
    data = json.loads(json.dumps(offered(completed(user_id="<b>kim</b>"))))
    assert data["fields"][1]["values"][0]["value"] == "<b>kim</b>"


def test_progress_does_not_gather_the_people_again() -> None:
    with render_context(running(user_id="kim")) as ctx:
        store = ctx.monitoring.store
        before = store.snapshot()
        assert before.people == ("kim",)
        assert store.snapshot().people is before.people
