"""Everything that the service's OpenAPI allows, and much that it does not, asked by every role: it
never breaks, and never answers what it did not promise."""

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

# About a minute for all: four roles × the calls × these.
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
class House:
    service: RunningService
    tokens: Mapping[Role, str]
    known: Mapping[str, str]  # path parameters that name something which is there
    service_id: str

    def headers(self, role: Role, person: Role | None) -> dict[str, str]:
        """`person`: the role of somebody whom they say that they act for."""
        token = self.tokens[role]
        headers = {"Authorization": f"Bearer {token}"}
        if person is not None:
            kim = DelegatedUser(name="김민지", role=person)
            headers[HEADER] = sign(kim, token=token, service=self.service_id)
        return headers


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("fuzz")
    with running_service(folder / "data", env=SETTING) as service:
        person = User(service=service, user_id="kim", folder=folder)
        person.processed(Script(fail=True))
        test = person.processed()
        known = {
            "testId": test["id"],
            "jobId": test["lastJob"]["jobId"],
            "userId": "kim",
            "documentId": test["documents"][0]["id"],
        }
        tokens = {role: new_token(service.data_dir, role) for role in Role}
        service_id = service.data("GET", "/me")["serviceId"]
        yield House(service=service, tokens=tokens, known=known, service_id=service_id)


def operations(service: RunningService) -> list[Any]:
    """Every call but the feeds, which do not end and are asked below. Of tokens they know nothing:
    each is asked with a valid one."""
    raw = service.call("GET", "/openapi.json").json()
    for calls in raw["paths"].values():
        for call in calls.values():
            call.pop("security", None)
    schema = schemathesis.openapi.from_dict(raw)
    found: list[Any] = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    return [one for one in found if not one.path.endswith("/stream")]


@pytest.mark.parametrize("role", Role)
def test_every_call(house: House, role: Role) -> None:
    asked = operations(house.service)
    assert len(asked) >= 25
    session = requests.Session()
    for operation in asked:
        ask_everything(house, operation, role, session)
    assert house.service.process.poll() is None
    assert '"event": "request_failed"' not in house.service.log.read_text("utf-8")


def test_every_reply_is_promised_by_its_status(house: House) -> None:
    """A `default` would make any status one that was promised."""
    for operation in operations(house.service):
        promised = set(operation.definition.raw["responses"])
        assert "default" not in promised
        assert promised >= {"422"} | (
            {"401", "403", "503"} if operation.path != "/healthz" else set()
        )


def ask_everything(house: House, operation: Any, role: Role, session: requests.Session) -> None:
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    # A portal acts for persons; whoever else names one is refused, which needs no more than a few.
    persons = st.none() | st.sampled_from(PERSONS_ROLES) if role is Role.PORTAL else st.none()

    @given(case=cases, is_known=st.booleans(), person=persons)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case[Any], is_known: bool, person: Role | None) -> None:
        if is_known and case.path_parameters:
            named = {one: house.known[one] for one in case.path_parameters if one in house.known}
            case.path_parameters.update(named)
        reply = case.call(
            base_url=house.service.base_url,
            session=session,
            headers=house.headers(role, person),
            timeout=30,
        )
        must_refuse = [negative_data_rejection] if _is_wrong(case) else []
        case.validate_response(reply, checks=[*CHECKS, *must_refuse])

    ask()


def _is_wrong(case: Case[Any]) -> bool:
    """Its body is JSON that does not fit. In an address everything is a text, also a number that
    was to be none."""
    made = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    is_json = case.media_type == "application/json"
    return is_json and made is not None and made.mode.is_negative


@pytest.mark.parametrize("path", ["/etl/jobs/stream", "/etl/jobs/{jobId}/stream"])
def test_the_feeds(house: House, path: str) -> None:
    """Whatever is asked for: a feed that begins, or a reason why not."""
    session = requests.Session()

    @given(after=st.none() | ODD, job_id=st.none() | ODD, other=st.none() | ODD)
    @settings(max_examples=40, deadline=None, database=None)
    def ask(after: str | None, job_id: str | None, other: str | None) -> None:
        named = house.known["jobId"] if job_id is None else quote(job_id, safe="")
        params = {"lastEventId": after, "other": other}
        with session.get(
            house.service.base_url + path.format(jobId=named),
            params={name: value for name, value in params.items() if value is not None},
            headers={"Authorization": f"Bearer {house.tokens[Role.VIEWER]}"},
            stream=True,
            timeout=30,
        ) as reply:
            if reply.status_code == 200 and "event-stream" in reply.headers["Content-Type"]:
                assert reply.raw.read(11) == b": connected"
            else:
                assert reply.status_code < 500
                assert reply.json().keys() == {"success", "error" if not reply.ok else "data"}

    ask()


@pytest.mark.parametrize(
    "name", ["Accept-Language", "Authorization", "X-Acting-Person", "Content-Type"]
)
def test_headers(house: House, name: str) -> None:
    """A header may hold any byte but line ends."""
    session = requests.Session()
    bytes_ = st.binary(max_size=200).map(lambda b: b.translate(None, b"\r\n\0").strip())

    @given(value=bytes_)
    @settings(max_examples=40, deadline=None, database=None)
    def ask(value: bytes) -> None:
        headers: dict[str, Any] = {"Authorization": f"Bearer {house.tokens[Role.OPERATOR]}"}
        reply = session.post(
            f"{house.service.base_url}/etl/jobs/none/cancel",
            headers=headers | {name: value},
            data=b"{}",
            timeout=30,
        )
        assert reply.status_code < 500
        assert reply.headers["Content-Type"].startswith(("application/json", "text/plain"))

    ask()
