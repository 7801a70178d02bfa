"""The service's log: what is written while a request is answered names the request.

Its `request_id` is in the reply too.
"""

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from etl_monitor.json_logging import JsonLines

REQUEST_ID_HEADER = "X-Request-Id"
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class _Lines(JsonLines):
    def context(self) -> Mapping[str, Any]:
        asked = request_id.get()
        return {} if asked is None else {"request_id": asked}


def set_up_logging() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("etl_monitor").setLevel(logging.INFO)
