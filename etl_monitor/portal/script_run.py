"""Where on a page something is drawn: in which fragment, in a form or not.

Besides `push`, the only module that uses Streamlit's names for this; they have no underscore, and
Streamlit 1.64 has them too.
"""

from streamlit.delta_generator_singletons import get_dg_singleton_instance
from streamlit.elements.lib.form_utils import is_in_form
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

_ID_LENGTH = 12  # characters of a fragment's id, which is a long hash


def current_pass() -> object | None:
    """Return an object that identifies this run, whether of the page or of a fragment."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.parallel_coordinator if context else None


def current_fragment() -> str:
    """Return the id of the fragment (or dialog) that is being rendered; empty outside of one."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ""
    return (ThreadState.get().fragment_id or "")[:_ID_LENGTH]


def has_fragment(key: str) -> bool:
    """Return True if the page of the last full run has the fragment with this key."""
    context = get_script_run_ctx(suppress_warning=True)
    try:
        return context is not None and bool(context.fragment_storage.resolve_target(key))
    except StreamlitAPIException:
        return False


def in_form() -> bool:
    """Return True within `st.form`, which takes neither buttons nor callbacks of others."""
    return is_in_form(get_dg_singleton_instance().main_dg)
