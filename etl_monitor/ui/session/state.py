"""A browser session's own state. The only module that names `st.session_state`.

Nothing big lives here: the job table of a session is a pointer to the store's newest immutable
snapshot, and what this person chose to see of it.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import streamlit as st

from etl_monitor import settings
from etl_monitor.client import EtlClient
from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.monitoring import Monitoring, use_etl_monitoring
from etl_monitor.portal import paint_reports, push, sign_in
from etl_monitor.portal.sign_in import Visitor
from etl_monitor.store.job_store import Snapshot
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.session.view import RenderContext, SessionState
from etl_monitor.wire.delegation import DelegatedUser
from etl_monitor.wire.roles import Right, forbidden

_STATE = "etl_monitor_state"
_LANGUAGE = "etl_monitor_language"
_CHOSEN_LANGUAGE = "etl_monitor_chosen_language"
_NOTICES = "etl_monitor_notices"
LANGUAGE_COOKIE = "etl_monitor_language"
_KEPT = "etl_monitor_kept"

T = TypeVar("T")


def state() -> SessionState:
    """Return this session's state. The first call makes it, and the process's one follower."""
    found = st.session_state.get(_STATE)
    if not isinstance(found, SessionState) or found.monitoring.is_closed:
        found = SessionState(jobs=JobTable(monitoring=use_etl_monitoring()))
        paint_reports.register(found.id, found.latency)
        st.session_state[_STATE] = found
    return found


def job_table() -> JobTable:
    """Return this session's job table."""
    return state().jobs


def render_context() -> RenderContext:
    """Return what a rendering reads now. During a full run all contexts have the same snapshot,
    however long the run takes."""
    current = state()
    return RenderContext(
        snapshot=_snapshot_of_this_run(current.monitoring),
        t=translator(),
        session=current,
        monitoring=current.monitoring,
        rights=visitor().rights,
    )


# The snapshot of each full run. An entry goes with its run: nothing else refers to it.
_runs: WeakKeyDictionary[object, Snapshot] = WeakKeyDictionary()


def _snapshot_of_this_run(monitoring: Monitoring) -> Snapshot:
    run = push.current_run()
    return monitoring.snapshot() if run is None else _runs.setdefault(run, monitoring.snapshot())


def visitor() -> Visitor:
    """Who looks at this session's pages."""
    set_up = session_value("settings", settings.load)
    is_known = set_up.sign_in == "oidc" and bool(st.user.get("is_logged_in"))
    claims = st.user.to_dict() if is_known else None
    return sign_in.identify_visitor(claims, job_table().monitoring.whoami(), set_up)


def may(right: Right) -> bool:
    """Whether whoever looks may do this. The service decides again."""
    return right in visitor().rights


def client_for(right: Right) -> EtlClient:
    """The client for what this person asks for, which tells the service who that is. Raises
    Forbidden: a browser may send what no button of its page stands for."""
    who = visitor()
    if right not in who.rights or who.role is None:
        raise forbidden(who.role, right)
    client = job_table().monitoring.client.with_language(language())
    return (
        client.on_behalf_of(DelegatedUser(name=who.name, role=who.role))
        if who.is_signed_in
        else client
    )


def translator() -> Translator:
    """The catalogue in this person's language: chosen on a page, now or earlier, else set, else the
    browser's."""
    return Translator(language(), st.context.timezone)


def language() -> str:
    asked = st.query_params.get("lang")
    if asked in LANGUAGES:
        st.session_state[_LANGUAGE] = asked
    return st.session_state.get(_LANGUAGE) or _language_without_choice()


def session_value(key: str, make: Callable[[], T]) -> T:
    """What this session keeps under `key`; made when first asked for."""
    shelf: dict[str, T] = st.session_state.setdefault(_KEPT, {})
    if key not in shelf:
        shelf[key] = make()
    return shelf[key]


def set_default_input(key: str, value: str) -> None:
    """What the input with this key holds where it is drawn again: Streamlit forgets the inputs that
    a run did not draw."""
    st.session_state.setdefault(key, value)


def choose_language(code: str) -> None:
    """Remember a choice and keep it in the address, so that a link shows the same."""
    st.session_state[_LANGUAGE] = st.session_state[_CHOSEN_LANGUAGE] = code
    st.query_params["lang"] = code


def chosen_language() -> str:
    """What this person chose here, for their browser to remember; empty where they did not. A link
    in another language is no choice."""
    return str(st.session_state.get(_CHOSEN_LANGUAGE, ""))


def component_value(key: str) -> Any:
    """What the component with this key sent, for its callback, which runs before the page does."""
    return st.session_state.get(key, {}).get("action")


def input_value(key: str, otherwise: str = "") -> str:
    """What the input with this key holds, also before the page draws it."""
    return str(st.session_state.get(key, otherwise) or "")


def set_inputs(value: str, *keys: str) -> None:
    """Give these inputs a value, before the page draws them."""
    st.session_state.update(dict.fromkeys(keys, value))


def notify(message: str) -> None:
    """Show `message` as a toast in the next run: for what this person just asked for."""
    st.session_state.setdefault(_NOTICES, []).append(message)


def notices() -> list[str]:
    """The toasts that wait; asking takes them."""
    waiting: list[str] = st.session_state.pop(_NOTICES, [])
    return waiting


def _language_without_choice() -> str:
    remembered = st.context.cookies.get(LANGUAGE_COOKIE)
    if remembered in LANGUAGES:
        return remembered
    preferred = settings.load().language
    if preferred != "auto":
        return preferred
    return "ko" if (st.context.locale or "").lower().startswith("ko") else "en"
