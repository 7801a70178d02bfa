"""The newest event of the feed, for the bare pages: read by one thread of the server's process."""

import asyncio
import json
import os
import threading
from collections.abc import Callable

import requests
from sseclient import SSEClient


class Newest:
    """`listeners` are called after each event."""

    def __init__(self) -> None:
        self.rows_done: dict[str, int] = {}  # by job
        self.text = ""  # of the newest event
        self.listeners: list[Callable[[], object]] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        address = os.environ["ETL_MONITOR_API_URL"] + "/etl/jobs/stream"
        with requests.get(address, stream=True, timeout=60) as response:
            pieces = iter(lambda: response.raw.read1(65_536), b"")
            for event in SSEClient(pieces).events():
                fields = json.loads(event.data)
                self.rows_done[fields["jobId"]] = fields["rowsDone"]
                self.text = as_text(fields["rowsDone"])
                for listener in list(self.listeners):
                    listener()


def as_text(rows_done: int) -> str:
    """Return the number of rows in the monitor's form."""
    return f"{rows_done:,} of 10,000,000 rows"


newest = Newest()
