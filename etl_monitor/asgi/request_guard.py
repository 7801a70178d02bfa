"""Reject requests under a foreign name or from a foreign page, before anything else reads them.

A browser runs pages of many origins, and each of them can send requests to programs on the same
machine. Two headers, which no page can forge, tell them apart:

- `Host` is the name in the address. A page that points its own name to 127.0.0.1 (DNS rebinding)
  still sends its own name.
- `Origin` is where the page came from. Browsers send it with each WebSocket handshake and each
  request that may change something. Programs such as curl send none.
"""

from collections.abc import Callable, Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from etl_monitor.errors import Forbidden, TemplatedError

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_SHOWN = 100  # characters of a rejected header

Respond = Callable[[Forbidden], ASGIApp]  # makes the reply to a rejected request


class HostNotAllowed(TemplatedError, Forbidden):
    code = "host_not_allowed"
    template = (
        "This server does not answer under the name {host}. If the name is right, add it to"
        " ETL_MONITOR_ALLOWED_HOSTS."
    )
    host: str


class OriginNotAllowed(TemplatedError, Forbidden):
    code = "origin_not_allowed"
    template = (
        "A page of {origin} may not use this server. Behind a proxy, pass the Host header on"
        " unchanged."
    )
    origin: str


class RequestGuard:
    """ASGI middleware that lets requests through if their host and their origin are allowed.

    `hosts`: names besides loopback; `*.example.com` allows every name below `example.com`.

    Of a WebSocket handshake with an `Origin`, what comes after sees the `Host` as the origin spells
    it. Streamlit compares the two as texts, and to a difference (`:443`, a capital, a dot at the
    end) it requests an outside address on the event loop.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], respond: Respond) -> None:
        self._app, self._respond = app, respond
        self._hosts = tuple(_normalised(host) for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = self._error(scope) if scope["type"] in ("http", "websocket") else None
        if error is None:
            await self._app(_respelled(scope), receive, send)
        elif scope["type"] == "http":
            await self._respond(error)(scope, receive, send)
        else:  # the server answers the handshake with 403
            await send({"type": "websocket.close", "code": 1008, "reason": error.code})

    def _error(self, scope: Scope) -> Forbidden | None:
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        host = hosts[0] if len(hosts) == 1 else ""
        if not self._is_allowed(host):
            return HostNotAllowed(host=_shown(host))
        is_safe = scope["type"] == "http" and scope["method"] in _SAFE_METHODS
        if is_safe or not origins or (len(origins) == 1 and is_same_origin(origins[0], host)):
            return None
        return OriginNotAllowed(origin=_shown(origins[0]))

    def _is_allowed(self, host: str) -> bool:
        name = host_name(host)
        if name is None:
            return False
        return is_loopback_name(name) or any(_matches(name, allowed) for allowed in self._hosts)


def _respelled(scope: Scope) -> Scope:
    """Return the scope of a request that is allowed; see `RequestGuard`."""
    origin = Headers(scope=scope).get("origin") if scope["type"] == "websocket" else None
    if origin is None:
        return scope
    host = urlsplit(origin).netloc.encode("latin-1")
    others = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {**scope, "headers": [(b"host", host), *others]}


def host_name(host: str) -> str | None:
    """Return the name in a `Host` header in lower case, without its port; None if it is invalid."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises ValueError if it is no port
        name = parts.hostname
    except ValueError:
        return None
    is_bare = parts.username is None and not (parts.path or parts.query or parts.fragment)
    return _normalised(name) if name and is_bare else None


def is_loopback_name(name: str) -> bool:
    """Return True for `localhost` and for every loopback address."""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def is_same_origin(origin: str, host: str) -> bool:
    """Return True if a page of `origin` has the name and the port that `host` names.

    The scheme is not compared: a proxy may have ended TLS in front of this program.
    """
    try:
        parts = urlsplit(origin)
        default = _DEFAULT_PORTS[parts.scheme]
        port = urlsplit(f"//{host}").port
        return host_name(parts.netloc) == host_name(host) and (parts.port or default) == (
            port or default
        )
    except (KeyError, ValueError):  # `null`, an extension's scheme, a port that is none
        return False


def _normalised(name: str) -> str:
    return name.strip().lower().rstrip(".")


def _matches(name: str, allowed: str) -> bool:
    return name.endswith(allowed[1:]) if allowed.startswith("*.") else name == allowed


def _shown(header: str) -> str:
    """Return a header's text for a message: printable ASCII, cut to a bound."""
    text = header.encode("ascii", "backslashreplace").decode()[:_LONGEST_SHOWN]
    return repr(text) if text else "(none)"
