"""Authorization: calls by every role, calls for users whom the portal names, forged headers."""

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
class SecuredService:
    """A service with a token for each role."""

    service: RunningService
    token: Mapping[Role, str]
    service_id: str

    def send(self, token: str, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
        return requests.request(
            method, self.service.base_url + path, headers=headers, timeout=30, **options
        )

    def delegation_header(self, role: Role, name: str = "kim", **changed: Any) -> dict[str, str]:
        """Return the header with which the portal acts for a user."""
        arguments = {"token": self.token[Role.PORTAL], "service": self.service_id} | changed
        return {HEADER: sign(DelegatedUser(name=name, role=role), **arguments)}

    def newest_entry(self) -> dict[str, Any]:
        entries: list[dict[str, Any]] = self.service.data("GET", "/activity?limit=1")
        return entries[0]


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredService]:
    data_dir = tmp_path_factory.mktemp("rights") / "data"
    tokens = {role: new_token(data_dir, role) for role in Role}
    with running_service(data_dir, env=SETTING) as service:
        service_id = service.data("GET", "/me")["serviceId"]
        yield SecuredService(service=service, token=tokens, service_id=service_id)


CALLS = [
    (("POST", "/etl/process"), {"json": {"userId": "missing", "anpSeq": 1}}),
    (("POST", "/etl/process/bulk"), {"json": {"testIds": ["none"]}}),
    (("POST", "/etl/jobs/{jobId}/cancel"), {"json": {"reason": "because"}}),
    (("POST", "/etl/jobs/{jobId}/retry"), {}),
    (("POST", "/etl/jobs/{jobId}/promote"), {}),
    (("POST", "/etl/jobs/{jobId}/seen"), {}),
    (("PUT", "/tests/results/{testId}/file"), {"files": {"file": ("a.csv", b"x" * 3_000_000)}}),
    (("POST", "/etl/jobs/bulk"), {"json": {"action": "retry", "jobIds": ["none"]}}),
    (("POST", "/tests/results"), {"files": {"file": ("a.csv", b"x" * 3_000_000)}}),
    (("DELETE", "/tests/results/{testId}"), {}),
    (("POST", "/samples/replay"), {}),
    (("DELETE", "/samples"), {}),
]


def address(path: str) -> str:
    return path.replace("{jobId}", "none").replace("{testId}", "none")


def test_every_call_of_the_service_is_in_the_table() -> None:
    """A call that is not in the table is rejected for every role.

    An `AuthorizedRoute` checks the token before it reads anything else.
    """
    modules = (system, stream, history, jobs, results, activity)
    routes = [r for module in modules for r in module.router.routes if isinstance(r, APIRoute)]
    calls = {(method, route.path_format) for route in routes for method in route.methods or ()}
    assert calls == set(RIGHTS)
    assert all(isinstance(route, AuthorizedRoute) for route in routes)


def test_every_call_that_changes_something_is_tested_here() -> None:
    assert {call for call, _ in CALLS} == {c for c, right in RIGHTS.items() if right != Right.SEE}
    assert all(right == Right.SEE for (method, _), right in RIGHTS.items() if method == "GET")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PORTAL, Role.OPERATOR, Role.ADMIN])
@pytest.mark.parametrize(
    ("call", "options"), CALLS, ids=lambda part: " ".join(part) if part else ""
)
def test_a_role_may_make_only_its_calls(
    secured: SecuredService, role: Role, call: tuple[str, str], options: dict[str, Any]
) -> None:
    right = RIGHTS[call]
    reply = secured.send(secured.token[role], call[0], address(call[1]), **options)
    if may(role, right):
        assert reply.status_code != 403, reply.text
        return
    assert reply.status_code == 403
    error = reply.json()["error"]
    assert error["code"] == "forbidden"
    assert error["details"] == {"role": role, "needed": NEEDED[right]}
    entry = secured.newest_entry()
    assert (entry["actor"], entry["role"]) == (NAMES[role], role)
    assert (entry["outcome"], entry["code"]) == ("refused", "forbidden")
    assert entry["details"] == error["details"]
    assert entry["action"] == ("retry" if call[1].endswith("bulk") and "jobs" in call[1] else right)


