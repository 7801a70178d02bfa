"""Who looks at the portal, and what they may do: from the provider's claims to a visitor."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from etl_monitor.setting_values import parse_role_map
from etl_monitor.settings import Settings
from etl_monitor.wire.delegation import Identity
from etl_monitor.wire.roles import Right, Role, lesser, rights

_HOUR = 3600.0
_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """`role` None: signed in, and trusted with nothing. `must_sign_in`: nobody yet, or too long
    ago. `is_signed_in`: by a provider; else it is the local person."""

    name: str = ""
    role: Role | None = None
    must_sign_in: bool = False
    is_signed_in: bool = False

    @property
    def rights(self) -> frozenset[Right]:
        return rights(self.role)


ANONYMOUS = Visitor(must_sign_in=True)


def identify_visitor(
    claims: Mapping[str, Any] | None, me: Identity | None, settings: Settings
) -> Visitor:
    """`claims` of the provider; None: nobody has signed in. `me`: who the service takes the portal
    for; None: it does not say, and decides by itself."""
    if settings.sign_in == "off":
        return Visitor(name=me.name if me else "", role=me.role if me else Role.ADMIN)
    if claims is None or _is_too_old(claims, settings.sign_in_hours):
        return ANONYMOUS
    role = _role(claims, settings)
    if role is not None and me is not None and not me.may_act_for_others:
        role = lesser(role, Role.VIEWER)  # the service cannot be told who it is
    return Visitor(name=_name(claims, settings.name_claim), role=role, is_signed_in=True)


def _is_too_old(claims: Mapping[str, Any], hours: float) -> bool:
    """By when the provider made the claims. The cookie that keeps them lives for 30 days."""
    made = claims.get("iat")
    return not isinstance(made, int | float) or time.time() - made > hours * _HOUR


def _name(claims: Mapping[str, Any], name_claim: str) -> str:
    """An address that the provider has not verified may be anybody's: then the subject counts."""
    is_doubtful = name_claim == "email" and claims.get("email_verified") is False
    told = None if is_doubtful else claims.get(name_claim)
    name = told if isinstance(told, str) and told.strip() else claims.get("sub")
    shown = "".join(letter for letter in str(name or "") if letter.isprintable())
    return shown.strip()[:_LONGEST_NAME] or "unnamed"


def _role(claims: Mapping[str, Any], settings: Settings) -> Role | None:
    """The highest of the roles that the person's groups give."""
    known = parse_role_map(settings.role_map)
    groups = {"*", *_groups(claims, settings.role_claim)}
    given = [known[group] for group in groups if group in known]
    return max(given, key=lambda role: len(rights(role)), default=None)


def _groups(claims: Mapping[str, Any], role_claim: str) -> Iterable[str]:
    """One text or a list of them; `realm_access.roles` is looked for inside of `realm_access`."""
    told: Any = claims.get(role_claim)
    if told is None:
        told = claims
        for part in role_claim.split("."):
            told = told.get(part) if isinstance(told, Mapping) else None
    if isinstance(told, str):
        return [told]
    return [one for one in told if isinstance(one, str)] if isinstance(told, list | tuple) else []
