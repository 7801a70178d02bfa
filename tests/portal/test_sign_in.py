"""From the provider's claims to who looks, and what they may do."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from etl_monitor.client.whoami import WhoAmI
from etl_monitor.errors import ServiceUnavailable
from etl_monitor.portal.sign_in import ANONYMOUS, identify_visitor
from etl_monitor.settings import Settings
from etl_monitor.wire.delegation import Identity
from etl_monitor.wire.roles import NEEDED, Right, Role, lesser, may, rights
from tests.support.eventually import eventually

OFF = Settings(sign_in="off")
ON = Settings(sign_in="oidc", role_map="etl-team=operator,etl-admins=admin,readers=viewer")


def me(role: Role, *, may_act_for_others: bool = False) -> Identity:
    return Identity(name="token", role=role, service_id="1", may_act_for_others=may_act_for_others)


PORTAL = me(Role.PORTAL, may_act_for_others=True)


def claims(**more: Any) -> Mapping[str, Any]:
    return {"sub": "s-1", "email": "kim@example.com", "iat": time.time()} | more


def role_of(settings: Settings = ON, told: Identity | None = PORTAL, **more: Any) -> Role | None:
    return identify_visitor(claims(**more), told, settings).role


def test_each_role_may_what_the_one_below_may() -> None:
    viewer, operator, admin = (rights(role) for role in (Role.VIEWER, Role.OPERATOR, Role.ADMIN))
    assert viewer == {Right.SEE}
    assert operator - viewer == {Right.UPLOAD, Right.PROCESS, Right.CANCEL, Right.RETRY}
    assert admin - operator == {Right.DELETE, Right.REMOVE_SAMPLES}
    assert admin == set(Right) == set(NEEDED)
    assert rights(Role.PORTAL) == viewer
    assert not any(may(None, right) for right in Right)


def test_the_local_person_is_admin() -> None:
    assert identify_visitor(None, None, OFF).role is Role.ADMIN
    assert identify_visitor(None, me(Role.ADMIN, may_act_for_others=True), OFF).role is Role.ADMIN
    assert not identify_visitor(None, None, OFF).is_signed_in


def test_the_local_person_may_no_more_than_the_token() -> None:
    assert identify_visitor(None, me(Role.VIEWER), OFF).rights == {Right.SEE}


def test_nobody_before_the_sign_in() -> None:
    assert identify_visitor(None, PORTAL, ON) == ANONYMOUS
    assert ANONYMOUS.rights == frozenset()


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["etl-team"], Role.OPERATOR),
        ("etl-team", Role.OPERATOR),
        (["readers", "etl-admins", "etl-team"], Role.ADMIN),
        (["somebody else's"], None),
        ([], None),
        (None, None),
        ({"etl-admins": True}, None),
        ([["etl-admins"], 3], None),
        ("etl-team,etl-admins", None),
    ],
)
def test_the_highest_of_the_given_roles(roles: object, role: Role | None) -> None:
    assert role_of(roles=roles) == role


def test_everybody_who_signed_in() -> None:
    everybody = ON.model_copy(update={"role_map": "*=viewer,etl-admins=admin"})
    assert role_of(everybody) is Role.VIEWER
    assert role_of(everybody, roles=["etl-admins"]) is Role.ADMIN


def test_a_claim_within_a_claim() -> None:
    inside = ON.model_copy(update={"role_claim": "realm_access.roles"})
    assert role_of(inside, realm_access={"roles": ["etl-team"]}) is Role.OPERATOR
    assert role_of(inside, realm_access=["etl-team"]) is None
    whole = {**claims(), "realm_access.roles": ["etl-admins"]}
    assert identify_visitor(whole, PORTAL, inside).role is Role.ADMIN


@pytest.mark.parametrize(
    "made", [None, "now", time.time() - 12.1 * 3600], ids=["none", "a-word", "long-ago"]
)
def test_a_sign_in_does_not_last_for_ever(made: object) -> None:
    assert identify_visitor(claims(iat=made, roles=["etl-admins"]), PORTAL, ON) == ANONYMOUS


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({}, "kim@example.com"),
        ({"email": None}, "s-1"),
        ({"email": "ceo@example.com", "email_verified": False}, "s-1"),
        ({"email": "a\nb\u202e@example.com"}, "ab@example.com"),
        ({"email": " ", "sub": None}, "unnamed"),
        ({"email": "x" * 300}, "x" * 200),
    ],
)
def test_the_name(told: dict[str, Any], name: str) -> None:
    assert identify_visitor(claims(roles="readers", **told), PORTAL, ON).name == name


def test_where_the_service_cannot_be_told_who_it_is_one_may_only_see() -> None:
    assert role_of(told=me(Role.VIEWER), roles="etl-admins") is Role.VIEWER
    assert role_of(told=me(Role.ADMIN), roles="etl-admins") is Role.VIEWER
    assert role_of(told=None, roles="etl-admins") is Role.ADMIN  # it has not answered yet
    assert lesser(Role.ADMIN, Role.PORTAL) is Role.PORTAL


def test_the_service_is_asked_once() -> None:
    asked: list[Identity] = []

    def ask() -> Identity:
        asked.append(PORTAL)
        return PORTAL

    whoami = WhoAmI(ask)
    assert [whoami() for _ in range(3)] == [PORTAL] * 3
    assert len(asked) == 1


def test_a_service_that_does_not_answer_is_waited_for_once() -> None:
    asked: list[int] = []

    def ask() -> Identity:
        asked.append(1)
        raise ServiceUnavailable("unreachable", "It is not there.")

    whoami = WhoAmI(ask)
    assert [whoami() for _ in range(3)] == [None] * 3
    assert len(asked) == 1


def test_a_service_that_is_called_again_is_not_waited_for() -> None:
    """Live pages are drawn with the identity: a slow service must not hold them up."""
    gate, later = threading.Event(), PORTAL.model_copy(update={"name": "later"})
    replies = iter([PORTAL, later])

    def fetch() -> Identity:
        identity = next(replies)
        if identity is later:
            gate.wait(10)
        return identity

    whoami = WhoAmI(fetch)
    assert whoami() == PORTAL
    whoami._refresh_at = 0.0  # it is due
    assert [whoami() for _ in range(3)] == [PORTAL] * 3
    gate.set()

    def is_updated() -> None:
        assert whoami() == later

    eventually(is_updated)
