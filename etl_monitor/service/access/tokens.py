"""Tokens with a name and a role.

A token is `etl_` + its id + `_` + 256 random bits. The id finds its record; of the token itself
only the SHA-256 is kept. A slow, salted hash as for passwords would add nothing: nobody can try
2²⁵⁶ values, so a stolen database does not give the tokens away.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from etl_monitor.errors import BadRequest, Conflict, NotFound
from etl_monitor.service.access.principal import ADMIN, SYSTEM, Principal
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import tokens
from etl_monitor.wire.roles import Role

LONGEST_NAME = 100
_FORM = re.compile(r"etl_([0-9a-f]{16})_[A-Za-z0-9_-]{43}")
_RESERVED = (ADMIN.name, SYSTEM.name)  # they stand for others in the activity log
_NOBODYS = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, kw_only=True)
class TokenRecord:
    """What is known of a token; not the token."""

    name: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None = None


class StoredTokens:
    """Asks the database each time: a revoked token is refused from the next request on."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def owner(self, token: str) -> Principal | None:
        found = _FORM.fullmatch(token)
        if found is None:
            return None
        with self._db.reading() as tx:
            return _owner(tx, found[1], token)


def add(tx: Connection, name: str, role: Role) -> str:
    """The new token, which nobody can read again later. Raises BadRequest, Conflict."""
    _check_name(name)
    token_id = secrets.token_hex(8)
    token = f"etl_{token_id}_{secrets.token_urlsafe(32)}"
    row = {"token_id": token_id, "name": name, "role": role, "digest": _digest(token)}
    try:
        with tx.begin_nested():
            tx.execute(insert(tokens).values(**row, created_at=now()))
    except IntegrityError:
        message = f"There is a token named {name} already. Revoke it first, or choose another name."
        raise Conflict("token_name_taken", message, {"name": name}) from None
    return token


def records(tx: Connection) -> Sequence[TokenRecord]:
    """All of them, oldest first, also revoked ones."""
    query = select(tokens.c.name, tokens.c.role, tokens.c.created_at, tokens.c.revoked_at)
    rows = tx.execute(query.order_by(tokens.c.created_at, tokens.c.name)).mappings()
    return [TokenRecord(**dict(row) | {"role": Role(row["role"])}) for row in rows]


def revoke(tx: Connection, name: str) -> None:
    """Raises NotFound where no valid token has this name."""
    valid = (tokens.c.name == name) & tokens.c.revoked_at.is_(None)
    if tx.execute(update(tokens).where(valid).values(revoked_at=now())).rowcount == 0:
        raise NotFound("token_not_found", f"There is no valid token named {name}.", {"name": name})


def _owner(tx: Connection, token_id: str, token: str) -> Principal | None:
    """The hashes are compared also where there is no such token, in a time that tells nothing."""
    query = select(tokens).where(tokens.c.token_id == token_id, tokens.c.revoked_at.is_(None))
    row = tx.execute(query).one_or_none()
    is_it = hmac.compare_digest(_digest(token), row.digest if row else _NOBODYS)
    if row is None or not is_it:
        return None
    role = Role(row.role)
    return Principal(name=row.name, role=role, speaks_for_others=role is Role.PORTAL)


def _check_name(name: str) -> None:
    is_good = name.isprintable() and name == name.strip() and 0 < len(name) <= LONGEST_NAME
    if not is_good or name in _RESERVED:
        raise BadRequest(
            "token_name_unusable",
            f"{name!r} cannot be a token's name; allowed: 1 to {LONGEST_NAME} letters that can be "
            f"shown, without blanks around, other than {' and '.join(_RESERVED)}.",
            {"name": name},
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
