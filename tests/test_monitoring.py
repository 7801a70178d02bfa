from collections.abc import Iterator
from typing import Any

import pytest

import etl_monitor as em
from etl_monitor import monitoring, settings
from etl_monitor.errors import SettingError
from etl_monitor.monitoring import Monitoring, open_monitoring, use_etl_monitoring
from tests.support.scripted_server import HOLD, ScriptedServer, reply, status, stream

WAITS = 10.0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on("/etl/jobs", reply([{"jobId": "a"}], x_last_event_id="1"))
        server.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        monkeypatch.setenv("ETL_MONITOR_API_URL", server.address)
        monkeypatch.setenv("ETL_MONITOR_API_TOKEN", "s3cret")
        yield server


@pytest.fixture(autouse=True)
def _closed_afterwards() -> Iterator[None]:
    yield
    for one in list(monitoring._open.values()):
        one.close()


def until_connected(one: Monitoring) -> None:
    assert one.wait_until(lambda _: one.is_connected, WAITS)


def test_the_first_call_follows_and_every_other_gets_the_same(server: ScriptedServer) -> None:
    followed = em.use_etl_monitoring()
    until_connected(followed)
    assert em.use_etl_monitoring() is followed
    assert followed.reconnect_attempts == 0
    assert set(followed.snapshot().jobs) == {"a"}
    assert server.seen("/etl/jobs")[0].headers["authorization"] == "Bearer s3cret"


def test_does_not_connect_by_itself_when_told_so(server: ScriptedServer) -> None:
    followed = use_etl_monitoring(auto_connect=False)
    assert not followed.is_connected
    assert server.requests.empty()
    followed.connect()
    until_connected(followed)


def test_waiting_ends_after_the_timeout(server: ScriptedServer) -> None:
    monitoring = use_etl_monitoring(auto_connect=False)
    assert not monitoring.wait_until(lambda snapshot: snapshot.connection.is_live, 0.05)


def test_a_later_call_may_be_the_first_to_connect(server: ScriptedServer) -> None:
    use_etl_monitoring(auto_connect=False)
    until_connected(use_etl_monitoring())


def test_a_page_that_runs_again_does_not_undo_a_disconnect(server: ScriptedServer) -> None:
    followed = use_etl_monitoring()
    until_connected(followed)
    followed.disconnect()
    assert not use_etl_monitoring().is_connected
    assert followed.snapshot().connection.reason == "stopped"


def test_attempts_are_counted_and_limited(server: ScriptedServer) -> None:
    server.on("/etl/jobs/stream", status(500))
    followed = use_etl_monitoring(reconnect_interval=0.01, max_reconnect_attempts=2)
    assert followed.wait_until(lambda seen: seen.connection.attempt == 2, WAITS)
    assert followed.reconnect_attempts == 2
    assert not followed.is_connected


def test_the_settings_decide_what_is_left_out(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ETL_MONITOR_MAX_RECONNECT_ATTEMPTS", "0")
    server.on("/etl/jobs/stream", status(500))
    followed = use_etl_monitoring()
    assert followed.wait_until(lambda seen: seen.connection.reason == "http_500", WAITS)


def test_one_for_each_service(server: ScriptedServer) -> None:
    with ScriptedServer() as other:
        assert use_etl_monitoring() is not use_etl_monitoring(base_url=other.address)
        use_etl_monitoring(base_url=other.address).close()


def test_the_token_of_the_settings_goes_to_their_address_only(server: ScriptedServer) -> None:
    with ScriptedServer() as other:
        other.on("/etl/jobs", status(401))
        followed = use_etl_monitoring(base_url=other.address)
        assert followed.wait_until(lambda seen: seen.connection.reason == "unauthorised", WAITS)
        assert "authorization" not in other.seen("/etl/jobs")[0].headers
        followed.close()


def test_a_closed_one_is_not_given_out_again(server: ScriptedServer) -> None:
    followed = use_etl_monitoring()
    followed.close()
    assert followed.is_closed
    assert not followed.is_connected
    assert use_etl_monitoring() is not followed


def test_the_portals_own_service_is_what_is_meant(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page in the portal's process needs no setting for the embedded service's address."""
    set_up = settings.load()
    monkeypatch.delenv("ETL_MONITOR_API_URL")
    followed = open_monitoring(server.address, "of-its-own", set_up)
    until_connected(followed)
    assert use_etl_monitoring() is followed
    assert monitoring.current() is followed
    assert server.seen("/etl/jobs")[0].headers["authorization"] == "Bearer of-its-own"
    followed.close()
    assert monitoring.current() is None


def test_a_nudge_reaches_the_follower(server: ScriptedServer) -> None:
    server.on("/etl/jobs/stream", status(500), stream(b":\n\n", HOLD))
    followed = use_etl_monitoring(max_reconnect_attempts=0)
    assert followed.wait_until(lambda seen: seen.connection.reason == "http_500", WAITS)
    followed.retry_now()
    until_connected(followed)


def test_a_service_that_moves_is_followed_there(server: ScriptedServer) -> None:
    set_up = settings.load()
    followed = open_monitoring(server.address, "of-its-own", set_up)
    until_connected(followed)
    with ScriptedServer() as other:
        other.on("/etl/jobs", reply([{"jobId": "b"}], x_last_event_id="7"))
        other.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        server.close()
        followed.move_to(other.address)
        followed.retry_now()
        assert followed.wait_until(lambda _: bool(other.seen("/etl/jobs/stream")), WAITS)
        until_connected(followed)
        assert followed.client.with_language("ko").jobs().position == "7"
        asked = other.seen("/etl/jobs/stream")[0].headers
        assert (asked["authorization"], asked["last-event-id"]) == ("Bearer of-its-own", "1")
        assert open_monitoring(other.address, "of-its-own", set_up) is followed
        followed.close()


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        *(("reconnect_interval", value, "seconds, more than 0") for value in (0, -1.5)),
        *(("reconnect_interval", float(value), "seconds, more than 0") for value in ("nan", "inf")),
        ("max_reconnect_attempts", -1, "0 or more"),
    ],
)
def test_a_number_that_cannot_be_used(
    server: ScriptedServer, name: str, value: Any, allowed: str
) -> None:
    with pytest.raises(ValueError, match=f"^{name}={value} cannot be used; allowed: {allowed}"):
        use_etl_monitoring(**{name: value})
    assert server.requests.empty()


def test_no_address_is_said_clearly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ETL_MONITOR_API_URL", raising=False)
    with pytest.raises(SettingError, match="ETL_MONITOR_API_URL is not set") as raised:
        use_etl_monitoring()
    assert raised.value.code == "setting_missing"


def test_a_name_that_the_package_does_not_have() -> None:
    with pytest.raises(AttributeError):
        em.no_such_name  # noqa: B018