def test_a_rejected_request_is_in_the_activity_log_with_its_reason(secured: SecuredService) -> None:
    body = {"reason": "wrong file"}
    secured.send(secured.token[Role.VIEWER], "POST", "/etl/jobs/abc/cancel", json=body)
    entry = secured.newest_entry()
    assert (entry["jobId"], entry["reason"], entry["action"]) == ("abc", "wrong file", "cancel")


@pytest.mark.parametrize("body", [b"{", b"\xff", b'"text"', b"[" * 100_000, b'{"reason": 3}'])
def test_the_role_is_checked_before_the_body(secured: SecuredService, body: bytes) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    reply = secured.send(
        secured.token[Role.VIEWER], "POST", "/etl/jobs/abc/cancel", data=body, headers=headers
    )
    assert reply.status_code == 403


UNREADABLE: dict[str, dict[str, Any]] = {
    "no JSON": {"data": b"{", "headers": {"Content-Type": "application/json"}},
    "an unknown field": {"json": {"x" * 100_000: 1}},
    "an unknown parameter": {"params": {"y" * 1000: "1"}},
    "too large": {"data": b"x" * 1_500_000},
}
READS_NO_BODY = {("DELETE", "/tests/results/{testId}"), ("DELETE", "/samples")}
READS_NO_BODY |= {("POST", "/etl/jobs/{jobId}/retry"), ("POST", "/samples/replay")}
READ = [
    pytest.param(call, options, id=f"{' '.join(call)} {name}")
    for call, _ in CALLS
    for name, options in UNREADABLE.items()
    if "params" in options or call not in READS_NO_BODY
]


@pytest.mark.parametrize("options", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("call", [call for call, _ in CALLS], ids=" ".join)
def test_a_request_without_a_valid_token_is_not_read(
    secured: SecuredService, call: tuple[str, str], options: dict[str, Any]
) -> None:
    reply = secured.send("a guess", call[0], address(call[1]), **options)
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "unauthorised")


@pytest.mark.parametrize(("call", "options"), READ)
def test_a_request_that_cannot_be_read_is_in_the_activity_log_too(
    secured: SecuredService, call: tuple[str, str], options: dict[str, Any]
) -> None:
    before = secured.newest_entry()["id"]
    delegation = secured.delegation_header(Role.ADMIN, "김민지")
    headers = delegation | options.get("headers", {})
    reply = secured.send(
        secured.token[Role.PORTAL], call[0], address(call[1]), **{**options, "headers": headers}
    )
    assert reply.status_code in (400, 413, 422)
    entry = secured.newest_entry()
    assert entry["id"] == before + 1
    assert (entry["actor"], entry["role"], entry["action"]) == ("김민지", "admin", RIGHTS[call])
    assert (entry["outcome"], entry["code"]) == ("refused", reply.json()["error"]["code"])
    assert (entry["jobId"] or entry["testId"] or "none") == "none"
    assert len(str(entry)) < 1000


def test_a_query_that_cannot_be_read_is_not_in_the_activity_log(secured: SecuredService) -> None:
    before = secured.newest_entry()
    reply = secured.send(secured.token[Role.VIEWER], "GET", "/etl/jobs", params={"colour": "red"})
    assert reply.status_code == 422
    assert secured.newest_entry() == before


@pytest.mark.parametrize("role", list(Role))
def test_me(secured: SecuredService, role: Role) -> None:
    identity = secured.send(secured.token[role], "GET", "/me").json()["data"]
    assert identity == {
        "name": NAMES[role],
        "role": role,
        "serviceId": secured.service_id,
        "mayActForOthers": role is Role.PORTAL,
    }


def test_every_role_may_read(secured: SecuredService) -> None:
    for role in Role:
        for path in ("/etl/jobs", "/tests/results", "/activity", "/system", "/metrics"):
            assert secured.send(secured.token[role], "GET", path).status_code == 200


