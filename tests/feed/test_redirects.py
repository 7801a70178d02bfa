"""Redirects of the list and of the feed."""

import pytest

from tests.feed.rig import BEAT, LIST, RUNNING_A, STREAM, Follow, progress
from tests.support.scripted_server import HOLD, Request, ScriptedServer, status, stream


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_follows_redirects_with_the_token_to_the_same_origin(
    server: ScriptedServer, follow: Follow, code: int
) -> None:
    server.on(STREAM, status(code, location="/moved?x=1"))
    server.on("/moved", stream(BEAT, progress(6, 20), HOLD))
    follow().until_progress(20)
    assert bearer(server.seen("/moved")[0]) == "Bearer s3cret"
    assert server.seen("/moved")[0].headers["last-event-id"] == "5"


@pytest.mark.parametrize("where", [LIST, STREAM])
def test_the_token_does_not_go_to_another_origin(
    server: ScriptedServer, follow: Follow, where: str
) -> None:
    server.on(STREAM, stream(BEAT, HOLD))
    with ScriptedServer() as other:
        server.on(where, status(307, location=f"{other.address}/there"))
        other.on("/there", RUNNING_A if where == LIST else stream(BEAT, HOLD))
        rig = follow()
        rig.until_live()
        assert bearer(other.seen("/there")[0]) is None
        rig.follower.stop()


def bearer(request: Request) -> str | None:
    return request.headers.get("authorization")


def test_endless_redirects_are_named(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, status(302, location=STREAM))
    seen = follow(max_reconnect_attempts=0).until_given_up()
    assert seen.connection.reason == "redirect"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("file:///etc/passwd", "http_302"),
        ("http://host:99999/", "http_302"),
        ("http://[", "network"),
    ],
)
def test_an_invalid_redirect_counts_as_a_break(
    server: ScriptedServer, follow: Follow, target: str, reason: str
) -> None:
    server.on(STREAM, status(302, location=target))
    assert follow(max_reconnect_attempts=0).until_given_up().connection.reason == reason
