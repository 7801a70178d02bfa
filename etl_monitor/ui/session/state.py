"""A browser session's own state. The only module that names `st.session_state`.

Nothing big lives here: a session's job table is a pointer to the store's newest immutable snapshot
and what this person chose to see of it.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import streamlit as st

from etl_monitor import settings
from etl_monitor.client import EtlClient
from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.monitoring import use_etl_monitoring
from etl_monitor.portal import paint_reports, push, sign_in
from etl_monitor.portal.request_visitor import LANGUAGE_COOKIE
from etl_monitor.portal.sign_in import Visitor
from etl_monitor.store.job_store import Snapshot
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.session.view import RenderContext, SessionState
from etl_monitor.wire.roles import Right

_STATE = "etl_monitor_state"
_LANGUAGE = "etl_monitor_language"
_CHOSEN_LANGUAGE = "etl_monitor_chosen_language"
_NOTICES = "etl_monitor_notices"
_VALUES = "etl_monitor_values"

T = TypeVar("T")


def state() -> SessionState:
    """Return this session's state. The first call creates it, and the process's one follower."""
    current = st.session_state.get(_STATE)
    if not isinstance(current, SessionState) or current.monitoring.is_closed:
        current = SessionState(jobs=JobTable(monitoring=use_etl_monitoring()))
        paint_reports.register(current.id, current.latency)
        st.session_state[_STATE] = current
    return current


def job_table() -> JobTable:
    """Return this session's job table."""
    return state().jobs


def render_context() -> RenderContext:
    """Return what a rendering reads now. During a full run all contexts have the same snapshot,
    however long the run takes."""
    current, person = state(), visitor()
    current.signed_in_until = person.until
    return RenderContext(
        snapshot=_snapshot_of_this_run(current),
        t=translator(),
        session=current,
        monitoring=current.monitoring,
        rights=person.rights,
    )


# The snapshot of each full run. An entry disappears with its run, which nothing else refers to.
_runs: WeakKeyDictionary[object, Snapshot] = WeakKeyDictionary()


def _snapshot_of_this_run(current: SessionState) -> Snapshot:
    run = push.current_run()
    if run is None:
        return current.monitoring.snapshot()
    if run not in _runs:
        current.holds += 1  # no live update may be ahead of what this run will draw
        _runs[run] = current.monitoring.snapshot()
    return _runs[run]


def visitor() -> Visitor:
    """Return who sees this session's pages."""
    current = session_value("settings", settings.load_in_another_app)
    is_signed_in = current.sign_in == "oidc" and bool(st.user.get("is_logged_in"))
    claims = st.user.to_dict() if is_signed_in else None
    return sign_in.identify_visitor(claims, job_table().monitoring.whoami(), current)


def may(right: Right) -> bool:
    """Return True if the visitor may do this. The service decides again."""
    return right in visitor().rights


def client_for(right: Right) -> EtlClient:
    """Return the client for a request of this person, whom it names to the service.

    Raises Forbidden if the person may not do this: a browser may send actions for which its page
    has no button.
    """
    person = visitor()
    sign_in.check_right(person, right)
    client = job_table().monitoring.client.with_language(language())
    return sign_in.client_of(person, client)


def translator() -> Translator:
    """Return the texts in this person's language: the chosen one, else that of the settings, else
    the browser's."""
    return Translator(language(), st.context.timezone)


def language() -> str:
    parameter = st.query_params.get("lang")
    if parameter in LANGUAGES:
        st.session_state[_LANGUAGE] = parameter
    return st.session_state.get(_LANGUAGE) or _language_without_choice()


def session_value(key: str, make: Callable[[], T]) -> T:
    """Return this session's value for `key`; the first call makes it."""
    values: dict[str, T] = st.session_state.setdefault(_VALUES, {})
    if key not in values:
        values[key] = make()
    return values[key]


def set_default_input(key: str, value: str) -> None:
    """Set the value of an input that is drawn again: Streamlit forgets inputs that a run did not
    draw."""
    st.session_state.setdefault(key, value)


def choose_language(code: str) -> None:
    """Remember the chosen language, also in the address, so that a link shows the same."""
    st.session_state[_LANGUAGE] = st.session_state[_CHOSEN_LANGUAGE] = code
    st.query_params["lang"] = code


def chosen_language() -> str:
    """Return the language that this person chose, for the browser to remember, or "". Following a
    link in another language is no choice."""
    return str(st.session_state.get(_CHOSEN_LANGUAGE, ""))


def component_value(key: str) -> Any:
    """Return what a component sent, for its callback, which runs before the page does."""
    return st.session_state.get(key, {}).get("action")


def input_value(key: str, otherwise: str = "") -> str:
    """Return an input's value, also before the page draws it."""
    return str(st.session_state.get(key, otherwise) or "")


def set_inputs(value: str, *keys: str) -> None:
    """Set the value of these inputs before the page draws them."""
    st.session_state.update(dict.fromkeys(keys, value))


def notify(message: str) -> None:
    """Show `message` as a toast in the next run."""
    st.session_state.setdefault(_NOTICES, []).append(message)


def notices() -> list[str]:
    """Return the waiting toasts and remove them."""
    waiting: list[str] = st.session_state.pop(_NOTICES, [])
    return waiting


def _language_without_choice() -> str:
    remembered = st.context.cookies.get(LANGUAGE_COOKIE)
    if remembered in LANGUAGES:
        return remembered
    preferred = settings.load_in_another_app().language
    if preferred != "auto":
        return preferred
    return "ko" if (st.context.locale or "").lower().startswith("ko") else "en"
