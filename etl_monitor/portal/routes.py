"""What the portal answers on its own port beside the pages, and the headers of every reply."""

from pathlib import Path

import streamlit
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from etl_monitor import monitoring
from etl_monitor.portal import metrics, paint_reports
from etl_monitor.security_headers import SafeHeaders, of_the_portal

PAINT_REPORTS_PATH = "/drawn"


def public_path(path: str) -> str:
    """As browsers know it: a proxy may serve the portal below a folder of its own."""
    base = str(streamlit.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


async def healthz(_request: Request) -> JSONResponse:
    """Whether this process serves; with what it knows of its connection."""
    followed = monitoring.current()
    state = followed.snapshot().connection.state.value if followed else "disconnected"
    return JSONResponse({"status": "ok", "connection": state})


_PAGE = Path(streamlit.__file__).parent / "static" / "index.html"


MIDDLEWARE = [Middleware(SafeHeaders, headers=of_the_portal(_PAGE.read_bytes()))]


ROUTES = [
    Route("/healthz", healthz),
    Route("/metrics", metrics.metrics),
    Route(PAINT_REPORTS_PATH, paint_reports.receive_report, methods=["POST"]),
]
