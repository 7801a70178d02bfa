"""The service's log. Lines written while a request is handled carry its `request_id`, which is in
the reply as well."""

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from etl_monitor.json_logging import JsonLines

REQUEST_ID_HEADER = "X-Request-Id"
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class _ServiceLines(JsonLines):
    def context(self) -> Mapping[str, Any]:
        current = request_id.get()
        return {} if current is None else {"request_id": current}


def set_up_logging() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_ServiceLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("etl_monitor").setLevel(logging.INFO)
