"""The ETL Monitor portal: `streamlit run app.py`."""

import streamlit as st

from etl_monitor import settings
from etl_monitor.errors import SettingError
from etl_monitor.json_logging import configure_logging
from etl_monitor.portal import lifespan, routes
from etl_monitor.ui import routes as files
from etl_monitor.ui.live import socket

configure_logging()
try:
    _portal = lifespan.Portal(settings=settings.load())
except SettingError as error:
    lifespan.exit_with(error)

app = st.App(
    "pages/portal.py",
    lifespan=_portal.lifespan,
    routes=[*routes.ROUTES, *files.ROUTES, *socket.ROUTES],
    middleware=_portal.middleware,
)
