"""The person for whom the portal acts, told to the service in a way that it can check.

The portal signs who it is that acts (`X-Acting-Person`) with its own token as the key (HMAC with
SHA-256), for one service and for a minute. What a browser, a proxy or the holder of another token
puts into that header is therefore worth nothing, and neither is one that was meant for another
service or is old. Whether a token may name persons at all is the service's to decide.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from etl_monitor.errors import Forbidden, TemplatedError
from etl_monitor.wire.base import Wire
from etl_monitor.wire.roles import Role

HEADER = "X-Acting-Person"
LIFETIME = timedelta(seconds=60)
CLOCKS_DIFFER = timedelta(seconds=60)  # between the two machines, at most
LONGEST_HEADER = 4096  # characters
_SALT = "etl-monitor acting person 1"

_REASONS = {
    "forged": "it was not signed with the token that came with it",
    "expired": "it is too old, or the clocks of portal and service differ by more than a minute",
    "other_service": "it was made for another service",
    "not_allowed": "this token may not act for others",
    "not_known": "this service takes no persons",  # said by the portal, which then asks for nothing
}


class PersonNotAccepted(TemplatedError, Forbidden):
    """`reason`: forged, expired, other_service, not_allowed or not_known."""

    code = "person_not_accepted"
    template = f"The person that {HEADER} names is not accepted: {{because}}."
    reason: str

    def words(self) -> Mapping[str, str]:
        return {"because": _REASONS[self.reason]}


@dataclass(frozen=True, kw_only=True)
class DelegatedUser:
    """Somebody who acts; `name` as it is to stand in the activity log."""

    name: str
    role: Role


class Identity(Wire):
    """Who the service takes us for. `may_act_for_others`: our token may name persons, to the
    service that has this id."""

    name: str
    role: Role
    service_id: str
    may_act_for_others: bool


class _Claim(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    role: Literal["viewer", "operator", "admin"]
    service: str
    until: int  # seconds since 1970


def assertion(
    person: DelegatedUser, *, token: str, service: str, now: datetime | None = None
) -> str:
    """The header's value. `service`: whom it is for, by the id that its `GET /me` tells."""
    until = (now or datetime.now(UTC)) + LIFETIME
    claim = _Claim(
        name=person.name,
        role=person.role.value,  # type: ignore[arg-type]  # the model checks it
        service=service,
        until=int(until.timestamp()),
    )
    return _signer(token).dumps(claim.model_dump())


def person_of(told: str, *, token: str, service: str, now: datetime | None = None) -> DelegatedUser:
    """Whom the header names. Raises Forbidden `person_not_accepted`; `reason` says why."""
    claim = _read(told, token)
    if claim.service != service:
        raise PersonNotAccepted(reason="other_service")
    left = datetime.fromtimestamp(claim.until, UTC) - (now or datetime.now(UTC))
    if not -CLOCKS_DIFFER < left < LIFETIME + CLOCKS_DIFFER:
        raise PersonNotAccepted(reason="expired")
    return DelegatedUser(name=claim.name, role=Role(claim.role))


def _read(told: str, token: str) -> _Claim:
    if len(told) > LONGEST_HEADER:
        raise PersonNotAccepted(reason="forged")
    try:
        return _Claim.model_validate(_signer(token).loads(told))
    except (BadData, ValidationError):
        raise PersonNotAccepted(reason="forged") from None


def _signer(token: str) -> URLSafeSerializer:
    how: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(token, salt=_SALT, signer_kwargs=how)
