from collections.abc import Iterator
from typing import Any

import pytest

import etl_monitor as em
from etl_monitor import monitoring, settings
from etl_monitor.errors import SettingError
from etl_monitor.monitoring import Monitoring, open_monitoring, use_etl_monitoring
from tests.support.scripted_server import HOLD, ScriptedServer, reply, status, stream

TIMEOUT = 60.0  # seconds, on a busy machine


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
    for opened in list(monitoring._open.values()):
        opened.close()


def until_connected(current: Monitoring) -> None:
    assert current.wait_until(lambda _: current.is_connected, TIMEOUT)


def test_all_calls_return_the_monitoring_of_the_first(server: ScriptedServer) -> None:
    current = em.use_etl_monitoring()
    until_connected(current)
    assert em.use_etl_monitoring() is current
    assert current.reconnect_attempts == 0
    assert set(current.snapshot().jobs) == {"a"}
    assert server.seen("/etl/jobs")[0].headers["authorization"] == "Bearer s3cret"


def test_without_auto_connect_it_does_not_connect(server: ScriptedServer) -> None:
    current = use_etl_monitoring(auto_connect=False)
    assert not current.is_connected
    assert server.requests.empty()
    current.connect()
    until_connected(current)


def test_waiting_ends_after_the_timeout(server: ScriptedServer) -> None:
    current = use_etl_monitoring(auto_connect=False)
    assert not current.wait_until(lambda snapshot: snapshot.connection.is_live, 0.05)


def test_a_later_call_may_be_the_first_to_connect(server: ScriptedServer) -> None:
    use_etl_monitoring(auto_connect=False)
    until_connected(use_etl_monitoring())


def test_a_page_that_runs_again_does_not_undo_a_disconnect(server: ScriptedServer) -> None:
    current = use_etl_monitoring()
    until_connected(current)
    current.disconnect()
    assert not use_etl_monitoring().is_connected
    assert current.snapshot().connection.reason == "stopped"


def test_attempts_are_counted_and_limited(server: ScriptedServer) -> None:
    server.on("/etl/jobs/stream", status(500))
    current = use_etl_monitoring(reconnect_interval=0.01, max_reconnect_attempts=2)
    assert current.wait_until(lambda snapshot: snapshot.connection.attempt == 2, TIMEOUT)
    assert current.reconnect_attempts == 2
    assert not current.is_connected


def test_the_settings_are_the_defaults(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ETL_MONITOR_MAX_RECONNECT_ATTEMPTS", "0")
    server.on("/etl/jobs/stream", status(500))
    current = use_etl_monitoring()
    assert current.wait_until(lambda snapshot: snapshot.connection.reason == "http_500", TIMEOUT)


def test_each_service_has_its_own_monitoring(server: ScriptedServer) -> None:
    with ScriptedServer() as other:
        assert use_etl_monitoring() is not use_etl_monitoring(base_url=other.address)
        use_etl_monitoring(base_url=other.address).close()


def test_the_token_of_the_settings_is_sent_to_their_address_only(server: ScriptedServer) -> None:
    with ScriptedServer() as other:
        other.on("/etl/jobs", status(401))
        current = use_etl_monitoring(base_url=other.address)
        assert current.wait_until(
            lambda snapshot: snapshot.connection.reason == "unauthorised", TIMEOUT
        )
        assert "authorization" not in other.seen("/etl/jobs")[0].headers
        current.close()


def test_a_closed_monitoring_is_not_returned_again(server: ScriptedServer) -> None:
    current = use_etl_monitoring()
    current.close()
    assert current.is_closed
    assert not current.is_connected
    assert use_etl_monitoring() is not current


def test_the_embedded_service_is_the_default(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page in the portal's process needs no setting for the embedded service's address."""
    loaded = settings.load()
    monkeypatch.delenv("ETL_MONITOR_API_URL")
    current = open_monitoring(server.address, "of-its-own", loaded)
    until_connected(current)
    assert use_etl_monitoring() is current
    assert monitoring.current() is current
    assert server.seen("/etl/jobs")[0].headers["authorization"] == "Bearer of-its-own"
    current.close()
    assert monitoring.current() is None


def test_retry_now_reaches_the_follower(server: ScriptedServer) -> None:
    server.on("/etl/jobs/stream", status(500), stream(b":\n\n", HOLD))
    current = use_etl_monitoring(max_reconnect_attempts=0)
    assert current.wait_until(lambda snapshot: snapshot.connection.reason == "http_500", TIMEOUT)
    current.retry_now()
    until_connected(current)


def test_a_service_that_moves_is_followed_at_its_new_address(server: ScriptedServer) -> None:
    loaded = settings.load()
    current = open_monitoring(server.address, "of-its-own", loaded)
    until_connected(current)
    with ScriptedServer() as other:
        other.on("/etl/jobs", reply([{"jobId": "b"}], x_last_event_id="7"))
        other.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        server.close()
        current.move_to(other.address)
        current.retry_now()
        assert current.wait_until(lambda _: bool(other.seen("/etl/jobs/stream")), TIMEOUT)
        until_connected(current)
        assert current.client.with_language("ko").jobs().position == "7"
        headers = other.seen("/etl/jobs/stream")[0].headers
        assert (headers["authorization"], headers["last-event-id"]) == ("Bearer of-its-own", "1")
        assert open_monitoring(other.address, "of-its-own", loaded) is current
        current.close()


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        *(("reconnect_interval", value, "seconds, more than 0") for value in (0, -1.5)),
        *(("reconnect_interval", float(value), "seconds, more than 0") for value in ("nan", "inf")),
        ("max_reconnect_attempts", -1, "0 or more"),
    ],
)
def test_an_invalid_number_raises(
    server: ScriptedServer, name: str, value: Any, allowed: str
) -> None:
    with pytest.raises(ValueError, match=f"^{name}={value} cannot be used; allowed: {allowed}"):
        use_etl_monitoring(**{name: value})
    assert server.requests.empty()


def test_a_missing_address_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ETL_MONITOR_API_URL", raising=False)
    with pytest.raises(SettingError, match="ETL_MONITOR_API_URL is not set") as raised:
        use_etl_monitoring()
    assert raised.value.code == "setting_missing"


def test_an_unknown_name_of_the_package_raises() -> None:
    with pytest.raises(AttributeError):
        em.no_such_name  # noqa: B018
