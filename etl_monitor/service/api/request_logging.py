"""Each request counted, timed, given an id and written to the log."""

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etl_monitor.service.logs import REQUEST_ID_HEADER, request_id
from etl_monitor.service.operations.metrics import Metrics

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BROKEN = 500
# Others are `other`: a client may send any word, and each would be a series of its own for ever.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
_LONGEST_NAME = 200  # characters; no id of ours has more

_log = logging.getLogger(__name__)


class Observed:
    """Knows a request by its route: never by its query, which may hold a token. An id that the
    client sends is kept, where it is a plain one, so that its log and ours go together."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        this = _id_of(scope)
        scope.setdefault("state", {})["request_id"] = this

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = this
                self._note(scope, message["status"], time.monotonic() - began)
            await send(message)

        told = request_id.set(this)
        try:
            await self._app(scope, receive, watched)
        except Exception:
            # Of any type: what broke is answered further out, where no status can be seen any more.
            self._note(scope, _BROKEN, time.monotonic() - began)
            raise
        finally:
            request_id.reset(told)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.record_request(method, route, status, seconds)
        if method != "GET" or status >= _BROKEN:
            told = {"method": method, "route": route, "status": status}
            told |= {"seconds": round(seconds, 4), **_named(scope)}
            _log.info("request", extra=told)


def _id_of(scope: Scope) -> str:
    sent = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
    return sent if _GOOD_ID.fullmatch(sent) else uuid.uuid4().hex


def _named(scope: Scope) -> dict[str, str]:
    """The job or the test that the address names."""
    names = {"jobId": "job_id", "testId": "test_id"}
    given = scope.get("path_params", {})
    told = {ours: given[theirs] for theirs, ours in names.items() if theirs in given}
    return {name: value[:_LONGEST_NAME] for name, value in told.items()}
