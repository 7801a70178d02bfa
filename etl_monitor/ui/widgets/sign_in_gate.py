"""Sign-in and sign-out, and the pages of visitors who may see nothing else.

Not with `st.login` and `st.logout`: their addresses begin at the root, from where a proxy that
strips a prefix serves something else.
"""

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.portal import addresses
from etl_monitor.portal.sign_in import Visitor, forget_visitor
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.navigation import leave_for
from etl_monitor.ui.widgets.plain import page_title
from etl_monitor.wire.roles import Right


def only_for_visitors() -> None:
    """End the page's run if the visitor may not see it, and show what they can do about it."""
    visitor = session.visitor()
    if Right.SEE in visitor.rights:
        return
    t = session.translator()
    with st.container(horizontal_alignment="center"):
        if visitor.must_sign_in:
            _sign_in_page(t)
        else:
            _page_without_rights(visitor, t)
    st.stop()


def signed_in_as() -> None:
    """Show who is signed in, and a button to sign out. Nothing for the local user."""
    visitor = session.visitor()
    if not visitor.is_signed_in:
        return
    t = session.translator()
    st.text(t("signed-in-as", name=visitor.name, role=t(f"role-{visitor.role}")))
    _sign_out_button(t)


def _sign_in_page(t: Translator) -> None:
    page_title(t("product"))
    st.text(t("sign-in-needed"))
    if st.button(t("sign-in"), type="primary", icon=":material/login:"):
        leave_for(addresses.sign_in())


def _page_without_rights(visitor: Visitor, t: Translator) -> None:
    page_title(t("no-rights"))
    st.text(t("no-rights-why", name=visitor.name))
    _sign_out_button(t)


def _sign_out_button(t: Translator) -> None:
    if st.button(t("sign-out"), icon=":material/logout:"):
        forget_visitor()
        leave_for(addresses.SIGN_OUT)
