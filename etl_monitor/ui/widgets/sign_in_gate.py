"""Signing in and out, and what somebody sees who may not see more."""

import streamlit as st

from etl_monitor.i18n import Texts
from etl_monitor.portal.sign_in import Visitor
from etl_monitor.ui.session import state as session
from etl_monitor.wire.roles import Right


def only_for_visitors() -> None:
    """Ends the page's run for everybody who may not see it, with what they can do about it."""
    who = session.visitor()
    if Right.SEE in who.rights:
        return
    words = session.texts()
    with st.container(horizontal_alignment="center"):
        if who.must_sign_in:
            _ask_to_sign_in(words)
        else:
            _without_rights(who, words)
    st.stop()


def signed_in_as() -> None:
    """Who is signed in, and the way out. Nothing for the local person."""
    who = session.visitor()
    if not who.is_signed_in:
        return
    words = session.texts()
    st.text(words("signed-in-as", name=who.name, role=words(f"role-{who.role}")))
    _way_out(words)


def _ask_to_sign_in(words: Texts) -> None:
    st.subheader(words("product"), anchor=False)
    st.text(words("sign-in-needed"))
    if st.button(words("sign-in"), type="primary", icon=":material/login:"):
        st.login()


def _without_rights(who: Visitor, words: Texts) -> None:
    st.subheader(words("no-rights"), anchor=False)
    st.text(words("no-rights-why", name=who.name))
    _way_out(words)


def _way_out(words: Texts) -> None:
    if st.button(words("sign-out"), icon=":material/logout:"):
        st.logout()
