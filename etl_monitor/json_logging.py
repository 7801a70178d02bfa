"""Logs of both programs: one line of JSON for each event of note, on standard error."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from etl_monitor.wire.base import iso

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """`event` is what happened, by a stable name; the rest of the line is about it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": iso(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
        }
        line |= self.context()
        line |= {name: value for name, value in vars(record).items() if name not in _PLAIN}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)

    def context(self) -> Mapping[str, Any]:
        """What is true of every line that is written here and now."""
        return {}


def configure_logging() -> None:
    """For a program that is not all ours: other people's loggers stay as they are."""
    ours = logging.getLogger("etl_monitor")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    ours.handlers = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False
