"""On whose behalf a call is made: in a person's name, or not at all."""

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
    told = {"name": "portal", "role": "admin", "serviceId": "1"}
    return reply(told | {"mayActForOthers": may_act_for_others})


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on(CANCEL, reply({"message": "asked"}))
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[EtlClient]:
    client = EtlClient(server.address, "s3cret", timeout=(2, 2))
    yield client
    client.close()


def test_what_a_person_asks_for_is_asked_in_their_name(
    server: ScriptedServer, client: EtlClient
) -> None:
    server.on("/me", me(may_act_for_others=True))
    client.on_behalf_of(KIM).cancel("a")
    (request,) = server.seen(CANCEL)
    assert request.headers[HEADER.lower()]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (status(404), "not_known"),
        (status(405), "not_known"),
        (me(may_act_for_others=False), "not_allowed"),
    ],
    ids=["no such call", "no such method", "may not"],
)
@pytest.mark.parametrize("before", [[], [me(may_act_for_others=True)]], ids=["first", "later"])
def test_where_the_person_cannot_be_named_nothing_is_asked_for(
    server: ScriptedServer, client: EtlClient, before: list[Step], told: Step, reason: str
) -> None:
    """Least of all under the portal's own token, which may do more. Also where the service took
    persons a moment ago: something else may answer in its place."""
    server.on("/me", *before, told)
    for _ in before:
        client.on_behalf_of(KIM).cancel("a")
    with pytest.raises(Forbidden) as caught:
        client.on_behalf_of(KIM).cancel("a")
    assert caught.value.details == {"reason": reason}
    assert len(server.seen(CANCEL)) == len(before)


@pytest.mark.parametrize("told", [status(500), status(503), status(401)])
def test_where_the_service_does_not_say_nothing_is_asked_for(
    server: ScriptedServer, client: EtlClient, told: Step
) -> None:
    server.on("/me", told)
    with pytest.raises(EtlMonitorError):
        client.on_behalf_of(KIM).cancel("a")
    assert server.seen(CANCEL) == []


def test_a_client_without_a_token_cannot_name_anybody(server: ScriptedServer) -> None:
    server.on("/me", me(may_act_for_others=True))
    client = EtlClient(server.address, timeout=(2, 2))
    with pytest.raises(Forbidden):
        client.on_behalf_of(KIM).cancel("a")
    assert server.seen(CANCEL) == []
    client.close()


def test_without_a_sign_in_a_back_end_that_knows_no_names_is_asked_as_ever(
    server: ScriptedServer, client: EtlClient
) -> None:
    server.on("/me", status(404))
    client.cancel("a")
    (request,) = server.seen(CANCEL)
    assert HEADER.lower() not in request.headers
    assert server.seen("/me") == []


def test_a_service_that_is_not_there_is_told_as_that() -> None:
    client = EtlClient(f"http://127.0.0.1:{closed_port()}", "s3cret", timeout=(2, 2))
    with pytest.raises(EtlMonitorError) as caught:
        client.on_behalf_of(KIM).cancel("a")
    assert caught.value.code == "unreachable"
    client.close()
