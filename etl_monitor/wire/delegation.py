"""The user on whose behalf the portal acts, signed so that the service can verify it.

The portal signs the user's name and role (`X-Acting-Person`) with its own token as the key (HMAC
with SHA-256), for one service and for one minute. A header that was set by a browser, a proxy or
the holder of another token is therefore invalid, as is one for another service or an old one. The
service decides whether a token may act for users at all.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from etl_monitor.errors import Forbidden, TemplatedError
from etl_monitor.wire.base import Record
from etl_monitor.wire.roles import Role

HEADER = "X-Acting-Person"
LIFETIME = timedelta(seconds=60)
CLOCK_TOLERANCE = timedelta(seconds=60)  # between the two machines
MAX_HEADER_LENGTH = 4096  # characters
_SALT = "etl-monitor acting person 1"

_REASONS = {
    "forged": "it was not signed with the token that came with it",
    "expired": "it is too old, or the clocks of portal and service differ by more than a minute",
    "other_service": "it was made for another service",
    "not_allowed": "this token may not act for others",
    "not_known": "this service takes no persons",  # raised by the portal, which sends nothing then
}


class PersonNotAccepted(TemplatedError, Forbidden):
    """`reason`: forged, expired, other_service, not_allowed or not_known."""

    code = "person_not_accepted"
    template = f"The person that {HEADER} names is not accepted: {{because}}."
    reason: str

    def computed_values(self) -> Mapping[str, str]:
        return {"because": _REASONS[self.reason]}


@dataclass(frozen=True, kw_only=True)
class DelegatedUser:
    """The user on whose behalf a request is made; `name` is the actor in the activity log."""

    name: str
    role: Role


class Identity(Record):
    """The name and role that a token has at the service with the id `service_id`.

    `may_act_for_others`: the token may name users.
    """

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


def sign(user: DelegatedUser, *, token: str, service: str, now: datetime | None = None) -> str:
    """Return the header's value for the service with the id `service`, as `GET /me` has it."""
    until = (now or datetime.now(UTC)) + LIFETIME
    claim = _Claim(
        name=user.name,
        role=user.role.value,  # type: ignore[arg-type]  # the model checks it
        service=service,
        until=int(until.timestamp()),
    )
    return _serializer(token).dumps(claim.model_dump())


def verify(header: str, *, token: str, service: str, now: datetime | None = None) -> DelegatedUser:
    """Return the user that the header names. Raises PersonNotAccepted."""
    claim = _read(header, token)
    if claim.service != service:
        raise PersonNotAccepted(reason="other_service")
    left = datetime.fromtimestamp(claim.until, UTC) - (now or datetime.now(UTC))
    if not -CLOCK_TOLERANCE < left < LIFETIME + CLOCK_TOLERANCE:
        raise PersonNotAccepted(reason="expired")
    return DelegatedUser(name=claim.name, role=Role(claim.role))


def _read(header: str, token: str) -> _Claim:
    if len(header) > MAX_HEADER_LENGTH:
        raise PersonNotAccepted(reason="forged")
    try:
        return _Claim.model_validate(_serializer(token).loads(header))
    except (BadData, ValidationError):
        raise PersonNotAccepted(reason="forged") from None


def _serializer(token: str) -> URLSafeSerializer:
    signer: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(token, salt=_SALT, signer_kwargs=signer)
