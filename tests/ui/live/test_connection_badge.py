"""The badge shows how fresh the data is, or the reason if it is not."""

from datetime import timedelta

import pytest

from etl_monitor.i18n.translator import LANGUAGES
from etl_monitor.store.connection_status import Connection, ConnectionState
from etl_monitor.ui.live.connection_badge import BadgeView
from etl_monitor.ui.live.payloads import BadgePayload
from tests.support.factories import ahead, render_context


def badge(connection: Connection, language: str = "en") -> BadgePayload:
    with render_context(connection=connection, language=language) as ctx:
        return BadgeView().render(ctx)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", list(ConnectionState))
def test_each_state_has_its_mark_and_its_text(state: ConnectionState, language: str) -> None:
    payload = badge(Connection(state=state), language)
    assert payload["state"] == state.value
    assert payload["stateText"] not in ("", state.value)


def test_attempts_are_counted_while_connecting() -> None:
    at = ahead(seconds=4)
    trying = Connection(
        state=ConnectionState.RECONNECTING, attempt=2, max_attempts=5, next_try_at=at
    )
    assert badge(trying)["attempt"] == "attempt 2 of 5"
    assert badge(trying, "ko")["attempt"] == "5회 중 2번째 시도"
    assert badge(trying)["nextTryAt"]
    assert badge(Connection(state=ConnectionState.LIVE, attempt=0))["attempt"] == ""


def test_only_a_disconnected_follower_can_be_connected_again() -> None:
    may = {state: badge(Connection(state=state))["mayConnect"] for state in ConnectionState}
    assert [state for state in may if may[state]] == [ConnectionState.DISCONNECTED]


def documented_reasons() -> list[str]:
    text = " ".join(str(Connection.__doc__).split())
    listed = text.partition("why it is not live: ")[2].partition(", or http_")[0]
    return listed.split(", ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [*documented_reasons(), "http_503"])
def test_each_reason_has_a_text_once_the_follower_gives_up(reason: str, language: str) -> None:
    given_up = Connection(state=ConnectionState.DISCONNECTED, reason=reason)
    said = badge(given_up, language)["reason"]
    assert said not in ("", reason)
    trying = Connection(state=ConnectionState.RECONNECTING, reason=reason)
    while_trying = badge(trying, language)["reason"]
    if reason == "buffered":
        assert while_trying == said, "retrying does not help, so a person has to know"
    else:
        assert while_trying == "", "the badge says already that it is connecting"


def test_an_http_status_is_in_the_text() -> None:
    given_up = Connection(state=ConnectionState.DISCONNECTED, reason="http_503")
    assert "503" in str(badge(given_up)["reason"])


def test_an_unknown_reason_is_shown_unchanged() -> None:
    odd = Connection(state=ConnectionState.DISCONNECTED, reason="moon_phase")
    assert badge(odd)["reason"] == "moon_phase"


def test_before_the_first_connection_there_is_no_problem() -> None:
    assert badge(Connection())["reason"] == ""


@pytest.mark.parametrize(
    ("hours", "language", "text"),
    [
        (9, "en", "The service’s clock is 9 hr ahead of the portal’s"),
        (-5, "ko", "서비스의 시계가 포털보다 5시간 느립니다"),
    ],
)
def test_a_clock_that_is_off_is_said(hours: int, language: str, text: str) -> None:
    live = Connection(state=ConnectionState.LIVE, clock_offset=timedelta(hours=hours))
    assert text in badge(live, language)["reason"]


@pytest.mark.parametrize("status", ["502", "503", "504"])
def test_a_proxys_error_is_named(status: str) -> None:
    given_up = Connection(state=ConnectionState.DISCONNECTED, reason=f"http_{status}")
    assert "proxy" in badge(given_up)["reason"]
