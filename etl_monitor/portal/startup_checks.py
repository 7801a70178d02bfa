"""Checks before the first page is served: a portal that others can reach needs a sign-in."""

from collections.abc import Collection
from ipaddress import ip_address

import streamlit as st
from streamlit import config
from streamlit.auth_util import get_secrets_auth_section, validate_auth_credentials
from streamlit.errors import StreamlitAuthError, StreamlitMissingAuthlibError

from etl_monitor.asgi.request_guard import LOOPBACK_HOSTS
from etl_monitor.errors import SettingError
from etl_monitor.settings import Settings

_MIN_SECRET = 32  # characters
# Without them any other site that a person visits may open a session or send a file in their name.
_PROTECTIONS = ("server.enableXsrfProtection", "server.enableCORS")


def check(settings: Settings) -> None:
    """Raise SettingError, whose message is one line with what to do, if a check fails."""
    _check_protections()
    if settings.sign_in == "oidc":
        _check_provider()
    else:
        _check_loopback(st.get_option("server.address"))


def allow_hosts(hosts: Collection[str]) -> None:
    """Make Streamlit's own check of WebSocket handshakes allow the same names as ours."""
    address = st.get_option("server.address")  # perhaps 127.0.0.2
    own = [address] if address is not None and is_loopback(address) else []
    config.set_option("server.allowedHosts", [*LOOPBACK_HOSTS, *own, *hosts])


def _check_protections() -> None:
    off = [name for name in _PROTECTIONS if not st.get_option(name)]
    if off:
        raise SettingError(
            "protection_off",
            f"{' and '.join(off)} cannot be switched off: other sites could act here in the "
            "name of their visitors; leave out the option, or its STREAMLIT_… variable.",
            {"options": off},
        )


def _check_loopback(address: str | None) -> None:
    """Without a provider everyone who can reach the portal is its admin."""
    if address is not None and is_loopback(address):
        return
    raise SettingError(
        "sign_in_needed",
        f"server.address={address or '(all)'} can be reached from other machines, but "
        "there is no sign-in (ETL_MONITOR_SIGN_IN=off); use 127.0.0.1, or set up a sign-in as "
        "docs/security.md describes.",
        {"address": address},
    )


def is_loopback(address: str) -> bool:
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False


def _check_provider() -> None:
    try:
        validate_auth_credentials("default")
        secret = str(get_secrets_auth_section()["cookie_secret"])
    except (StreamlitAuthError, StreamlitMissingAuthlibError) as error:
        raise _unusable(" ".join(str(error).split())) from None
    if len(secret) < _MIN_SECRET:
        raise _unusable(
            f"cookie_secret has {len(secret)} characters and needs {_MIN_SECRET} random "
            "ones: with a guessed secret one can sign in as any user."
        )


def _unusable(reason: str) -> SettingError:
    return SettingError(
        "sign_in_unusable",
        f"ETL_MONITOR_SIGN_IN=oidc, but the sign-in cannot be used: {reason} See docs/security.md.",
        {"reason": reason},
    )
