"""Entries of the activity log as rows, in both languages."""

from typing import Any

import pytest

from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.ui.activity.query import ACTIONS, ActivityQuery, LogPage
from etl_monitor.ui.activity.table import ActivityView, spreadsheet_columns, spreadsheet_row
from etl_monitor.ui.widgets.table import Part
from etl_monitor.wire.activity import ActivityEntry
from tests.support import factories
from tests.support.factories import render_context
from tests.support.scripted_server import ScriptedServer, rejection, reply

ENTRY = {
    "id": 7,
    "at": "2026-11-23T12:47:08Z",
    "actor": "<b>kim</b>",
    "role": "operator",
    "action": "cancel",
    "outcome": "refused",
    "code": "job_not_cancellable",
    "details": {"jobId": "4f2a9c11-a", "status": "completed"},
    "reason": "=1+1",
    "jobId": "4f2a9c11-a",
    "testId": "t1",
    "title": "*3월* 공채",
}


def entry(**changes: Any) -> ActivityEntry:
    return ActivityEntry.model_validate(ENTRY | changes)


def cells(of: ActivityEntry, language: str = "en") -> list[list[Part]]:
    with render_context(language=language) as ctx:
        view = ActivityView(
            query=ActivityQuery(),
            page=LogPage(entries=(of,), total=1),
            status_version=ctx.snapshot.status_version,
        )
        (row,) = view.render(ctx)["table"]["rows"]
        return [list(cell) for cell in row["cells"]]


def texts_of(of: ActivityEntry, language: str = "en") -> list[str]:
    return [" | ".join(part["text"] for part in cell) for cell in cells(of, language)]


def test_a_refused_request_in_english() -> None:
    assert texts_of(entry())[1:] == [
        "<b>kim</b> | Operator",
        "Cancel",
        "*3월* 공채 | job 4f2a9c11",
        "Refused | The job has already ended, so it cannot be cancelled. | Reason given: =1+1",
    ]


def test_a_refused_request_in_korean_by_the_readers_clock() -> None:
    assert texts_of(entry(), "ko") == [
        "2026. 11. 23. 21:47:08",
        "<b>kim</b> | 운영자",
        "취소",
        "*3월* 공채 | 작업 4f2a9c11",
        "할 수 없었음 | 이미 끝난 작업이라 취소할 수 없습니다. | 입력한 사유: =1+1",
    ]


def test_links() -> None:
    subject = cells(entry(testId="t 1&x=1", newJobId="new&a=1"))[3]
    assert [part["href"] for part in subject] == [
        "result?id=t%201%26x%3D1&lang=en",
        "monitor?job=4f2a9c11-a&lang=en",
        "monitor?job=new%26a%3D1&lang=en",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "delete", "outcome": "done", "code": None, "jobId": None},
        {"code": "test_not_found", "jobId": None},
        {"code": "job_not_found", "testId": None, "title": None},
    ],
)
def test_a_deleted_test_and_an_unknown_job_have_no_link(changes: dict[str, Any]) -> None:
    assert [part.get("href") for part in cells(entry(**changes))[3]] == [None]


def test_unknown_values_of_another_service_are_shown_as_they_are() -> None:
    unknown = entry(
        action="archive", role="auditor", code="no_such_rule", details=None, reason=None, title=None
    )
    assert texts_of(unknown)[1:] == [
        "<b>kim</b> | auditor",
        "archive",
        "#t1 | job 4f2a9c11",
        "Refused | no_such_rule",
    ]
    assert texts_of(entry(action="remove_samples", testId=None, jobId=None, title=None))[3] == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_a_name(action: str, language: str) -> None:
    assert texts_of(entry(action=action), language)[2] not in ("", action)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_spreadsheet_row_has_a_cell_for_each_column(language: str) -> None:
    t = Translator(language, "Asia/Seoul")
    columns, row = spreadsheet_columns(t), spreadsheet_row(entry(), t)
    assert len(columns) == len(row)
    assert "Asia/Seoul" in columns[0]
    assert str(row[0]) == "2026-11-23 21:47:08"


def test_an_update_refreshes_the_first_page_only() -> None:
    with ScriptedServer() as server, render_context(base_url=server.address) as ctx:
        server.on("/activity", reply([ENTRY]))
        first = ActivityView(query=ActivityQuery(), page=LogPage(), status_version=-1)
        older = ActivityView(query=ActivityQuery(before=9), page=LogPage(), status_version=-1)
        assert first.render(ctx)["table"]["rows"][0]["id"] == "7"
        assert first.render(ctx)["table"]["rows"][0]["id"] == "7"
        assert older.render(ctx)["table"]["rows"] == []
        assert len(server.seen("/activity")) == 1


def test_without_the_service_the_old_entries_stay() -> None:
    with ScriptedServer() as server, render_context(base_url=server.address) as ctx:
        server.on("/activity", reply([ENTRY]), rejection(503, "database_unavailable"))
        view = ActivityView(query=ActivityQuery(), page=LogPage(), status_version=-1)
        assert view.render(ctx)["problem"] == ""
        payload = view.render(factories.next_context(ctx, factories.pending()))
        assert "database" in payload["problem"]
        assert len(payload["table"]["rows"]) == 1
