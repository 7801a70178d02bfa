"""Two ETL back ends for tests, over real HTTP: one that numbers its events, and one that knows only
what the original product knew. Both may be made to behave badly."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from etl_monitor.events import JobRemoved, JobUpdate
from etl_monitor.wire.job import Job
from tests.support.job_events import Service
from tests.support.scripted_server import EVENT_STREAM, Exchange, ScriptedServer, refusal, reply

ORIGINAL_FIELDS = frozenset(
    {"jobId", "status", "progress", "currentStep", "estimatedCompletion", "errorMessage"}
    | {"createdAt", "updatedAt"}
)


Carry = Callable[["BackEnd", Exchange, bytes], bool]


def well_behaved(_back_end: "BackEnd", exchange: Exchange, frame: bytes) -> bool:
    """How one event gets to one listener. False: the line is broken."""
    exchange.chunk(frame)
    return True


@dataclass
class BackEnd:
    """`numbered`: with ids, positions and our own fields; else without any of them."""

    server: ScriptedServer
    numbered: bool
    carry: Carry = well_behaved
    service: Service = field(init=False)
    kept_from: int = 0  # positions up to here are pruned from the log
    down_for: int = 0  # so many requests find nobody
    resets: int = 0  # streams that were told that their place is pruned

    def __post_init__(self) -> None:
        # Whoever has no attempts could not tell a job that starts over from late news.
        self.service = Service(starts_over=self.numbered)
        self._changed = threading.Condition()
        self._generation = 0
        self._at = 0  # where the newest listener is
        self._lists = 0  # that were given out
        self.serve()

    def serve(self) -> None:
        self.server.on("/etl/jobs", self._list)
        self.server.on("/etl/jobs/stream", self._stream)

    @property
    def jobs(self) -> dict[str, Job]:
        with self._changed:
            return dict(self.service.jobs)

    def step(self, job_id: str, choice: int, *, ahead: int | None = None) -> None:
        """Let one thing happen. `ahead`: once some listener has all but so many events."""
        with self._changed:
            if ahead is not None:
                assert self._changed.wait_for(lambda: len(self.service.log) - self._at < ahead, 60)
            self.service.step(job_id, choice)
            self._changed.notify_all()

    def tell(self, event: JobUpdate | JobRemoved) -> None:
        with self._changed:
            self.service.record(event)
            self._changed.notify_all()

    def prune(self) -> None:
        """Forget the log up to now."""
        with self._changed:
            self.kept_from = len(self.service.log)

    def cut_all(self) -> None:
        """Break every stream, as a restart does."""
        with self._changed:
            self._generation += 1
            self._changed.notify_all()

    def restart(self, *, down_for: int) -> None:
        """Break every stream; the next requests find nobody."""
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
            generation, at = self._generation, self._asked(exchange)
            lists = self._lists
        exchange.begin(200, EVENT_STREAM | {"Transfer-Encoding": "chunked"})
        exchange.chunk(b":\n\n")
        if not self.numbered:
            self._wait_for_list(lists)
        if at < self.kept_from:
            self.resets += 1
            exchange.chunk(b"event: feed_reset\ndata: {}\n\n")
            return exchange.hold()
        while self._goes_on(exchange, generation, at):
            if not self.carry(self, exchange, self._frame(at)):
                return None
            at += 1
        return None

    def _wait_for_list(self, before: int) -> None:
        """Whoever has no numbers takes the list next. Where we waited with nothing, a break in the
        meantime would leave it open how many events arrived."""
        with self._changed:
            self._changed.wait_for(lambda: self._lists > before, 10)

    def _asked(self, exchange: Exchange) -> int:
        now = len(self.service.log)
        asked = exchange.request.headers.get("last-event-id", "")
        return int(asked) if asked and self.numbered else now

    def _goes_on(self, exchange: Exchange, generation: int, at: int) -> bool:
        """Wait for the next event; until then there are heartbeats."""

        def has_news() -> bool:
            return len(self.service.log) > at or self._generation != generation

        with self._changed:
            self._at = at
            self._changed.notify_all()
            while not self._changed.wait_for(has_news, 0.05) and not exchange.closing.is_set():
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
        told: JobUpdate = event
        name = "job_started" if told.whole else "job_progress"
        if told.job.status.is_final and not told.whole:
            name = f"job_{told.job.status}"
        return name, self._wire(told.job, told=True)

    def _unnamed(self, event: Any) -> tuple[str, Any]:
        """As older back ends do: the whole job, as it is by now."""
        if isinstance(event, JobRemoved):
            return "", {"type": "job_removed", "jobId": event.job_id}
        now = self.service.jobs.get(event.job.job_id, event.job)
        kind = "job_created" if event.whole else "job_update"
        return "", {"type": kind, "job": self._wire(now)}

    def _wire(self, job: Job, *, told: bool = False) -> dict[str, Any]:
        wire = job.model_dump(mode="json", by_alias=True, exclude_unset=told)
        if self.numbered:
            return wire
        return {name: value for name, value in wire.items() if name in ORIGINAL_FIELDS}


def serve_job(back_end: BackEnd, job_id: str) -> None:
    """Answer for one job by itself, as it is when asked."""

    def step(exchange: Exchange) -> None:
        job = back_end.jobs.get(job_id)
        answer = refusal(404) if job is None else reply(job.model_dump(mode="json", by_alias=True))
        answer(exchange)

    back_end.server.on(f"/etl/jobs/{job_id}", step)
