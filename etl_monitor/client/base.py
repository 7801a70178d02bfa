"""The base of the client: address, token, language, and the user on whose behalf it acts."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

import requests
from prometheus_client import Counter

from etl_monitor.client import what_answered
from etl_monitor.client.reply import list_items, parse_reply, reply_data
from etl_monitor.client.request import HttpClient
from etl_monitor.client.transport import Access, access
from etl_monitor.errors import NotFound
from etl_monitor.wire.base import Record
from etl_monitor.wire.delegation import HEADER, DelegatedUser, Identity, PersonNotAccepted, sign
from etl_monitor.wire.reading import RecordReader

_log = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

_SHORT_TIMEOUT = (2.0, 5.0)  # seconds; pages wait for it


class BaseClient:
    """A client of one service."""

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        language: str = "en",
        timeout: tuple[float, float] = (5.0, 30.0),
        reader: RecordReader | None = None,
    ) -> None:
        """`timeout` in seconds: to connect, and between two pieces of a reply. `reader` knows what
        the service calls the states of its jobs."""
        self._http = HttpClient(access(base_url, token), timeout=timeout)
        self._timeout = timeout
        self.language = language
        self.reader = reader or RecordReader()
        self._user: DelegatedUser | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._http.access!r})"

    def move_to(self, base_url: str) -> None:
        """Use another address from the next request on, also in clients that share connections."""
        self._http.move_to(base_url)

    @property
    def base_url(self) -> str:
        return self._http.access.base_url

    @property
    def calls(self) -> Counter:
        """The number of calls by method, call and outcome (ok, refused or unavailable)."""
        return self._http.calls

    @property
    def access(self) -> Access:
        """Address and token, for the feed."""
        return self._http.access

    def with_language(self, language: str) -> Self:
        """Return a client that shares these connections and requests texts in `language`."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, language=language)
        return other

    def on_behalf_of(self, user: DelegatedUser) -> Self:
        """Return a client that shares these connections and signs `user` into each command.

        If the service does not accept users from our token, a command raises PersonNotAccepted: it
        is never sent in the token's own name instead.
        """
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, _user=user)
        return other

    def close(self) -> None:
        self._http.close()

    def me(self) -> Identity | None:
        """Return our token's name and role, or None if the back end has no such call."""
        try:
            response = self._http.response(
                "GET", "/me", headers=self._headers, timeout=_SHORT_TIMEOUT
            )
            return parse_reply(Identity, response)
        except NotFound:
            return None

    @property
    def _headers(self) -> dict[str, str]:
        return {"Accept-Language": self.language}

    @property
    def _command_headers(self) -> dict[str, str]:
        """Signed for each request: a signature is for one service, and expires after a minute."""
        if self._user is None:
            return self._headers
        me, token = self.me(), self._http.access.token
        if me is None or not token:
            raise PersonNotAccepted(reason="not_known")
        if not me.may_act_for_others:
            raise PersonNotAccepted(reason="not_allowed")
        return self._headers | {HEADER: sign(self._user, token=token, service=me.service_id)}

    @property
    def _signed_headers(self) -> dict[str, str]:
        """For a read that the service notes. A service that accepts no persons notes the token's
        own name: what it shows is open to that name anyway."""
        try:
            return self._command_headers
        except PersonNotAccepted:
            return self._headers

    def _get(
        self,
        call: str,
        params: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
    ) -> requests.Response:
        given = {name: value for name, value in (params or {}).items() if value is not None}
        return self._http.response(
            "GET", call, params=given, headers=headers or self._headers, stream=stream
        )

    def _send(self, method: str, call: str, body: Any = None) -> requests.Response:
        return self._http.response(method, call, json=body, headers=self._command_headers)

    def _read(self, kind: type[R], response: requests.Response) -> R:
        """Return the record in a reply, without the fields that cannot be read."""
        record = self.reader.record(kind, reply_data(response))
        if record is None:
            problem = f"data: should be a {kind.__name__}"
            raise what_answered.not_understood(response, problem, framed=True)
        return record

    def _read_list(self, kind: type[R], response: requests.Response) -> tuple[R, ...]:
        """Return the records in a reply; those without an id are left out, unless all are. Of those
        with the same id the last one counts."""
        _, items = list_items(response)
        id_field = next(iter(kind.model_fields))
        records = self._read_items(kind, items, response)
        return tuple({getattr(record, id_field): record for record in records}.values())

    def _read_items(
        self, kind: type[R], items: Iterable[Any], response: requests.Response
    ) -> Iterator[R]:
        read = unreadable = 0
        for item in items:
            record = self.reader.record(kind, item)
            if record is None:
                unreadable += 1
            else:
                read += 1
                yield record
        if unreadable and not read:
            problem = f"data.0: should be a {kind.__name__}"
            raise what_answered.not_understood(response, problem, framed=True)
        if unreadable:
            _log.warning("records_unreadable", extra={"kind": kind.__name__, "n": unreadable})


def total_count(response: requests.Response) -> int | None:
    """Return `X-Total-Count`, or None if it is not sent."""
    header = response.headers.get("X-Total-Count", "")
    return int(header) if header.isascii() and header.isdigit() else None
