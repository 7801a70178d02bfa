"""Querying the activity log page by page."""

from collections.abc import Iterator
from typing import Any

import pytest

from etl_monitor.client import EtlClient
from etl_monitor.ui.activity import query as activity_query
from etl_monitor.ui.activity.query import ActivityQuery, all_entries, log_page
from tests.support.scripted_server import ScriptedServer, reply


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[EtlClient]:
    client = EtlClient(server.address, timeout=(2, 2))
    yield client
    client.close()


def entries(newest: int, count: int) -> list[dict[str, Any]]:
    same = {"at": "2026-03-01T10:00:00Z", "actor": "kim", "role": "admin", "action": "retry"}
    return [same | {"id": newest - n, "outcome": "done"} for n in range(count)]


def page(newest: int, count: int) -> Any:
    return reply(entries(newest, count), x_total_count="120")


def requested(server: ScriptedServer) -> list[dict[str, str]]:
    return [dict(request.query) for request in server.seen("/activity")]


def test_the_first_page(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/activity", page(120, 51))
    shown = log_page(client, ActivityQuery(q="김", outcome="refused", job_id="a"))
    assert [entry.id for entry in shown.entries] == list(range(120, 70, -1))
    assert (shown.total, shown.has_newer, shown.has_older) == (120, False, True)
    assert requested(server) == [{"limit": "51", "jobId": "a", "outcome": "refused", "q": "김"}]


def test_the_last_page(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/activity", page(20, 20))
    shown = log_page(client, ActivityQuery(before=21))
    assert (len(shown.entries), shown.has_newer, shown.has_older) == (20, True, False)


def test_back_from_an_older_page(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/activity", page(71, 51))
    shown = log_page(client, ActivityQuery(after=20))
    assert [entry.id for entry in shown.entries] == list(range(70, 20, -1))
    assert (shown.has_newer, shown.has_older) == (True, True)


def test_the_newest_page_is_a_full_one_on_the_way_back(
    server: ScriptedServer, client: EtlClient
) -> None:
    server.on("/activity", page(120, 30), page(120, 51))
    shown = log_page(client, ActivityQuery(after=90))
    assert (len(shown.entries), shown.has_newer) == (50, False)
    assert [query.get("after") for query in requested(server)] == ["90", None]


def test_an_export_reads_all_pages(
    server: ScriptedServer, client: EtlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity_query, "_REPLY_LIMIT", 3)
    server.on("/activity", page(5, 3), page(2, 2))
    exported = all_entries(client, ActivityQuery(before=3, period="1h"))
    assert [entry.id for entry in exported] == [5, 4, 3, 2, 1]
    assert [query.get("before") for query in requested(server)] == [None, "3"]
    assert all("since" in query for query in requested(server))
