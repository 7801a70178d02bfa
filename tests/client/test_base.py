"""Delegation: a call for a signed-in user names that user, or is not made."""

from collections.abc import Iterator

import pytest

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError, Forbidden
from etl_monitor.wire.delegation import HEADER, DelegatedUser
from etl_monitor.wire.roles import Role
from tests.support.scripted_server import ScriptedServer, Step, closed_port, reply, status

KIM = DelegatedUser(name="kim", role=Role.OPERATOR)
CANCEL = "/etl/jobs/a/cancel"


def me(*, may_act_for_others: bool) -> Step:
    identity = {"name": "portal", "role": "admin", "serviceId": "1"}
    return reply(identity | {"mayActForOthers": may_act_for_others})


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on(CANCEL, reply({"message": "ok"}))
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[EtlClient]:
    client = EtlClient(server.address, "s3cret", timeout=(2, 2))
    yield client
    client.close()


def test_a_request_for_a_user_names_the_user(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/me", me(may_act_for_others=True))
    client.on_behalf_of(KIM).cancel("a")
    (request,) = server.seen(CANCEL)
    assert request.headers[HEADER.lower()]


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        (status(404), "not_known"),
        (status(405), "not_known"),
        (me(may_act_for_others=False), "not_allowed"),
    ],
    ids=["no such call", "no such method", "may not"],
)
@pytest.mark.parametrize("before", [[], [me(may_act_for_others=True)]], ids=["first", "later"])
def test_nothing_is_requested_if_the_user_cannot_be_named(
    server: ScriptedServer, client: EtlClient, before: list[Step], identity: Step, reason: str
) -> None:
    """It is not sent under the portal's own token, which may do more. "later": the service accepted
    users a moment ago, and another service replies in its place."""
    server.on("/me", *before, identity)
    for _ in before:
        client.on_behalf_of(KIM).cancel("a")
    with pytest.raises(Forbidden) as caught:
        client.on_behalf_of(KIM).cancel("a")
    assert caught.value.details == {"reason": reason}
    assert len(server.seen(CANCEL)) == len(before)


@pytest.mark.parametrize("identity", [status(500), status(503), status(401)])
def test_nothing_is_requested_if_the_identity_is_unavailable(
    server: ScriptedServer, client: EtlClient, identity: Step
) -> None:
    server.on("/me", identity)
    with pytest.raises(EtlMonitorError):
        client.on_behalf_of(KIM).cancel("a")
    assert server.seen(CANCEL) == []


def test_a_client_without_a_token_cannot_name_a_user(server: ScriptedServer) -> None:
    server.on("/me", me(may_act_for_others=True))
    client = EtlClient(server.address, timeout=(2, 2))
    with pytest.raises(Forbidden):
        client.on_behalf_of(KIM).cancel("a")
    assert server.seen(CANCEL) == []
    client.close()


def test_without_a_sign_in_requests_name_no_user(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/me", status(404))
    client.cancel("a")
    (request,) = server.seen(CANCEL)
    assert HEADER.lower() not in request.headers
    assert server.seen("/me") == []


def test_an_unreachable_service_is_reported_as_unreachable() -> None:
    client = EtlClient(f"http://127.0.0.1:{closed_port()}", "s3cret", timeout=(2, 2))
    with pytest.raises(EtlMonitorError) as caught:
        client.on_behalf_of(KIM).cancel("a")
    assert caught.value.code == "unreachable"
    client.close()
