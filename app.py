"""ETL Monitor, the whole product: `streamlit run app.py`."""

import streamlit as st

from etl_monitor import portal, settings
from etl_monitor.errors import SettingError
from etl_monitor.json_lines import set_up_our_logging

set_up_our_logging()
try:
    _portal = portal.Portal(settings=settings.load())
except SettingError as error:
    portal.give_up(error)

app = st.App(
    "pages/portal.py", lifespan=_portal.lifespan, routes=portal.ROUTES, middleware=portal.MIDDLEWARE
)
