"""Tokens with a name and a role.

A token is `etl_` + its id + `_` + 256 random bits. The id finds its record; of the token itself
only the SHA-256 is stored. A slow, salted hash as for passwords would add nothing: 2²⁵⁶ values
cannot be tried, so a stolen database does not reveal the tokens.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from etl_monitor.errors import BadRequest, Conflict, NotFound, TemplatedError
from etl_monitor.service.access.principal import ADMIN, SYSTEM, Principal
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import tokens
from etl_monitor.wire.roles import Role

MAX_NAME_LENGTH = 100
_TOKEN = re.compile(r"etl_([0-9a-f]{16})_[A-Za-z0-9_-]{43}")
_RESERVED = (ADMIN.name, SYSTEM.name)  # actors of their own in the activity log
_NO_DIGEST = hashlib.sha256(b"").hexdigest()


class NameTaken(TemplatedError, Conflict):
    code = "token_name_taken"
    template = "There is a token named {name} already. Revoke it first, or choose another name."
    name: str


class TokenNotFound(TemplatedError, NotFound):
    code = "token_not_found"
    template = "There is no valid token named {name}."
    name: str


class NameUnusable(TemplatedError, BadRequest):
    code = "token_name_unusable"
    template = (
        "{name!r} cannot be a token's name; allowed: 1 to {limit} letters that can be "
        "shown, without blanks around, other than {reserved}."
    )
    name: str

    def computed_values(self) -> Mapping[str, str]:
        return {"limit": str(MAX_NAME_LENGTH), "reserved": " and ".join(_RESERVED)}


@dataclass(frozen=True, kw_only=True)
class TokenRecord:
    """What is stored about a token, without its digest."""

    name: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None = None


class StoredTokens:
    """Reads the database for each request, so that a revoked token is rejected at once."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def owner(self, token: str) -> Principal | None:
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        with self._db.reading() as tx:
            return _owner(tx, match[1], token)


def add(tx: Connection, name: str, role: Role) -> str:
    """Return a new token, which cannot be read again. Raises NameUnusable, NameTaken."""
    _check_name(name)
    token_id = secrets.token_hex(8)
    token = f"etl_{token_id}_{secrets.token_urlsafe(32)}"
    row = {"token_id": token_id, "name": name, "role": role, "digest": _digest(token)}
    try:
        with tx.begin_nested():
            tx.execute(insert(tokens).values(**row, created_at=now()))
    except IntegrityError:
        raise NameTaken(name=name) from None
    return token


def records(tx: Connection) -> Sequence[TokenRecord]:
    """Return all tokens, oldest first, also revoked ones."""
    query = select(tokens.c.name, tokens.c.role, tokens.c.created_at, tokens.c.revoked_at)
    rows = tx.execute(query.order_by(tokens.c.created_at, tokens.c.name)).mappings()
    return [TokenRecord(**dict(row) | {"role": Role(row["role"])}) for row in rows]


def revoke(tx: Connection, name: str) -> None:
    """Raises TokenNotFound if no valid token has this name."""
    is_valid = (tokens.c.name == name) & tokens.c.revoked_at.is_(None)
    if tx.execute(update(tokens).where(is_valid).values(revoked_at=now())).rowcount == 0:
        raise TokenNotFound(name=name)


def _owner(tx: Connection, token_id: str, token: str) -> Principal | None:
    """Digests are compared also if there is no such token: the time taken reveals nothing."""
    query = select(tokens).where(tokens.c.token_id == token_id, tokens.c.revoked_at.is_(None))
    row = tx.execute(query).one_or_none()
    is_equal = hmac.compare_digest(_digest(token), row.digest if row else _NO_DIGEST)
    if row is None or not is_equal:
        return None
    role = Role(row.role)
    return Principal(name=row.name, role=role, may_act_for_others=role is Role.PORTAL)


def _check_name(name: str) -> None:
    is_well_formed = (
        name.isprintable() and name == name.strip() and 0 < len(name) <= MAX_NAME_LENGTH
    )
    if not is_well_formed or name in _RESERVED:
        raise NameUnusable(name=name)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
