"""The portal's addresses. No other module knows under which folder the portal is served.

What browsers get is relative to their page, as Streamlit's own files are: all pages are in one
folder, whatever it is called. So an address is right below `server.baseUrlPath`, and also behind a
proxy that strips a prefix, which only the browser sees.
"""

from urllib.parse import quote

import streamlit as st
from streamlit.user_info import generate_login_redirect_url

PAINT_REPORTS_PATH = "/drawn"
PAINT_REPORTS = PAINT_REPORTS_PATH.removeprefix("/")
LIVE_PATH = "/live"
LIVE = LIVE_PATH.removeprefix("/")
SIGN_OUT = "auth/logout"  # a route of Streamlit's, as is that of the sign-in

_has_pages = False
_has_live_socket = False


def configure(*, has_pages: bool, has_live_socket: bool = False) -> None:
    """Say whether this process serves the portal's pages, and the live socket. Another app serves
    no pages of ours."""
    global _has_pages, _has_live_socket  # one portal per process
    _has_pages, _has_live_socket = has_pages, has_live_socket


def live() -> bool:
    """Return whether pages can open the live socket."""
    return _has_live_socket


def has_pages() -> bool:
    """Return True in the portal. In another app the page's address is its own."""
    return _has_pages


def result_page(test_id: str, language: str) -> str:
    """Return the address of a test's page; empty in another app."""
    if not _has_pages:
        return ""
    return f"result?id={quote(test_id, safe='')}&lang={language}"


def job_page(job_id: str, language: str) -> str:
    """Return the address of the monitor with the job; in another app that of their page."""
    page = "monitor" if _has_pages else ""
    return f"{page}?job={quote(job_id, safe='')}&lang={language}"


def of_file(route: str) -> str:
    """Return the address of a file that the portal sends at `route`, such as `/scores/a.csv`."""
    return route.removeprefix("/")


def sign_in() -> str:
    """Return where the provider's sign-in begins. Within a page's run, of a visitor."""
    return generate_login_redirect_url("default").removeprefix(_base()).removeprefix("/")


def served_at(path: str) -> tuple[str, ...]:
    """Return the paths of a route of ours, such as `/healthz`: with the folder that is configured,
    and without it, for programs on the same machine."""
    return tuple(dict.fromkeys([path, _base() + path]))


def relative_to(path: str, target: str) -> str:
    """Return the path `target` as seen from `path`: `/` from `/auth/logout` is `../`."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    return ("../" * (path.count("/") - 1) + target[1:] or "./") if is_path else target


def _base() -> str:
    """Return `/folder`, or "" if Streamlit is not configured to be below one."""
    folder = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{folder}" if folder else ""