def test_the_named_user_is_the_requester(secured: SecuredService) -> None:
    delegation = secured.delegation_header(Role.OPERATOR, "김민지")
    files = {"file": ("answers.json", Script().file())}
    form = {"testKind": KIND, "userId": "lee", "title": "A test"}
    portal = secured.token[Role.PORTAL]
    reply = secured.send(
        portal, "POST", "/tests/results", data=form, files=files, headers=delegation
    )
    assert reply.status_code == 201, reply.text
    assert reply.json()["data"]["activeJob"]["requestedBy"] == "김민지"
    entry = secured.newest_entry()
    assert (entry["actor"], entry["role"], entry["outcome"]) == ("김민지", "operator", "done")
    identity = secured.send(portal, "GET", "/me", headers=delegation).json()["data"]
    assert (identity["name"], identity["role"]) == ("김민지", "operator")


def test_a_named_user_has_only_the_rights_of_their_role(secured: SecuredService) -> None:
    """This also holds for a user whom an admin's token names."""
    for token in (secured.token[Role.PORTAL], secured.service.token):
        delegation = secured.delegation_header(Role.VIEWER, token=token)
        reply = secured.send(token, "POST", "/etl/jobs/abc/cancel", headers=delegation)
        assert reply.status_code == 403
        assert reply.json()["error"]["code"] == "forbidden"
        entry = secured.newest_entry()
        assert (entry["actor"], entry["role"]) == ("kim", "viewer")


def test_the_portal_changes_nothing_without_a_user(secured: SecuredService) -> None:
    reply = secured.send(secured.token[Role.PORTAL], "POST", "/etl/jobs/abc/cancel")
    assert reply.json()["error"]["details"] == {"role": "portal", "needed": "operator"}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ADMIN])
def test_other_tokens_may_not_act_for_users(secured: SecuredService, role: Role) -> None:
    """A viewer's token signs an admin's name; an admin's token signs another name."""
    token = secured.token[role]
    headers = secured.delegation_header(Role.ADMIN, token=token)
    reply = secured.send(token, "DELETE", "/samples", headers=headers)
    assert reply.status_code == 403
    assert reply.json()["error"]["details"] == {"reason": "not_allowed"}
    entry = secured.newest_entry()
    assert (entry["actor"], entry["code"]) == (NAMES[role], "person_not_accepted")


@pytest.mark.parametrize("reason", ["forged", "other_service"])
def test_a_delegation_forged_or_for_another_service_is_rejected(
    secured: SecuredService, reason: str
) -> None:
    changed = {"forged": {"token": "a guess"}, "other_service": {"service": "another"}}[reason]
    headers = secured.delegation_header(Role.ADMIN, **changed)
    for method, path in (("DELETE", "/samples"), ("GET", "/etl/jobs")):
        reply = secured.send(secured.token[Role.PORTAL], method, path, headers=headers)
        assert reply.status_code == 403
        assert reply.json()["error"]["details"] == {"reason": reason}


def test_an_expired_delegation_is_rejected(secured: SecuredService) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    headers = secured.delegation_header(Role.ADMIN, now=an_hour_ago)
    reply = secured.send(secured.token[Role.PORTAL], "DELETE", "/samples", headers=headers)
    assert reply.json()["error"]["details"] == {"reason": "expired"}


def test_a_delegation_replayed_to_another_service_with_the_same_token_is_rejected(
    secured: SecuredService, tmp_path: Path
) -> None:
    """Two services with the same admin token still have different service ids."""
    env = SETTING | {"ETL_MONITOR_API_TOKEN": secured.service.token}
    headers = secured.delegation_header(Role.ADMIN, token=secured.service.token)
    assert secured.send(secured.service.token, "GET", "/me", headers=headers).status_code == 200
    with running_service(tmp_path / "data", env=env) as other:
        reply = other.call("GET", "/me", headers=headers)
    assert reply.json()["error"]["details"] == {"reason": "other_service"}
