"""Who is asking: a token becomes a principal."""

import hmac
from dataclasses import dataclass
from typing import Protocol

from etl_monitor.wire.roles import Role


@dataclass(frozen=True, kw_only=True)
class Principal:
    name: str
    role: Role
    speaks_for_others: bool = False  # may name the person that it acts for


# Who acts where no person asked: samples, the engine.
SYSTEM = Principal(name="system", role=Role.ADMIN)
ADMIN = Principal(name="admin", role=Role.ADMIN, speaks_for_others=True)


class Tokens(Protocol):
    def owner(self, token: str) -> Principal | None:
        """Whose token it is. None: nobody's."""


class AdminToken:
    """The one token of `ETL_MONITOR_API_TOKEN`; asks `others` about every other one."""

    def __init__(self, token: str, others: Tokens) -> None:
        self._token, self._others = token.encode(), others

    def owner(self, token: str) -> Principal | None:
        if token and hmac.compare_digest(token.encode("utf-8", "surrogatepass"), self._token):
            return ADMIN
        return self._others.owner(token)
