"""Principals, and which one a token belongs to."""

import hmac
from dataclasses import dataclass
from typing import Protocol

from etl_monitor.wire.roles import Role


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who makes a request: the owner of a token, or the person that it acts for."""

    name: str
    role: Role
    may_act_for_others: bool = False


SYSTEM = Principal(name="system", role=Role.ADMIN)  # the service itself: samples, the engine
ADMIN = Principal(name="admin", role=Role.ADMIN, may_act_for_others=True)


class Tokens(Protocol):
    def owner(self, token: str) -> Principal | None:
        """Return the owner of a token, or None if it is not valid."""


class AdminToken:
    """The token of `ETL_MONITOR_API_TOKEN`; any other is looked up in `others`."""

    def __init__(self, token: str, others: Tokens) -> None:
        self._token, self._others = token.encode(), others

    def owner(self, token: str) -> Principal | None:
        if token and hmac.compare_digest(token.encode("utf-8", "surrogatepass"), self._token):
            return ADMIN
        return self._others.owner(token)
