"""HTTP as the client and the feed need it: where the token may go, and why something failed."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

import requests
from requests.models import PreparedRequest
from urllib3 import exceptions as urllib3

from etl_monitor.errors import SettingError
from etl_monitor.urls import EXAMPLE, is_http_address, without_password

MAX_REDIRECTS = 5
FAULTS = (requests.RequestException, urllib3.HTTPError, HTTPException, OSError, ValueError)
"""Everything that a request, or reading its body, fails with; ValueError: a reply sent us to what
is no address, at which requests looks even where it is not to go there."""

_REDIRECTS = (301, 302, 303, 307, 308)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_TEXTS = {
    "dns": "its name is not known",
    "tls": "its certificate or encryption cannot be used",
    "timeout": "it did not answer in time",
    "refused": "nothing listens there",
    "reset": "the connection was closed",
    "network": "the network does not lead there",
}


@dataclass(frozen=True)
class Access:
    """A service's address and the token for it, which no text shows."""

    base_url: str
    token: str | None

    def __repr__(self) -> str:
        return f"Access({shown(self.base_url)})"

    def url(self, path: str) -> str:
        return self.base_url.rstrip("/") + path

    def auth(self, url: str) -> "Authorisation":
        """For a request to `url`: with the token only where it is ours to give."""
        return Authorisation(self.token if _origin(url) == _origin(self.base_url) else None)


class Authorisation(requests.auth.AuthBase):
    """Set even without a token: otherwise requests would take one from the address or ~/.netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._token is not None:
            # Bytes: requests cannot send a text beyond latin-1.
            request.headers["Authorization"] = b"Bearer " + self._token.encode()  # type: ignore[assignment]
        return request


def access(base_url: str, token: str | None) -> Access:
    """Raises SettingError for an address that is none, or a token that no header can carry."""
    if not is_http_address(base_url):
        raise SettingError(
            "setting_invalid",
            f"The service's address {without_password(base_url)!r} cannot be used; allowed: "
            f"{EXAMPLE}.",
        )
    token = (token or "").strip() or None
    if token is not None and not token.isprintable():
        raise SettingError(
            "setting_invalid",
            "The service's token cannot be used; allowed: one line of text, without control "
            "characters.",
        )
    return Access(base_url.rstrip("/"), token)


def new_session(url: str) -> requests.Session:
    """Keeps no cookies, so that several threads may share it; loopback is never sent to a proxy."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.trust_env = not _is_loopback(url)
    return session


def redirected(response: requests.Response) -> str | None:
    """Where this reply sends us, if it does."""
    location = response.headers.get("Location")
    if response.status_code not in _REDIRECTS or not location:
        return None
    try:
        target = urljoin(response.url, location)
    except ValueError:
        return None
    return target if is_http_address(target) else None


def shown(url: str) -> str:
    """An address for people and logs: without a password or a query in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def reason_of(error: BaseException) -> str:
    """The stable code of why a request failed: dns, tls, timeout, refused, reset or network."""
    causes = list(_causes(error))
    for code, kinds in _KINDS:
        if any(isinstance(cause, kinds) for cause in causes):
            return code
    return "network"


def reason_text(code: str) -> str:
    return _TEXTS[code]


_KINDS: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
    ("dns", (socket.gaierror, urllib3.NameResolutionError, UnicodeError)),
    ("tls", (ssl.SSLError, urllib3.SSLError)),
    ("refused", (ConnectionRefusedError,)),
    # Not urllib3's TimeoutError: every connection that it cannot make is one.
    ("timeout", (TimeoutError, urllib3.ReadTimeoutError, requests.Timeout)),
    ("reset", (ConnectionError, HTTPException, urllib3.ProtocolError)),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that it was made from: requests and urllib3 wrap in three ways."""
    seen: list[BaseException] = [error]
    for one in seen:
        inner = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        seen += [each for each in inner if isinstance(each, BaseException) and each not in seen]
    yield from seen


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return (parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme))


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
