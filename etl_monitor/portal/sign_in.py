"""Who visits the portal, and what they may do: from the provider's claims to a visitor."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from etl_monitor.client import EtlClient
from etl_monitor.setting_values import parse_role_map
from etl_monitor.settings import Settings
from etl_monitor.wire.delegation import DelegatedUser, Identity
from etl_monitor.wire.roles import Right, Role, forbidden, lesser, rights

_HOUR = 3600.0  # seconds
_MAX_NAME = 200  # characters


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """`role` None: signed in, without any rights. `must_sign_in`: not signed in, or too long ago.
    `is_signed_in`: by a provider; otherwise it is the local user."""

    name: str = ""
    role: Role | None = None
    must_sign_in: bool = False
    is_signed_in: bool = False
    until: float | None = None  # seconds of `time.time` at which the sign-in ends; None: never

    @property
    def rights(self) -> frozenset[Right]:
        return rights(self.role)


ANONYMOUS = Visitor(must_sign_in=True)


def identify_visitor(
    claims: Mapping[str, Any] | None, me: Identity | None, settings: Settings
) -> Visitor:
    """Return the visitor of a session.

    `claims`: those of the provider; None if the visitor is not signed in. `me`: the portal's
    identity at the service; None if the service does not send it and decides by itself.
    """
    if settings.sign_in == "off":
        return Visitor(name=me.name if me else "", role=me.role if me else Role.ADMIN)
    if claims is None or _is_too_old(claims, settings.sign_in_hours):
        return ANONYMOUS
    role = _role(claims, settings)
    if role is not None and me is not None and not me.may_act_for_others:
        role = lesser(role, Role.VIEWER)  # the portal may not act for other people at this service
    return Visitor(
        name=_name(claims, settings.name_claim),
        role=role,
        is_signed_in=True,
        until=claims["iat"] + settings.sign_in_hours * _HOUR,
    )


def check_right(visitor: Visitor, right: Right) -> None:
    """Raise Forbidden if the visitor may not do this: a browser may send requests for which its
    page has no button."""
    if right not in visitor.rights:
        raise forbidden(visitor.role, right)


def client_of(visitor: Visitor, client: EtlClient) -> EtlClient:
    """Return the client for requests of this visitor, whom it names to the service."""
    if not visitor.is_signed_in or visitor.role is None:
        return client
    return client.on_behalf_of(DelegatedUser(name=visitor.name, role=visitor.role))


def forget_visitor() -> None:
    """Forget who is signed in to the session whose page runs, so that no other session resumes it.
    It is what `st.logout` does before it leads to the sign-out, which ends the cookie."""
    context = get_script_run_ctx()
    if context is not None:
        runtime.get_instance().clear_user_info_for_session(context.session_id)
        context.user_info.clear()


def _is_too_old(claims: Mapping[str, Any], hours: float) -> bool:
    """Compare when the provider issued the claims; the cookie itself is valid for 30 days."""
    issued_at = claims.get("iat")
    return not isinstance(issued_at, int | float) or time.time() - issued_at > hours * _HOUR


def _name(claims: Mapping[str, Any], name_claim: str) -> str:
    """Return the name, or the subject if the provider has not verified an e-mail address."""
    is_unverified = name_claim == "email" and claims.get("email_verified") is False
    claim = None if is_unverified else claims.get(name_claim)
    name = claim if isinstance(claim, str) and claim.strip() else claims.get("sub")
    printable = "".join(character for character in str(name or "") if character.isprintable())
    return printable.strip()[:_MAX_NAME] or "unnamed"


def _role(claims: Mapping[str, Any], settings: Settings) -> Role | None:
    """Return the highest role that the visitor's groups grant, or None."""
    role_of = parse_role_map(settings.role_map)
    groups = {"*", *_groups(claims, settings.role_claim)}
    granted = [role_of[group] for group in groups if group in role_of]
    return max(granted, key=lambda role: len(rights(role)), default=None)


def _groups(claims: Mapping[str, Any], role_claim: str) -> Iterable[str]:
    """Return the groups of a claim, which is a string or a list of strings. A name with dots, such
    as `realm_access.roles`, is also a path into nested claims."""
    claim: Any = claims.get(role_claim)
    if claim is None:
        claim = claims
        for part in role_claim.split("."):
            claim = claim.get(part) if isinstance(claim, Mapping) else None
    groups = claim if isinstance(claim, list | tuple) else [claim]
    return [group for group in groups if isinstance(group, str)]
