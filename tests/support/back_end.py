"""Two ETL back ends for tests, over real HTTP: one that numbers its events, and one with only the
fields of the original product. Both can be made to behave badly."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from etl_monitor.events import JobRemoved, JobUpdate
from etl_monitor.wire.job import Job
from tests.support.job_events import Service
from tests.support.scripted_server import EVENT_STREAM, Exchange, ScriptedServer, rejection, reply

ORIGINAL_FIELDS = frozenset(
    {"jobId", "status", "progress", "currentStep", "estimatedCompletion", "errorMessage"}
    | {"createdAt", "updatedAt"}
)


Carry = Callable[["BackEnd", Exchange, bytes], bool]


def well_behaved(_back_end: "BackEnd", exchange: Exchange, frame: bytes) -> bool:
    """Send one event to one listener. Return False if the connection is broken."""
    exchange.chunk(frame)
    return True


@dataclass
class BackEnd:
    """`numbered`: with ids, positions and our own fields; otherwise with none of them."""

    server: ScriptedServer
    numbered: bool
    carry: Carry = well_behaved
    service: Service = field(init=False)
    pruned_to: int = 0  # positions up to here are pruned from the log
    down_for: int = 0  # the number of next requests whose connection is reset
    resets: int = 0  # streams that got `feed_reset` because their position is pruned

    def __post_init__(self) -> None:
        # Without attempt numbers, a job that starts over looks like a late update.
        self.service = Service(starts_over=self.numbered)
        self._changed = threading.Condition()
        self._generation = 0
        self._at = 0  # the position of the newest listener
        self._lists = 0  # the number of lists that were sent
        self.serve()

    def serve(self) -> None:
        self.server.on("/etl/jobs", self._list)
        self.server.on("/etl/jobs/stream", self._stream)

    @property
    def jobs(self) -> dict[str, Job]:
        with self._changed:
            return dict(self.service.jobs)

    def step(self, job_id: str, choice: int, *, ahead: int | None = None) -> None:
        """Let one thing happen. `ahead`: wait until the newest listener lacks fewer events."""
        with self._changed:
            if ahead is not None:
                assert self._changed.wait_for(lambda: len(self.service.log) - self._at < ahead, 60)
            self.service.step(job_id, choice)
            self._changed.notify_all()

    def record(self, event: JobUpdate | JobRemoved) -> None:
        with self._changed:
            self.service.record(event)
            self._changed.notify_all()

    def prune(self) -> None:
        """Remove all events so far from the log."""
        with self._changed:
            self.pruned_to = len(self.service.log)

    def cut_all(self) -> None:
        """End every stream, as a restart does."""
        with self._changed:
            self._generation += 1
            self._changed.notify_all()

    def restart(self, *, down_for: int) -> None:
        """End every stream, and reset the connections of the next `down_for` requests."""
        self.down_for = down_for
        self.cut_all()

    def _list(self, exchange: Exchange) -> None:
        self._may_be_down(exchange)
        with self._changed:
            jobs = [self._wire(job) for job in reversed(self.service.jobs.values())]
            position = self.service.position
        if self.numbered:
            reply(jobs, x_total_count=str(len(jobs)), x_last_event_id=position)(exchange)
        else:
            reply(jobs)(exchange)
        with self._changed:
            self._lists += 1
            self._changed.notify_all()

    def _may_be_down(self, exchange: Exchange) -> None:
        if self.down_for > 0:
            self.down_for -= 1
            exchange.reset()

    def _stream(self, exchange: Exchange) -> None:
        self._may_be_down(exchange)
        with self._changed:
            generation, at = self._generation, self._start_position(exchange)
            lists = self._lists
        exchange.begin(200, EVENT_STREAM | {"Transfer-Encoding": "chunked"})
        exchange.chunk(b":\n\n")
        if not self.numbered:
            self._wait_for_list(lists)
        if at < self.pruned_to:
            self.resets += 1
            exchange.chunk(b"event: feed_reset\ndata: {}\n\n")
            return exchange.hold()
        while self._goes_on(exchange, generation, at):
            if not self.carry(self, exchange, self._frame(at)):
                return None
            at += 1
        return None

    def _wait_for_list(self, before: int) -> None:
        """Wait for the list that a follower loads after it opened a stream without positions.

        Without it, a stream that ends in between would leave the number of arrived events unknown.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._lists > before, 10)

    def _start_position(self, exchange: Exchange) -> int:
        now = len(self.service.log)
        last_event_id = exchange.request.headers.get("last-event-id", "")
        return int(last_event_id) if last_event_id and self.numbered else now

    def _goes_on(self, exchange: Exchange, generation: int, at: int) -> bool:
        """Wait for the next event, sending heartbeats. Return False if the stream is to end."""

        def has_event() -> bool:
            return len(self.service.log) > at or self._generation != generation

        with self._changed:
            self._at = at
            self._changed.notify_all()
            while not self._changed.wait_for(has_event, 0.05) and not exchange.closing.is_set():
                exchange.chunk(b":\n\n")
            return self._generation == generation and not exchange.closing.is_set()

    def _frame(self, at: int) -> bytes:
        event = self.service.log[at]
        name, data = self._named(event) if self.numbered else self._unnamed(event)
        head = f"id: {at + 1}\n" if self.numbered else ""
        head += f"event: {name}\n" if name else ""
        return f"{head}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()

    def _named(self, event: Any) -> tuple[str, Any]:
        if isinstance(event, JobRemoved):
            return "", {"type": "job_removed", "jobId": event.job_id}
        update: JobUpdate = event
        name = "job_started" if update.whole else "job_progress"
        if update.job.status.is_final and not update.whole:
            name = f"job_{update.job.status}"
        return name, self._wire(update.job, only_set=True)

    def _unnamed(self, event: Any) -> tuple[str, Any]:
        """Return the event as older back ends send it: with the whole job in its current state."""
        if isinstance(event, JobRemoved):
            return "", {"type": "job_removed", "jobId": event.job_id}
        now = self.service.jobs.get(event.job.job_id, event.job)
        kind = "job_created" if event.whole else "job_update"
        return "", {"type": kind, "job": self._wire(now)}

    def _wire(self, job: Job, *, only_set: bool = False) -> dict[str, Any]:
        wire = job.model_dump(mode="json", by_alias=True, exclude_unset=only_set)
        if self.numbered:
            return wire
        return {name: value for name, value in wire.items() if name in ORIGINAL_FIELDS}


def serve_job(back_end: BackEnd, job_id: str) -> None:
    """Answer requests for one job with its current state."""

    def step(exchange: Exchange) -> None:
        job = back_end.jobs.get(job_id)
        answer = (
            rejection(404) if job is None else reply(job.model_dump(mode="json", by_alias=True))
        )
        answer(exchange)

    back_end.server.on(f"/etl/jobs/{job_id}", step)
