"""Receives the browsers' reports of what they have painted: `POST /drawn` of the portal.

Reports are requests of their own and do not use the component's trigger, as a person's actions do:
Streamlit takes each trigger for "run the page that I show". One that is under way while the page
changes names the old page, and so leaves the new page blank or undoes a click on a link. A person's
actions are rare; reports come every few seconds.
"""

import json
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response

from etl_monitor.portal.latency import Latency

_MAX_SIZE = 64 * 1024  # bytes of a report

# By the id of a session's table, which cannot be guessed; removed with the session.
_sessions: WeakValueDictionary[str, Latency] = WeakValueDictionary()
_address: str | None = None


def configure(address: str | None) -> None:
    """Set the address of the reports as browsers know it; None: there is none."""
    global _address  # one portal per process
    _address = address


def address() -> str | None:
    """Return the address of the reports, or None outside of our portal, as in another app."""
    return _address


def register(table: str, latency: Latency) -> None:
    """Record the reports that name this table in `latency`."""
    _sessions[table] = latency


async def receive_report(request: Request) -> Response:
    """Accept `{"table": id, "painted": [[number, milliseconds ago], …]}`.

    The reply is the same for anything else: the browser could not do better.
    """
    report = await _read_report(request)
    table = report.get("table")
    latency = _sessions.get(table) if isinstance(table, str) else None
    if latency is not None:
        latency.record_painted(report.get("painted"))
    return Response(status_code=204)


async def _read_report(request: Request) -> Mapping[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_SIZE:
            return {}
    try:
        report = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return report if isinstance(report, dict) else {}
