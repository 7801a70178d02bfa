"""Who may do what: every call by every role, by persons that the portal names, and by forgers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from fastapi.routing import APIRoute

from etl_monitor.service.api import activity, history, jobs, results, stream, system
from etl_monitor.service.api.authorization import RIGHTS, AuthorizedRoute
from etl_monitor.wire.delegation import HEADER, DelegatedUser, sign
from etl_monitor.wire.roles import NEEDED, Right, Role, may
from tests.support.scripted import KIND, SETTING, Script
from tests.support.service_process import RunningService, running_service
from tests.support.some_tokens import NAMES, new_token


@dataclass(frozen=True, kw_only=True)
class House:
    """A service with a token for each role."""

    service: RunningService
    token: Mapping[Role, str]
    service_id: str

    def ask(self, token: str, method: str, path: str, **told: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} | told.pop("headers", {})
        return requests.request(
            method, self.service.base_url + path, headers=headers, timeout=30, **told
        )

    def as_person(self, role: Role, name: str = "kim", **told: Any) -> dict[str, str]:
        """The header of the portal for somebody."""
        how = {"token": self.token[Role.PORTAL], "service": self.service_id} | told
        return {HEADER: sign(DelegatedUser(name=name, role=role), **how)}

    def newest(self) -> dict[str, Any]:
        entries: list[dict[str, Any]] = self.service.data("GET", "/activity?limit=1")
        return entries[0]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data_dir = tmp_path_factory.mktemp("rights") / "data"
    made = {role: new_token(data_dir, role) for role in Role}
    with running_service(data_dir, env=SETTING) as service:
        service_id = service.data("GET", "/me")["serviceId"]
        yield House(service=service, token=made, service_id=service_id)


CALLS = [
    (("POST", "/etl/process"), {"json": {"userId": "nobody", "anpSeq": 1}}),
    (("POST", "/etl/process/bulk"), {"json": {"testIds": ["none"]}}),
    (("POST", "/etl/jobs/{jobId}/cancel"), {"json": {"reason": "because"}}),
    (("POST", "/etl/jobs/{jobId}/retry"), {}),
    (("POST", "/etl/jobs/bulk"), {"json": {"action": "retry", "jobIds": ["none"]}}),
    (("POST", "/tests/results"), {"files": {"file": ("a.csv", b"x" * 3_000_000)}}),
    (("DELETE", "/tests/results/{testId}"), {}),
    (("DELETE", "/samples"), {}),
]


def address(path: str) -> str:
    return path.replace("{jobId}", "none").replace("{testId}", "none")


def test_every_call_of_the_service_is_in_the_table() -> None:
    """One that is not would be answered to nobody, and neither one that does not ask for a token
    before anything else."""
    nouns = (system, stream, history, jobs, results, activity)
    routes = [one for noun in nouns for one in noun.router.routes if isinstance(one, APIRoute)]
    assert {(method, one.path_format) for one in routes for method in one.methods or ()} == set(
        RIGHTS
    )
    assert all(isinstance(one, AuthorizedRoute) for one in routes)


def test_every_call_that_changes_something_is_tried_here() -> None:
    assert {call for call, _ in CALLS} == {c for c, right in RIGHTS.items() if right != Right.SEE}
    assert all(right == Right.SEE for (method, _), right in RIGHTS.items() if method == "GET")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PORTAL, Role.OPERATOR, Role.ADMIN])
@pytest.mark.parametrize(("call", "told"), CALLS, ids=lambda one: " ".join(one) if one else "")
def test_who_may(house: House, role: Role, call: tuple[str, str], told: dict[str, Any]) -> None:
    right = RIGHTS[call]
    reply = house.ask(house.token[role], call[0], address(call[1]), **told)
    if may(role, right):
        assert reply.status_code != 403, reply.text
        return
    assert reply.status_code == 403
    error = reply.json()["error"]
    assert error["code"] == "forbidden"
    assert error["details"] == {"role": role, "needed": NEEDED[right]}
    entry = house.newest()
    assert (entry["actor"], entry["role"]) == (NAMES[role], role)
    assert (entry["outcome"], entry["code"]) == ("refused", "forbidden")
    assert entry["details"] == error["details"]
    assert entry["action"] == ("retry" if call[1].endswith("bulk") and "jobs" in call[1] else right)


def test_what_was_asked_is_written_down_with_its_reason(house: House) -> None:
    body = {"reason": "wrong file"}
    house.ask(house.token[Role.VIEWER], "POST", "/etl/jobs/abc/cancel", json=body)
    entry = house.newest()
    assert (entry["jobId"], entry["reason"], entry["action"]) == ("abc", "wrong file", "cancel")


@pytest.mark.parametrize("body", [b"{", b"\xff", b'"text"', b"[" * 100_000, b'{"reason": 3}'])
def test_a_refused_request_may_hold_anything(house: House, body: bytes) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    reply = house.ask(
        house.token[Role.VIEWER], "POST", "/etl/jobs/abc/cancel", data=body, headers=headers
    )
    assert reply.status_code == 403


UNREADABLE: dict[str, dict[str, Any]] = {
    "no JSON": {"data": b"{", "headers": {"Content-Type": "application/json"}},
    "an unknown field": {"json": {"x" * 100_000: 1}},
    "an unknown parameter": {"params": {"y" * 1000: "1"}},
    "too large": {"data": b"x" * 1_500_000},
}
READS_NO_BODY = {("DELETE", "/tests/results/{testId}"), ("DELETE", "/samples")}
READS_NO_BODY |= {("POST", "/etl/jobs/{jobId}/retry")}
READ = [
    pytest.param(call, told, id=f"{' '.join(call)} {name}")
    for call, _ in CALLS
    for name, told in UNREADABLE.items()
    if "params" in told or call not in READS_NO_BODY
]


@pytest.mark.parametrize("told", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("call", [call for call, _ in CALLS], ids=" ".join)
def test_nothing_is_read_of_somebody_without_a_token(
    house: House, call: tuple[str, str], told: dict[str, Any]
) -> None:
    reply = house.ask("a guess", call[0], address(call[1]), **told)
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "unauthorised")


@pytest.mark.parametrize(("call", "told"), READ)
def test_a_request_that_cannot_be_read_is_written_down_too(
    house: House, call: tuple[str, str], told: dict[str, Any]
) -> None:
    before = house.newest()["id"]
    person = house.as_person(Role.ADMIN, "김민지")
    headers = person | told.get("headers", {})
    reply = house.ask(
        house.token[Role.PORTAL], call[0], address(call[1]), **{**told, "headers": headers}
    )
    assert reply.status_code in (400, 413, 422)
    entry = house.newest()
    assert entry["id"] == before + 1
    assert (entry["actor"], entry["role"], entry["action"]) == ("김민지", "admin", RIGHTS[call])
    assert (entry["outcome"], entry["code"]) == ("refused", reply.json()["error"]["code"])
    assert (entry["jobId"] or entry["testId"] or "none") == "none"
    assert len(str(entry)) < 1000


def test_a_look_that_cannot_be_read_is_no_action(house: House) -> None:
    before = house.newest()
    reply = house.ask(house.token[Role.VIEWER], "GET", "/etl/jobs", params={"colour": "red"})
    assert reply.status_code == 422
    assert house.newest() == before


@pytest.mark.parametrize("role", list(Role))
def test_me(house: House, role: Role) -> None:
    told = house.ask(house.token[role], "GET", "/me").json()["data"]
    assert told == {
        "name": NAMES[role],
        "role": role,
        "serviceId": house.service_id,
        "mayActForOthers": role is Role.PORTAL,
    }


def test_every_role_sees(house: House) -> None:
    for role in Role:
        for path in ("/etl/jobs", "/tests/results", "/activity", "/system", "/metrics"):
            assert house.ask(house.token[role], "GET", path).status_code == 200


def test_the_person_is_who_acts(house: House) -> None:
    person = house.as_person(Role.OPERATOR, "김민지")
    files = {"file": ("answers.json", Script().file())}
    form = {"testKind": KIND, "userId": "lee", "title": "A test"}
    portal = house.token[Role.PORTAL]
    reply = house.ask(portal, "POST", "/tests/results", data=form, files=files, headers=person)
    assert reply.status_code == 201, reply.text
    assert reply.json()["data"]["activeJob"]["requestedBy"] == "김민지"
    entry = house.newest()
    assert (entry["actor"], entry["role"], entry["outcome"]) == ("김민지", "operator", "done")
    me = house.ask(portal, "GET", "/me", headers=person).json()["data"]
    assert (me["name"], me["role"]) == ("김민지", "operator")


def test_a_person_may_no_more_than_their_role(house: House) -> None:
    """Neither through the portal's token, nor through the admin's, which alone could do all."""
    for token in (house.token[Role.PORTAL], house.service.token):
        person = house.as_person(Role.VIEWER, token=token)
        reply = house.ask(token, "POST", "/etl/jobs/abc/cancel", headers=person)
        assert reply.status_code == 403
        assert reply.json()["error"]["code"] == "forbidden"
        entry = house.newest()
        assert (entry["actor"], entry["role"]) == ("kim", "viewer")


def test_without_the_person_the_portal_does_nothing(house: House) -> None:
    reply = house.ask(house.token[Role.PORTAL], "POST", "/etl/jobs/abc/cancel")
    assert reply.json()["error"]["details"] == {"role": "portal", "needed": "operator"}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ADMIN])
def test_other_tokens_name_nobody(house: House, role: Role) -> None:
    """A viewer that signs itself an admin, an admin that hides behind another name."""
    token = house.token[role]
    headers = house.as_person(Role.ADMIN, token=token)
    reply = house.ask(token, "DELETE", "/samples", headers=headers)
    assert reply.status_code == 403
    assert reply.json()["error"]["details"] == {"reason": "not_allowed"}
    entry = house.newest()
    assert (entry["actor"], entry["code"]) == (NAMES[role], "person_not_accepted")


@pytest.mark.parametrize("reason", ["forged", "other_service"])
def test_what_is_not_accepted(house: House, reason: str) -> None:
    told = {"forged": {"token": "a guess"}, "other_service": {"service": "another"}}[reason]
    headers = house.as_person(Role.ADMIN, **told)
    for method, path in (("DELETE", "/samples"), ("GET", "/etl/jobs")):
        reply = house.ask(house.token[Role.PORTAL], method, path, headers=headers)
        assert reply.status_code == 403
        assert reply.json()["error"]["details"] == {"reason": reason}


def test_an_old_one_is_not_accepted(house: House) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    headers = house.as_person(Role.ADMIN, now=an_hour_ago)
    reply = house.ask(house.token[Role.PORTAL], "DELETE", "/samples", headers=headers)
    assert reply.json()["error"]["details"] == {"reason": "expired"}


def test_replayed_to_another_service_with_the_same_token(house: House, tmp_path: Path) -> None:
    """Two services that were given one admin token still are two."""
    env = SETTING | {"ETL_MONITOR_API_TOKEN": house.service.token}
    headers = house.as_person(Role.ADMIN, token=house.service.token)
    assert house.ask(house.service.token, "GET", "/me", headers=headers).status_code == 200
    with running_service(tmp_path / "data", env=env) as other:
        reply = other.call("GET", "/me", headers=headers)
    assert reply.json()["error"]["details"] == {"reason": "other_service"}
