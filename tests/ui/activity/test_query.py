"""What of the activity log is looked at: in the address, and asked of a service page by page."""

from collections.abc import Iterator
from typing import Any

import pytest

from etl_monitor.client import EtlClient
from etl_monitor.ui.activity import query as activity_query
from etl_monitor.ui.activity.query import ActivityQuery, all_entries, listing
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


def asked(server: ScriptedServer) -> list[dict[str, str]]:
    return [dict(request.query) for request in server.seen("/activity")]


def test_an_address_says_the_same_again() -> None:
    told = {"q": "김", "action": "cancel", "outcome": "refused", "period": "7d", "jobId": "a"}
    query = ActivityQuery.of_address(told | {"before": "12", "lang": "ko"})
    assert {name: value for name, value in query.address().items() if value} == told | {
        "before": "12"
    }
    assert query.is_narrow
    assert not query.is_first_page


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"action": "explode"},
        {"outcome": "perhaps"},
        {"period": "100y"},
        {"before": "-1"},
        {"before": "1.5"},
        {"after": "²"},
        {"before": "9" * 30},
        {"after": "0"},
    ],
)
def test_what_cannot_be_used_is_left_out(told: dict[str, str]) -> None:
    assert ActivityQuery.of_address(told) == ActivityQuery()


def test_the_first_page(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/activity", page(120, 51))
    shown = listing(client, ActivityQuery(q="김", outcome="refused", job_id="a"))
    assert [one.id for one in shown.entries] == list(range(120, 70, -1))
    assert (shown.total, shown.has_newer, shown.has_older) == (120, False, True)
    assert asked(server) == [{"limit": "51", "jobId": "a", "outcome": "refused", "q": "김"}]


def test_the_last_page(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/activity", page(20, 20))
    shown = listing(client, ActivityQuery(before=21))
    assert (len(shown.entries), shown.has_newer, shown.has_older) == (20, True, False)


def test_back_from_an_older_page(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/activity", page(71, 51))
    shown = listing(client, ActivityQuery(after=20))
    assert [one.id for one in shown.entries] == list(range(70, 20, -1))
    assert (shown.has_newer, shown.has_older) == (True, True)


def test_back_to_the_newest_page_it_is_a_full_one(
    server: ScriptedServer, client: EtlClient
) -> None:
    server.on("/activity", page(120, 30), page(120, 51))
    shown = listing(client, ActivityQuery(after=90))
    assert (len(shown.entries), shown.has_newer) == (50, False)
    assert [one.get("after") for one in asked(server)] == ["90", None]


def test_all_of_them_page_by_page(
    server: ScriptedServer, client: EtlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity_query, "_AT_ONCE", 3)
    server.on("/activity", page(5, 3), page(2, 2))
    found = [one.id for one in all_entries(client, ActivityQuery(before=3, period="1h"))]
    assert found == [5, 4, 3, 2, 1]
    assert [one.get("before") for one in asked(server)] == [None, "3"]
    assert all("since" in one for one in asked(server))
