"""An ETL back end with only the calls and fields of the original product, over real HTTP.

Its jobs lack our fields, its events have no ids, positions or names. It has results, process,
cancel and retry; everything else is a 404.
"""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from etl_monitor.events import JobRemoved
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import JobStatus
from tests.support.back_end import BackEnd
from tests.support.job_events import partial, whole
from tests.support.scripted_server import Exchange, ScriptedServer, Step, rejection, reply, status

_FEED = ("/etl/jobs", "/etl/jobs/stream", "/tests/results")


class OriginalBackEnd:
    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self._back_end = BackEnd(server, numbered=False)
        self._results: list[dict[str, Any]] = []
        self._result_of: dict[str, dict[str, Any]] = {}
        self.server.on("/tests/results", self._list_results)
        self.server.on("/etl/process", self._process)

    def add_result(self, user_id: str, anp_seq: int, state: str = "completed") -> str:
        document = {"id": "d", "type": "summary", "summary": "s", "contentPreview": "p"}
        done = state == "completed"
        result = {
            "id": f"test-{user_id}-{anp_seq}",
            "userId": user_id,
            "anpSeq": anp_seq,
            "status": state,
            "completedAt": _now() if done else None,
            "documents": [document | {"createdAt": _now()}] if done else [],
        }
        self._results.append(result)
        return str(result["id"])

    def begin(self) -> str:
        """Create a pending job; return its id."""
        job_id = str(uuid.uuid4())
        self.server.on(f"/etl/jobs/{job_id}/cancel", self._cancel(job_id))
        self.server.on(f"/etl/jobs/{job_id}/retry", self._retry(job_id))
        self._back_end.record(whole(job_id, created_at=_now(), updated_at=_now()))
        return job_id

    def go_on(self, job_id: str, progress: int, step: str = "채점 중") -> None:
        self._update(job_id, status="running", progress=progress, current_step=step)

    def end(self, job_id: str, state: JobStatus, message: str | None = None) -> None:
        result = self._result_of.get(job_id)
        if result is not None:
            ended_well = state is JobStatus.COMPLETED
            result |= {"status": "completed" if ended_well else "failed", "completedAt": _now()}
        self._update(job_id, status=state, error_message=message)

    def remove(self, job_id: str) -> None:
        self._back_end.record(JobRemoved(job_id=job_id))

    def go_away(self) -> None:
        """End every stream, and answer 503 to everything until `come_back`."""
        for path in _FEED:
            self.server.on(path, status(503))
        self._back_end.cut_all()

    def come_back(self) -> None:
        self._back_end.serve()
        self.server.on("/tests/results", self._list_results)

    def request_bodies(self, path: str) -> list[Any]:
        """Return the bodies of the requests to this path so far."""
        return [json.loads(request.body or b"null") for request in self.server.seen(path)]

    def _update(self, job_id: str, **fields: Any) -> None:
        self._back_end.record(partial(job_id, updated_at=_now(), **fields))

    def _list_results(self, exchange: Exchange) -> None:
        reply(self._results)(exchange)

    def _process(self, exchange: Exchange) -> None:
        body = json.loads(exchange.request.body)
        key = (body["userId"], body["anpSeq"])
        result = next(r for r in self._results if (r["userId"], r["anpSeq"]) == key)
        if result["status"] == "processing":
            rejection(409, "test_already_processing", "Already.")(exchange)
            return
        result["status"] = "processing"
        job_id = self.begin()
        self._result_of[job_id] = result
        reply({"jobId": job_id, "status": "pending", "message": "queued"}, code=202)(exchange)

    def _cancel(self, job_id: str) -> Step:
        def step(exchange: Exchange) -> None:
            reply({"message": "cancelled"}, code=202)(exchange)
            self.end(job_id, JobStatus.CANCELLED)

        return step

    def _retry(self, job_id: str) -> Step:
        def step(exchange: Exchange) -> None:
            answer = {"jobId": self.begin(), "status": "pending", "message": "queued"}
            reply(answer, code=202)(exchange)

        return step


def _now() -> str:
    return iso(datetime.now(UTC))
