"""The page of `fragment.py`."""

from functools import partial

import streamlit as st
from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ClientState

from benchmarks.pages.newest import newest
from etl_monitor.portal.push import Target, current_target

KEY = "shown"


def _rerun(target: Target) -> None:
    """On the event loop: rerun the fragment of this session, if that is open."""
    session = runtime.get_instance().get_app_session(target.session_id)
    if session is not None:
        request = ClientState(
            fragment_id=target.fragment_id,
            page_script_hash=session.page_script_hash,
            context_info=target.context_info,
            is_auto_rerun=True,
        )
        session.request_rerun(request)


def shown() -> None:
    if "is_listening" not in st.session_state:
        st.session_state.is_listening = True
        target, loop = current_target(KEY), newest.loop
        assert target is not None
        assert loop is not None
        newest.listeners.append(partial(loop.call_soon_threadsafe, _rerun, target))
    st.text(newest.text)


st.fragment(shown, key=KEY)()
