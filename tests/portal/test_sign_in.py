"""From the provider's claims to the visitor and their rights."""

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


def role_of(
    settings: Settings = ON, identity: Identity | None = PORTAL, **more: Any
) -> Role | None:
    return identify_visitor(claims(**more), identity, settings).role


def test_each_role_includes_the_rights_of_the_lower_ones() -> None:
    viewer, operator, admin = (rights(role) for role in (Role.VIEWER, Role.OPERATOR, Role.ADMIN))
    assert viewer == {Right.SEE}
    assert operator - viewer == {
        *(Right.UPLOAD, Right.PROCESS, Right.CANCEL, Right.RETRY, Right.PROMOTE, Right.MARK_SEEN),
        Right.REPLAY_SAMPLES,
    }
    assert admin - operator == {Right.DELETE, Right.REMOVE_SAMPLES}
    assert admin == set(Right) == set(NEEDED)
    assert rights(Role.PORTAL) == viewer
    assert not any(may(None, right) for right in Right)


def test_the_local_user_is_admin() -> None:
    assert identify_visitor(None, None, OFF).role is Role.ADMIN
    assert identify_visitor(None, me(Role.ADMIN, may_act_for_others=True), OFF).role is Role.ADMIN
    assert not identify_visitor(None, None, OFF).is_signed_in


def test_the_local_user_has_no_more_rights_than_the_token() -> None:
    assert identify_visitor(None, me(Role.VIEWER), OFF).rights == {Right.SEE}


def test_a_visitor_is_anonymous_before_the_sign_in() -> None:
    assert identify_visitor(None, PORTAL, ON) == ANONYMOUS
    assert ANONYMOUS.rights == frozenset()


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["etl-team"], Role.OPERATOR),
        ("etl-team", Role.OPERATOR),
        (["readers", "etl-admins", "etl-team"], Role.ADMIN),
        (["other-team"], None),
        ([], None),
        (None, None),
        ({"etl-admins": True}, None),
        ([["etl-admins"], 3], None),
        ("etl-team,etl-admins", None),
    ],
)
def test_the_highest_of_the_granted_roles_counts(roles: object, role: Role | None) -> None:
    assert role_of(roles=roles) == role


def test_a_role_for_every_signed_in_user() -> None:
    with_everyone = ON.model_copy(update={"role_map": "*=viewer,etl-admins=admin"})
    assert role_of(with_everyone) is Role.VIEWER
    assert role_of(with_everyone, roles=["etl-admins"]) is Role.ADMIN


def test_a_nested_claim() -> None:
    inside = ON.model_copy(update={"role_claim": "realm_access.roles"})
    assert role_of(inside, realm_access={"roles": ["etl-team"]}) is Role.OPERATOR
    assert role_of(inside, realm_access=["etl-team"]) is None
    whole = {**claims(), "realm_access.roles": ["etl-admins"]}
    assert identify_visitor(whole, PORTAL, inside).role is Role.ADMIN


@pytest.mark.parametrize(
    "made", [None, "now", time.time() - 12.1 * 3600], ids=["none", "a-word", "long-ago"]
)
def test_a_sign_in_expires(made: object) -> None:
    assert identify_visitor(claims(iat=made, roles=["etl-admins"]), PORTAL, ON) == ANONYMOUS


@pytest.mark.parametrize(
    ("name_claims", "name"),
    [
        ({}, "kim@example.com"),
        ({"email": None}, "s-1"),
        ({"email": "ceo@example.com", "email_verified": False}, "s-1"),
        ({"email": "a\nb\u202e@example.com"}, "ab@example.com"),
        ({"email": " ", "sub": None}, "unnamed"),
        ({"email": "x" * 300}, "x" * 200),
    ],
)
def test_the_name_of_a_visitor(name_claims: dict[str, Any], name: str) -> None:
    assert identify_visitor(claims(roles="readers", **name_claims), PORTAL, ON).name == name


def test_visitors_may_only_read_if_the_portal_may_not_act_for_them() -> None:
    assert role_of(identity=me(Role.VIEWER), roles="etl-admins") is Role.VIEWER
    assert role_of(identity=me(Role.ADMIN), roles="etl-admins") is Role.VIEWER
    assert role_of(identity=None, roles="etl-admins") is Role.ADMIN  # it has not replied yet
    assert lesser(Role.ADMIN, Role.PORTAL) is Role.PORTAL


def test_the_identity_is_requested_once() -> None:
    requests: list[Identity] = []

    def request() -> Identity:
        requests.append(PORTAL)
        return PORTAL

    whoami = WhoAmI(request)
    assert [whoami() for _ in range(3)] == [PORTAL] * 3
    assert len(requests) == 1


def test_a_failed_request_of_the_identity_is_not_repeated_at_once() -> None:
    requests: list[int] = []

    def request() -> Identity:
        requests.append(1)
        raise ServiceUnavailable("unreachable", "It is not there.")

    whoami = WhoAmI(request)
    assert [whoami() for _ in range(3)] == [None] * 3
    assert len(requests) == 1


def test_a_service_that_is_called_again_is_not_waited_for() -> None:
    """Live pages render with the identity: a slow service must not delay them."""
    gate, later = threading.Event(), PORTAL.model_copy(update={"name": "later"})
    replies = iter([PORTAL, later])

    def fetch() -> Identity:
        identity = next(replies)
        if identity is later:
            gate.wait(60)
        return identity

    whoami = WhoAmI(fetch)
    assert whoami() == PORTAL
    whoami._refresh_at = 0.0  # it is due
    assert [whoami() for _ in range(3)] == [PORTAL] * 3
    gate.set()

    def is_updated() -> None:
        assert whoami() == later

    eventually(is_updated)
