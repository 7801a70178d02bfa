"""What all calls have in common: an address, a token, a language, and for whom they are made."""

from typing import Any, Self

import requests
from prometheus_client import Counter

from etl_monitor.client.request import Rest, parsed
from etl_monitor.client.transport import Access, access
from etl_monitor.errors import NotFound
from etl_monitor.wire.delegation import (
    HEADER,
    DelegatedUser,
    Identity,
    PersonNotAccepted,
    assertion,
)

_SHORT = (2.0, 5.0)  # seconds; pages wait for it


class Calls:
    """One service, and on whose behalf it is asked."""

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        language: str = "en",
        timeout: tuple[float, float] = (5.0, 30.0),
    ) -> None:
        """`timeout` in seconds: to connect, and between two signs of life of a reply."""
        self._rest = Rest(access(base_url, token), timeout=timeout)
        self._timeout = timeout
        self.language = language
        self._person: DelegatedUser | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._rest.access!r})"

    def move_to(self, base_url: str) -> None:
        """The service is at another address from now on, for all who share these connections."""
        self._rest.move_to(base_url)

    @property
    def base_url(self) -> str:
        return self._rest.access.base_url

    @property
    def calls(self) -> Counter:
        """The number of calls by method, call and outcome (ok, refused or unavailable)."""
        return self._rest.calls

    @property
    def access(self) -> Access:
        """Address and token, for the feed."""
        return self._rest.access

    def with_language(self, language: str) -> Self:
        """The same client over the same connections, for texts in `language`."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, language=language)
        return other

    def acting_for(self, person: DelegatedUser) -> Self:
        """The same client over the same connections, that tells the service, signed, for whom it
        sends what changes something. Where that service takes no persons from us such a call
        raises Forbidden: it is never made under our own token in the person's place."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, _person=person)
        return other

    def close(self) -> None:
        self._rest.close()

    def me(self) -> Identity | None:
        """Who the service takes our token for. None: a back end that knows no names."""
        try:
            told = self._rest.response("GET", "/me", headers=self._headers, timeout=_SHORT)
            return parsed(Identity, told)
        except NotFound:
            return None

    @property
    def _headers(self) -> dict[str, str]:
        return {"Accept-Language": self.language}

    @property
    def _acting(self) -> dict[str, str]:
        """Made for each request: it holds for one service, and not for long."""
        if self._person is None:
            return self._headers
        me, token = self.me(), self._rest.access.token
        if me is None or not token:
            raise PersonNotAccepted(reason="not_known")
        if not me.may_act_for_others:
            raise PersonNotAccepted(reason="not_allowed")
        return self._headers | {HEADER: assertion(self._person, token=token, service=me.service_id)}

    def _get(self, call: str, params: Any = None, *, stream: bool = False) -> requests.Response:
        given = {name: value for name, value in (params or {}).items() if value is not None}
        return self._rest.response("GET", call, params=given, headers=self._headers, stream=stream)

    def _send(self, method: str, call: str, body: Any = None) -> requests.Response:
        return self._rest.response(method, call, json=body, headers=self._acting)


def total_of(response: requests.Response) -> int | None:
    told = response.headers.get("X-Total-Count", "")
    return int(told) if told.isascii() and told.isdigit() else None
