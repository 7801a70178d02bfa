"""Who sends a plain request to the portal, outside of any session of Streamlit.

The cookie of a signed-in visitor is Streamlit's own. The names used here have no underscore;
tests/portal/test_request_visitor.py notices if a release of Streamlit changes them.
"""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from etl_monitor import settings
from etl_monitor.client import EtlClient
from etl_monitor.errors import TemplatedError, Unauthorised
from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.monitoring import Monitoring
from etl_monitor.portal.sign_in import Visitor, check_right, client_of, identify_visitor
from etl_monitor.wire.roles import Right

LANGUAGE_COOKIE = "etl_monitor_language"
_USER_COOKIE = "_streamlit_user"


class SignInRequired(TemplatedError, Unauthorised):
    code = "sign_in_required"
    template = "Sign in to the portal first."


def visitor(request: Request, monitoring: Monitoring) -> Visitor:
    """Return the visitor whose cookie the request carries. May wait for the service."""
    current = settings.load()
    claims = _claims(request) if current.sign_in == "oidc" else None
    return identify_visitor(claims, monitoring.whoami(), current)


def client_for(request: Request, right: Right, monitoring: Monitoring) -> EtlClient:
    """Return the client of the person who sends the request.

    Raises SignInRequired, Forbidden if they may not do this.
    """
    person = visitor(request, monitoring)
    if person.must_sign_in:
        raise SignInRequired()
    check_right(person, right)
    return client_of(person, monitoring.client)


def translator_for(request: Request) -> Translator:
    """Return the texts in the reader's language: of the address, the cookie, the browser."""
    candidates = request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)
    language = next((code for code in candidates if code in LANGUAGES), None)
    return Translator(language or _preferred(request), request.query_params.get("zone"))


def _preferred(request: Request) -> str:
    language = settings.load().language
    if language != "auto":
        return language
    return "ko" if request.headers.get("accept-language", "").lower().startswith("ko") else "en"


def _claims(request: Request) -> Mapping[str, Any] | None:
    """Return the provider's claims, or None without a cookie that Streamlit signed."""

    def signed(name: str) -> bytes | None:
        value = request.cookies.get(name)
        if value is None:
            return None
        decoded: bytes | None = decode_signed_value(
            get_cookie_secret(), name, value.encode("latin-1", "replace")
        )
        return decoded

    cookie = get_cookie_with_chunks(signed, _USER_COOKIE)
    try:
        claims = json.loads(cookie) if cookie else None
    except ValueError:
        return None
    is_signed_in = isinstance(claims, dict) and bool(claims.get("is_logged_in"))
    return claims if is_signed_in else None
