"""The frame around every page: navigation, language, connection badge."""

import streamlit as st

from etl_monitor.ui.embed import connection_badge
from etl_monitor.ui.live.bus import begin_run
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.layout import ICON, LANGUAGE_NAMES, narrow_styles, tab_title
from etl_monitor.ui.widgets.plain import product_name
from etl_monitor.ui.widgets.sign_in_gate import only_for_visitors, signed_in_as
from etl_monitor.ui.widgets.streamlit_labels import name_widgets

t = session.translator()
st.set_page_config(page_title=t("product"), page_icon=str(ICON), layout="wide")
narrow_styles()
name_widgets()
begin_run()

page = st.navigation(
    [
        st.Page("results.py", title=t("page-results"), icon=":material/list_alt:", default=True),
        st.Page("monitor.py", title=t("page-monitor"), icon=":material/monitoring:"),
        st.Page("activity.py", title=t("page-activity"), icon=":material/history:"),
        st.Page("system.py", title=t("page-system"), icon=":material/tune:"),
        st.Page("result.py", title=t("page-result"), visibility="hidden"),
    ],
    position="top",
)

only_for_visitors()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    product_name(t("product"))
    connection_badge(title=True)
    signed_in_as()
    chosen = st.segmented_control(
        t("language"),
        options=list(LANGUAGE_NAMES),
        format_func=LANGUAGE_NAMES.__getitem__,
        default=session.language(),
        required=True,
        label_visibility="collapsed",
        key="etl_language_choice",
    )
if chosen != session.language():
    session.choose_language(chosen)
    st.rerun()

tab_title(page.title)
page.run()
