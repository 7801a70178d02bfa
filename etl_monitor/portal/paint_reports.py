"""Where browsers tell of what they have drawn: `POST /drawn` of the portal.

By a request of its own, not by the component's trigger, as a person's actions come: Streamlit
takes each of these for "run the page that I show". One that is on its way while the page changes
names the old page, and so draws the new one blank, or takes back a click on a link. What a person
does is rare and wanted; a report every few seconds is neither.
"""

import json
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response

from etl_monitor.portal.latency import Latency

_LARGEST = 64 * 1024  # bytes of a report

# Of each session by its table's id, which nobody can guess; gone with the session.
_sessions: WeakValueDictionary[str, Latency] = WeakValueDictionary()
_address: str | None = None


def configure(address: str | None) -> None:
    """This process answers at `address` from now on; None: no longer."""
    global _address  # one portal a process
    _address = address


def address() -> str | None:
    """Where a browser tells. None where nobody asked for it, as in somebody else's app."""
    return _address


def register(table: str, latency: Latency) -> None:
    _sessions[table] = latency


async def receive_report(request: Request) -> Response:
    """Takes `{"table": id, "drawn": [[number, milliseconds ago], …]}`. What cannot be understood is
    left out without a word: there is nothing that a browser could do better."""
    told = await _told(request)
    table = told.get("table")
    latency = _sessions.get(table) if isinstance(table, str) else None
    if latency is not None:
        latency.record_painted(told.get("drawn"))
    return Response(status_code=204)


async def _told(request: Request) -> Mapping[str, Any]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST:
            return {}
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
