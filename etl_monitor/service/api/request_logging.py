"""Middleware that gives each request an id, counts and times it, and writes it to the log."""

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etl_monitor.service.logs import REQUEST_ID_HEADER, request_id
from etl_monitor.service.operations.metrics import Metrics

_VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SERVER_ERROR = 500
# Others are `other`: each word that a client sends would be a time series of its own for ever.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
_MAX_ID_LENGTH = 200  # characters; no id of ours is longer
_LOGGED_IDS = {"jobId": "job_id", "testId": "test_id"}  # parameter of the path → field of the log

_log = logging.getLogger(__name__)


class RequestLogging:
    """Names a request by its route, never by its query, which may hold a token.

    A valid id that the client sends is kept, so that its log and ours can be joined.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        own_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = own_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = own_id
                self._record(scope, message["status"], time.monotonic() - started)
            await send(message)

        context = request_id.set(own_id)
        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            # Of any type: it is answered further out, where its status cannot be seen.
            self._record(scope, _SERVER_ERROR, time.monotonic() - started)
            raise
        finally:
            request_id.reset(context)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.record_request(method, route, status, seconds)
        if method != "GET" or status >= _SERVER_ERROR:
            fields = {"method": method, "route": route, "status": status}
            fields |= {"seconds": round(seconds, 4), **_ids(scope)}
            _log.info("request_finished", extra=fields)


def _request_id(scope: Scope) -> str:
    sent = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
    return sent if _VALID_ID.fullmatch(sent) else uuid.uuid4().hex


def _ids(scope: Scope) -> dict[str, str]:
    """Return the ids of job and test in the path."""
    values = scope.get("path_params", {})
    return {
        field: values[name][:_MAX_ID_LENGTH]
        for name, field in _LOGGED_IDS.items()
        if name in values
    }
