"""HTTP for the client and the feed: where the token may be sent, and why a request failed."""

import os
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
"""The exceptions of a request and of reading its body. ValueError: requests parses the address of a
redirect, even if it may not follow it."""

_REDIRECTS = (301, 302, 303, 307, 308)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_FAILURES = {
    "dns": "its name is not known",
    "tls": "its certificate or encryption cannot be used",
    "timeout": "it did not answer in time",
    "refused": "nothing listens there",
    "reset": "the connection was closed",
    "encoding": "its reply is not compressed in the way that it says",
    "network": "the network does not lead there",
}


@dataclass(frozen=True)
class Access:
    """A service's address and its token, which `repr` leaves out."""

    base_url: str
    token: str | None

    def __repr__(self) -> str:
        return f"Access({display_url(self.base_url)})"

    def url(self, path: str) -> str:
        return self.base_url.rstrip("/") + path

    def auth(self, url: str) -> "Authorisation":
        """Return the authorisation for a request to `url`: without the token at another origin."""
        return Authorisation(self.token if self.is_same_origin(url) else None)

    def is_same_origin(self, url: str) -> bool:
        """Return whether `url` has the service's scheme, name and port."""
        return _origin(url) == _origin(self.base_url)


class Authorisation(requests.auth.AuthBase):
    """Sets the header. Used even without a token: else requests takes one from the address or
    ~/.netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._token is not None:
            # Bytes: requests encodes text as latin-1.
            request.headers["Authorization"] = b"Bearer " + self._token.encode()  # type: ignore[assignment]
        return request


def access(base_url: str, token: str | None) -> Access:
    """Raises SettingError for an invalid address, or a token that cannot be a header's value."""
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
    """Return a session without cookies, so that threads may share it, and without a proxy for
    loopback."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    if _is_loopback(url):
        session.trust_env = False  # reads neither the proxy's settings nor the authority's
        session.verify = _authorities_file() or True
    return session


def _authorities_file() -> str | None:
    """Return the file of trusted authorities that the environment names, as requests reads it."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")


def redirect_target(response: requests.Response) -> str | None:
    """Return the address that this reply redirects to, or None."""
    location = response.headers.get("Location")
    if response.status_code not in _REDIRECTS or not location:
        return None
    try:
        target = urljoin(response.url, location)
    except ValueError:
        return None
    return target if is_http_address(target) else None


def display_url(url: str) -> str:
    """Return an address for people and logs, without password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def failure_reason(error: BaseException) -> str:
    """Return why a request failed: dns, tls, timeout, refused, reset, encoding or network."""
    causes = list(_causes(error))
    for code, kinds in _KINDS:
        if any(isinstance(cause, kinds) for cause in causes):
            return code
    return "network"


def failure_text(code: str) -> str:
    return _FAILURES[code]


_KINDS: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
    ("dns", (socket.gaierror, urllib3.NameResolutionError, UnicodeError)),
    ("tls", (ssl.SSLError, urllib3.SSLError)),
    ("refused", (ConnectionRefusedError,)),
    # Not urllib3's TimeoutError: it is a base of every error of connecting.
    ("timeout", (TimeoutError, urllib3.ReadTimeoutError, requests.Timeout)),
    ("encoding", (urllib3.DecodeError, requests.exceptions.ContentDecodingError)),
    ("reset", (ConnectionError, HTTPException, urllib3.ProtocolError)),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes: requests and urllib3 wrap them in three ways."""
    seen: list[BaseException] = [error]
    for cause in seen:
        inner = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
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
