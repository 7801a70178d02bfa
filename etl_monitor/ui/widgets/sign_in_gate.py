"""Signing in and out, and what somebody sees who may not see more."""

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.portal.sign_in import Visitor
from etl_monitor.ui.session import state as session
from etl_monitor.wire.roles import Right


def only_for_visitors() -> None:
    """Ends the page's run for everybody who may not see it, with what they can do about it."""
    who = session.visitor()
    if Right.SEE in who.rights:
        return
    t = session.translator()
    with st.container(horizontal_alignment="center"):
        if who.must_sign_in:
            _ask_to_sign_in(t)
        else:
            _without_rights(who, t)
    st.stop()


def signed_in_as() -> None:
    """Who is signed in, and the way out. Nothing for the local person."""
    who = session.visitor()
    if not who.is_signed_in:
        return
    t = session.translator()
    st.text(t("signed-in-as", name=who.name, role=t(f"role-{who.role}")))
    _way_out(t)


def _ask_to_sign_in(t: Translator) -> None:
    st.subheader(t("product"), anchor=False)
    st.text(t("sign-in-needed"))
    if st.button(t("sign-in"), type="primary", icon=":material/login:"):
        st.login()


def _without_rights(who: Visitor, t: Translator) -> None:
    st.subheader(t("no-rights"), anchor=False)
    st.text(t("no-rights-why", name=who.name))
    _way_out(t)


def _way_out(t: Translator) -> None:
    if st.button(t("sign-out"), icon=":material/logout:"):
        st.logout()
