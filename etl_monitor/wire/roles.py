"""Who may do what: the one table by which the service decides and the portal draws its buttons."""

from collections.abc import Mapping
from enum import StrEnum

from etl_monitor.errors import Forbidden, TemplatedError


class Role(StrEnum):
    """What a token, or a person, is trusted with."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    PORTAL = "portal"  # of a token only: sees by itself, and acts for the persons that it names


PERSONS_ROLES = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


class Right(StrEnum):
    """What can be asked for; each but the first is an `action` of the activity log."""

    SEE = "see"
    UPLOAD = "upload"
    PROCESS = "process"
    CANCEL = "cancel"
    RETRY = "retry"
    DELETE = "delete"
    REMOVE_SAMPLES = "remove_samples"


NEEDED: Mapping[Right, Role] = {
    Right.SEE: Role.VIEWER,
    Right.UPLOAD: Role.OPERATOR,
    Right.PROCESS: Role.OPERATOR,
    Right.CANCEL: Role.OPERATOR,
    Right.RETRY: Role.OPERATOR,
    Right.DELETE: Role.ADMIN,
    Right.REMOVE_SAMPLES: Role.ADMIN,
}

_RANKS = {Role.VIEWER: 0, Role.PORTAL: 0, Role.OPERATOR: 1, Role.ADMIN: 2}


def may(role: Role | None, right: Right) -> bool:
    """None is nobody, who may do nothing."""
    return role is not None and _RANKS[role] >= _RANKS[NEEDED[right]]


class MissingRole(TemplatedError, Forbidden):
    code = "forbidden"
    template = "This needs the role {needed}; yours is {role}. Ask whoever runs the service."
    role: str
    needed: str


def forbidden(role: Role | None, right: Right) -> MissingRole:
    """Return the error for a `role` that lacks a `right`."""
    return MissingRole(role=role or "none", needed=NEEDED[right])


def rights(role: Role | None) -> frozenset[Right]:
    return frozenset(right for right in Right if may(role, right))


def lesser(one: Role, other: Role) -> Role:
    return min(one, other, key=_RANKS.__getitem__)
