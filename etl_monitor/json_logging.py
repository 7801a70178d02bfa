"""The log of both programs: one line of JSON for each log record, on standard error."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from etl_monitor.wire.base import iso

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """`event` is the stable name of what happened; the other fields describe it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": iso(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
        }
        line |= self.context()
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)

    def context(self) -> Mapping[str, Any]:
        """Return fields of the current context, which are added to each line."""
        return {}


def configure_logging() -> None:
    """Log the records of `etl_monitor` as JSON; other loggers of the process are not changed."""
    logger = logging.getLogger("etl_monitor")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
