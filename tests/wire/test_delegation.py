"""The acting person: signed by the portal, checked by the service."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from etl_monitor.errors import Forbidden
from etl_monitor.wire import delegation
from etl_monitor.wire.delegation import DelegatedUser, assertion, person_of
from etl_monitor.wire.roles import PERSONS_ROLES, Role

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
KIM = DelegatedUser(name="김민지 <kim@example.com>", role=Role.OPERATOR)


def told(person: DelegatedUser = KIM, token: str = "token", service: str = "here") -> str:
    return assertion(person, token=token, service=service, now=NOW)


def why_not(header: str, token: str = "token", now: datetime = NOW) -> str:
    with pytest.raises(Forbidden) as caught:
        person_of(header, token=token, service="here", now=now)
    assert caught.value.code == "person_not_accepted"
    return str(caught.value.details["reason"])


@given(
    name=st.text(
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200
    ),
    role=st.sampled_from(PERSONS_ROLES),
)
def test_whom_it_names_is_who_was_signed(name: str, role: Role) -> None:
    person = DelegatedUser(name=name, role=role)
    header = told(person)
    assert header.isascii()
    assert header.isprintable()
    assert person_of(header, token="token", service="here", now=NOW) == person


def test_signed_with_another_token() -> None:
    assert why_not(told(token="of somebody else")) == "forged"


def test_made_for_another_service() -> None:
    assert why_not(told(service="there")) == "other_service"


@pytest.mark.parametrize("after", [timedelta(seconds=121), timedelta(hours=1)])
def test_too_old(after: timedelta) -> None:
    assert why_not(told(), now=NOW + after) == "expired"


def test_from_a_clock_that_is_far_ahead() -> None:
    assert why_not(told(), now=NOW - timedelta(seconds=61)) == "expired"


@pytest.mark.parametrize("off", [-59, 0, 59, 119])
def test_clocks_may_differ_by_a_minute(off: int) -> None:
    later = NOW + timedelta(seconds=off)
    assert person_of(told(), token="token", service="here", now=later) == KIM


@given(st.integers(0, 400), st.characters(categories=["Lu", "Nd"]))
def test_no_letter_of_it_can_be_changed(at: int, letter: str) -> None:
    header = told()
    at %= len(header)
    changed = header[:at] + letter + header[at + 1 :]
    if changed == header:
        return
    with suppress(Forbidden):
        # The last letter of base64 has bits that mean nothing: then nothing is changed either.
        assert person_of(changed, token="token", service="here", now=NOW) == KIM


@given(st.text(max_size=300) | st.just("." * 100_000))
def test_anything_else_is_forged(header: str) -> None:
    assert why_not(header) == "forged"


@pytest.mark.parametrize(
    "claim",
    [
        {"name": "kim", "role": "portal", "service": "here", "until": 2_000_000_000},
        {"name": "", "role": "viewer", "service": "here", "until": 2_000_000_000},
        {"name": "kim", "role": "viewer", "service": "here"},
        {"name": "kim", "role": "viewer", "service": "here", "until": "2", "more": 1},
        ["kim"],
        None,
    ],
)
def test_well_signed_but_no_claim(claim: object) -> None:
    assert why_not(delegation._signer("token").dumps(claim)) == "forged"


def test_another_use_of_the_same_key_is_no_assertion() -> None:
    claim = {"name": "kim", "role": "admin", "service": "here", "until": int(NOW.timestamp())}
    assert why_not(URLSafeSerializer("token").dumps(claim)) == "forged"
