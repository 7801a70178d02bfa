"""A portal that anybody can reach asks who it is: checked before it serves the first page."""

from ipaddress import ip_address

import streamlit as st
from streamlit.auth_util import get_secrets_auth_section, validate_auth_credentials
from streamlit.errors import StreamlitAuthError, StreamlitMissingAuthlibError

from etl_monitor.errors import SettingError
from etl_monitor.settings import Settings

_SHORTEST_SECRET = 32  # characters
# Without them any page that a person visits may open a session here, or send a file, in their name.
_PROTECTIONS = ("server.enableXsrfProtection", "server.enableCORS")


def check(settings: Settings) -> None:
    """Raises SettingError, a single line with what to do."""
    _check_protections()
    if settings.sign_in == "oidc":
        _check_provider()
    else:
        _check_loopback(st.get_option("server.address"))


def _check_protections() -> None:
    off = [name for name in _PROTECTIONS if not st.get_option(name)]
    if off:
        raise SettingError(
            "protection_off",
            f"{' and '.join(off)} cannot be switched off: pages of other sites could act here in "
            "the name of whoever visits them; leave out the option, or its STREAMLIT_… variable.",
            {"options": off},
        )


def _check_loopback(address: str | None) -> None:
    """Without a provider whoever reaches the portal is its admin."""
    if address is not None and is_loopback(address):
        return
    raise SettingError(
        "sign_in_needed",
        f"server.address={address or '(all)'} can be reached from other machines, but nobody has "
        "to sign in (ETL_MONITOR_SIGN_IN=off); use 127.0.0.1, or set up a sign-in as "
        "docs/security.md tells.",
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
    if len(secret) < _SHORTEST_SECRET:
        raise _unusable(
            f"cookie_secret has {len(secret)} characters and needs {_SHORTEST_SECRET}, of chance: "
            "whoever guesses it can sign in as anybody."
        )


def _unusable(reason: str) -> SettingError:
    return SettingError(
        "sign_in_unusable",
        f"ETL_MONITOR_SIGN_IN=oidc, but the sign-in cannot be used: {reason} See docs/security.md.",
        {"reason": reason},
    )
