"""Roles and rights: the table by which the service decides and the portal shows its buttons."""

from collections.abc import Mapping
from enum import StrEnum

from etl_monitor.errors import Forbidden, TemplatedError


class Role(StrEnum):
    """What a token, or a person, is trusted with."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    PORTAL = "portal"  # of a token only: a viewer that may act on behalf of the persons it names


PERSONS_ROLES = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


class Right(StrEnum):
    """What a request needs. Each but `SEE` is an `action` of the activity log."""

    SEE = "see"
    UPLOAD = "upload"
    PROCESS = "process"
    CANCEL = "cancel"
    RETRY = "retry"
    PROMOTE = "promote"
    MARK_SEEN = "mark_seen"
    REPLAY_SAMPLES = "replay_samples"
    DELETE = "delete"
    REMOVE_SAMPLES = "remove_samples"


NEEDED: Mapping[Right, Role] = {
    Right.SEE: Role.VIEWER,
    Right.UPLOAD: Role.OPERATOR,
    Right.PROCESS: Role.OPERATOR,
    Right.CANCEL: Role.OPERATOR,
    Right.RETRY: Role.OPERATOR,
    Right.PROMOTE: Role.OPERATOR,
    Right.MARK_SEEN: Role.OPERATOR,
    Right.REPLAY_SAMPLES: Role.OPERATOR,
    Right.DELETE: Role.ADMIN,
    Right.REMOVE_SAMPLES: Role.ADMIN,
}

_RANKS = {Role.VIEWER: 0, Role.PORTAL: 0, Role.OPERATOR: 1, Role.ADMIN: 2}


class MissingRole(TemplatedError, Forbidden):
    code = "forbidden"
    template = "This needs the role {needed}; yours is {role}. Ask the service's administrator."
    role: str
    needed: str


def may(role: Role | None, right: Right) -> bool:
    """Whether a role has a right. A person without a role (None) has none."""
    return role is not None and _RANKS[role] >= _RANKS[NEEDED[right]]


def rights(role: Role | None) -> frozenset[Right]:
    return frozenset(right for right in Right if may(role, right))


def forbidden(role: Role | None, right: Right) -> MissingRole:
    """Return the error for a `role` that lacks a `right`."""
    return MissingRole(role=role or "none", needed=NEEDED[right])


def lesser(role: Role, other: Role) -> Role:
    return min(role, other, key=_RANKS.__getitem__)
