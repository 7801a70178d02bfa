"""Generated requests by every role, valid and invalid by the service's OpenAPI schema.

The service never fails, and every reply is one that the schema lists.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from etl_monitor.wire.delegation import HEADER, DelegatedUser, sign
from etl_monitor.wire.roles import PERSONS_ROLES, Role
from tests.support.people import Person as User
from tests.support.scripted import SETTING, Script
from tests.support.service_process import RunningService, running_service
from tests.support.some_tokens import new_token

pytestmark = pytest.mark.long

# For each role and call; about a minute for all of them.
EXAMPLES = 9
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ODD = st.text(max_size=60) | st.sampled_from(["0", "-1", "1", "99999999999999999999", "9" * 4000])


@dataclass(frozen=True, kw_only=True)
class SecuredService:
    """A service with a token for each role, a test, a job and a document."""

    service: RunningService
    tokens: Mapping[Role, str]
    existing: Mapping[str, str]  # path parameters that name something that exists
    service_id: str

    def headers(self, role: Role, person: Role | None) -> dict[str, str]:
        """Return headers with the token of `role`; `person` is the role of a delegated user."""
        token = self.tokens[role]
        headers = {"Authorization": f"Bearer {token}"}
        if person is not None:
            kim = DelegatedUser(name="김민지", role=person)
            headers[HEADER] = sign(kim, token=token, service=self.service_id)
        return headers


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredService]:
    folder = tmp_path_factory.mktemp("fuzz")
    with running_service(folder / "data", env=SETTING) as service:
        person = User(service=service, user_id="kim", folder=folder)
        person.processed(Script(fail=True))
        test = person.processed()
        existing = {
            "testId": test["id"],
            "jobId": test["lastJob"]["jobId"],
            "userId": "kim",
            "documentId": test["documents"][0]["id"],
        }
        tokens = {role: new_token(service.data_dir, role) for role in Role}
        service_id = service.data("GET", "/me")["serviceId"]
        yield SecuredService(
            service=service, tokens=tokens, existing=existing, service_id=service_id
        )


def operations(service: RunningService) -> list[Any]:
    """Return every operation of the schema except the feeds (`test_the_feeds`), which do not end.

    The schema's security is removed: each request sends a valid token.
    """
    raw = service.call("GET", "/openapi.json").json()
    for calls in raw["paths"].values():
        for call in calls.values():
            call.pop("security", None)
    schema = schemathesis.openapi.from_dict(raw)
    valid: list[Any] = [
        result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)
    ]
    return [operation for operation in valid if not operation.path.endswith("/stream")]


@pytest.mark.parametrize("role", Role)
def test_every_call(secured: SecuredService, role: Role) -> None:
    tested = operations(secured.service)
    assert len(tested) >= 25
    session = requests.Session()
    for operation in tested:
        send_requests(secured, operation, role, session)
    assert secured.service.process.poll() is None
    assert '"event": "request_failed"' not in secured.service.log.read_text("utf-8")


def test_every_status_is_in_the_schema(secured: SecuredService) -> None:
    """A `default` would allow any status."""
    for operation in operations(secured.service):
        listed = set(operation.definition.raw["responses"])
        assert "default" not in listed
        assert listed >= {"422"} | (
            {"401", "403", "503"} if operation.path != "/healthz" else set()
        )


def send_requests(
    secured: SecuredService, operation: Any, role: Role, session: requests.Session
) -> None:
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    # Only a portal acts for users. Other tokens that name one are rejected (see test_rights.py).
    persons = st.none() | st.sampled_from(PERSONS_ROLES) if role is Role.PORTAL else st.none()

    @given(case=cases, exists=st.booleans(), person=persons)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Case[Any], exists: bool, person: Role | None) -> None:
        if exists and case.path_parameters:
            names = case.path_parameters.keys() & secured.existing.keys()
            case.path_parameters.update({name: secured.existing[name] for name in names})
        reply = case.call(
            base_url=secured.service.base_url,
            session=session,
            headers=secured.headers(role, person),
            timeout=30,
        )
        must_reject = [negative_data_rejection] if _has_invalid_body(case) else []
        case.validate_response(reply, checks=[*CHECKS, *must_reject])

    send()


def _has_invalid_body(case: Case[Any]) -> bool:
    """Whether the body is JSON that the schema does not allow.

    Parameters do not count: in a URL every value is a text, so one made invalid may be valid.
    """
    body = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    is_json = case.media_type == "application/json"
    return is_json and body is not None and body.mode.is_negative


@pytest.mark.parametrize("path", ["/etl/jobs/stream", "/etl/jobs/{jobId}/stream"])
def test_the_feeds(secured: SecuredService, path: str) -> None:
    """The reply is a feed that begins, or JSON with the reason why not."""
    session = requests.Session()

    @given(after=st.none() | ODD, job_id=st.none() | ODD, other=st.none() | ODD)
    @settings(max_examples=40, deadline=None, database=None)
    def send(after: str | None, job_id: str | None, other: str | None) -> None:
        name = secured.existing["jobId"] if job_id is None else quote(job_id, safe="")
        params = {"lastEventId": after, "other": other}
        with session.get(
            secured.service.base_url + path.format(jobId=name),
            params={key: value for key, value in params.items() if value is not None},
            headers={"Authorization": f"Bearer {secured.tokens[Role.VIEWER]}"},
            stream=True,
            timeout=30,
        ) as reply:
            if reply.status_code == 200 and "event-stream" in reply.headers["Content-Type"]:
                assert reply.raw.read(11) == b": connected"
            else:
                assert reply.status_code < 500
                assert reply.json().keys() == {"success", "error" if not reply.ok else "data"}

    send()


@pytest.mark.parametrize(
    "name", ["Accept-Language", "Authorization", "X-Acting-Person", "Content-Type"]
)
def test_headers(secured: SecuredService, name: str) -> None:
    """A header may hold any byte but line ends."""
    session = requests.Session()
    bytes_ = st.binary(max_size=200).map(lambda b: b.translate(None, b"\r\n\0").strip())

    @given(value=bytes_)
    @settings(max_examples=40, deadline=None, database=None)
    def send(value: bytes) -> None:
        headers: dict[str, Any] = {"Authorization": f"Bearer {secured.tokens[Role.OPERATOR]}"}
        reply = session.post(
            f"{secured.service.base_url}/etl/jobs/none/cancel",
            headers=headers | {name: value},
            data=b"{}",
            timeout=30,
        )
        assert reply.status_code < 500
        assert reply.headers["Content-Type"].startswith(("application/json", "text/plain"))

    send()
