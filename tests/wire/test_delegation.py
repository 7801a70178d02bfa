"""The delegated user: signed by the portal, verified by the service."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from etl_monitor.errors import Forbidden
from etl_monitor.wire import delegation
from etl_monitor.wire.delegation import DelegatedUser, sign, verify
from etl_monitor.wire.roles import PERSONS_ROLES, Role

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
KIM = DelegatedUser(name="김민지 <kim@example.com>", role=Role.OPERATOR)


def signed(user: DelegatedUser = KIM, token: str = "token", service: str = "here") -> str:
    return sign(user, token=token, service=service, now=NOW)


def rejection_reason(header: str, token: str = "token", now: datetime = NOW) -> str:
    with pytest.raises(Forbidden) as caught:
        verify(header, token=token, service="here", now=now)
    assert caught.value.code == "person_not_accepted"
    return str(caught.value.details["reason"])


@given(
    name=st.text(
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200
    ),
    role=st.sampled_from(PERSONS_ROLES),
)
def test_the_verified_user_is_the_signed_user(name: str, role: Role) -> None:
    user = DelegatedUser(name=name, role=role)
    header = signed(user)
    assert header.isascii()
    assert header.isprintable()
    assert verify(header, token="token", service="here", now=NOW) == user


def test_a_signature_with_another_token_is_forged() -> None:
    assert rejection_reason(signed(token="another one")) == "forged"


def test_a_header_for_another_service_is_rejected() -> None:
    assert rejection_reason(signed(service="there")) == "other_service"


@pytest.mark.parametrize("after", [timedelta(seconds=121), timedelta(hours=1)])
def test_an_old_header_is_expired(after: timedelta) -> None:
    assert rejection_reason(signed(), now=NOW + after) == "expired"


def test_a_header_from_a_clock_far_ahead_is_expired() -> None:
    assert rejection_reason(signed(), now=NOW - timedelta(seconds=61)) == "expired"


@pytest.mark.parametrize("off", [-59, 0, 59, 119])
def test_clocks_may_differ_by_a_minute(off: int) -> None:
    later = NOW + timedelta(seconds=off)
    assert verify(signed(), token="token", service="here", now=later) == KIM


@given(st.integers(0, 400), st.characters(categories=["Lu", "Nd"]))
def test_a_header_with_a_changed_letter_is_rejected(at: int, letter: str) -> None:
    header = signed()
    at %= len(header)
    changed = header[:at] + letter + header[at + 1 :]
    if changed == header:
        return
    with suppress(Forbidden):
        # The last letter of base64 has unused bits: changing only those changes nothing.
        assert verify(changed, token="token", service="here", now=NOW) == KIM


@given(st.text(max_size=300) | st.just("." * 100_000))
def test_any_other_text_is_forged(header: str) -> None:
    assert rejection_reason(header) == "forged"


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
def test_a_signed_value_that_is_no_claim_is_forged(claim: object) -> None:
    assert rejection_reason(delegation._serializer("token").dumps(claim)) == "forged"


def test_a_signature_for_another_purpose_is_forged() -> None:
    claim = {"name": "kim", "role": "admin", "service": "here", "until": int(NOW.timestamp())}
    assert rejection_reason(URLSafeSerializer("token").dumps(claim)) == "forged"
