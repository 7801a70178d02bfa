"""A service that is slow with one job's details: the page's updates do not wait for it."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from etl_monitor.wire.job import JobDetail
from tests.support import factories
from tests.support.eventually import eventually
from tests.support.factories import JOB
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.portal_session import next_message, open_session
from tests.support.scripted_server import HOLD, Exchange, ScriptedServer, Step, reply, stream

OTHER = "0d1e2f3a-other"
DETAILS = f"/etl/jobs/{JOB}"
OPEN = f"etl-linked-job\n{JOB}"  # the view of the open job, within the one that opened it


@dataclass(frozen=True)
class Gates:
    """What the service waits for: before the event that starts the job, before another job's
    progress, and before the details of the started job."""

    starts: threading.Event = field(default_factory=threading.Event)
    progress: threading.Event = field(default_factory=threading.Event)
    details: threading.Event = field(default_factory=threading.Event)


def details(file_name: str, gate: threading.Event | None = None) -> Step:
    job = factories.running().model_dump() | {"file_name": file_name}
    data = JobDetail.model_validate(job).model_dump(mode="json", by_alias=True)
    body = json.dumps({"success": True, "data": data}).encode()

    def step(exchange: Exchange) -> None:
        exchange.begin(200, {"Transfer-Encoding": "chunked"})
        while gate is not None and not gate.wait(1.0) and not exchange.closing.is_set():
            exchange.chunk(b" ")  # of a silent service the portal would ask again
        exchange.chunk(body)
        exchange.chunk(b"")

    return step


def event(position: int, job_id: str, **fields: object) -> bytes:
    data = {"jobId": job_id, "updatedAt": "2030-01-01T00:00:00Z"} | fields
    return f"id: {position}\nevent: job_progress\ndata: {json.dumps(data)}\n\n".encode()


@pytest.fixture
def gates() -> Gates:
    return Gates()


@pytest.fixture
def server(gates: Gates) -> Iterator[ScriptedServer]:
    jobs = [factories.pending(), factories.running(job_id=OTHER, test_id="test-2")]
    listed = [job.model_dump(mode="json", by_alias=True) for job in jobs]
    starts, progress = event(2, JOB, status="running"), event(3, OTHER, progress=77)
    with ScriptedServer() as server:
        server.on("/etl/jobs", reply(listed, x_last_event_id="1", x_total_count="2"))
        server.on(
            "/etl/jobs/stream",
            stream(b":\n\n", gates.starts, starts, gates.progress, progress, HOLD),
        )
        server.on("/etl/jobs/counts", reply({"running": 2}))
        server.on("/test-kinds", reply([]))
        server.on(DETAILS, details("first"), details("late", gates.details))
        yield server


@pytest.fixture
def portal(server: ScriptedServer, tmp_path: Path) -> Iterator[PortalProcess]:
    with running_portal(tmp_path, environment={"ETL_MONITOR_API_URL": server.address}) as portal:
        yield portal


def updates(page: ClientConnection) -> Iterator[dict[str, Any]]:
    """What the bus sends to the views of the page, in order."""
    while True:
        payload = next_message(page).delta.new_element.bidi_component.json
        frame = json.loads(payload) if payload else {}
        if "updates" in frame:
            yield frame["updates"]


def contains(update: dict[str, Any], view: str, *texts: str) -> bool:
    """Whether this view has all of these texts in one of its changes, or in the whole, which a page
    gets that is too far behind."""
    news = update.get(view, {})
    parts = [patch for _, patch in news.get("changes", [])] + [news.get("whole")]
    return any(all(text in json.dumps(part) for text in texts) for part in parts)


def test_another_jobs_progress_does_not_wait_for_slow_details(
    portal: PortalProcess, server: ScriptedServer, gates: Gates
) -> None:
    with open_session(portal.url, f"lang=en&job={JOB}") as page:
        gates.starts.set()  # so the details are requested again

        def is_requested() -> None:
            assert len(server.seen(DETAILS)) == 2

        eventually(is_requested)
        gates.progress.set()
        coming = updates(page)
        next(
            update for update in coming if contains(update, "etl-monitor", OTHER, '"progress": 77')
        )
        gates.details.set()
        next(update for update in coming if contains(update, OPEN, '"File", "late"'))
        assert len(server.seen(DETAILS)) == 2, "the reply that it did not wait for"
