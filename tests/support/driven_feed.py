"""A scripted service whose feed sends what its user says, when they say it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support import factories
from tests.support.scripted_server import (
    EVENT_STREAM,
    Exchange,
    ScriptedServer,
    Step,
    reply,
)

FIRST = 100_000  # rows done: each event has a number of its own, always six digits long
ROWS = 10_000_000
_HEARTBEAT = 15  # seconds of silence after which the service sends a comment


class DrivenFeed:
    """A feed of running jobs. Each event sets `rowsDone` of one to a new number."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.sent: dict[int, float] = {}  # rows done → `time.time`
        self.address = ""
        self.requests = 0  # for the feed
        self._texts: list[bytes] = []
        self._has_more = threading.Condition()

    def send(self, job: int) -> int:
        """Send an event of `job-N`; return its rows done."""
        rows_done = FIRST + len(self.sent)
        fields = {"jobId": f"job-{job}", "rowsDone": rows_done}
        position = 2 + len(self.sent)  # the list is that of position 1
        text = f"event: job_progress\nid: {position}\ndata: {json.dumps(fields)}\n\n"
        with self._has_more:
            self.sent[rows_done] = time.time()
            self._texts.append(text.encode())
            self._has_more.notify_all()
        return rows_done

    def stream(self, exchange: Exchange) -> None:
        """Answer a request for the feed: with what is sent from now on."""
        self.requests += 1
        exchange.begin(200, EVENT_STREAM)
        exchange.write(b":\n\n")
        number, sent_at = len(self._texts), time.monotonic()
        while not exchange.closing.is_set():
            with self._has_more:
                if len(self._texts) == number:
                    self._has_more.wait(timeout=0.5)
                new, number = self._texts[number:], len(self._texts)
            if not new and time.monotonic() - sent_at > _HEARTBEAT:
                new = [b":\n\n"]
            if new:
                exchange.write(b"".join(new))
                sent_at = time.monotonic()


@contextmanager
def driven_feed(jobs: int) -> Iterator[DrivenFeed]:
    """Serve a list of so many running jobs, the oldest last, and their feed."""
    feed = DrivenFeed(jobs)
    with ScriptedServer() as service:
        service.on("/etl/jobs", _jobs(jobs))
        service.on("/etl/jobs/stream", feed.stream)
        feed.address = service.address
        yield feed


def _jobs(count: int) -> Step:
    records = [_running(number) for number in range(count)]
    every = reply(records, x_last_event_id="1", x_total_count=str(count))
    none = reply([], x_last_event_id="1", x_total_count="0")

    def step(exchange: Exchange) -> None:
        (none if "status" in exchange.request.query else every)(exchange)  # none has ended

    return step


def _running(number: int) -> object:
    job = factories.running(
        job_id=f"job-{number}",
        test_id=f"test-{number}",
        rows_done=FIRST,
        rows_total=ROWS,
        created_at=factories.ago(minutes=5 + number),
    )
    return job.model_dump(mode="json", by_alias=True)
