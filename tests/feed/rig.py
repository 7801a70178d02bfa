"""A follower of a scripted server, with its store."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from etl_monitor.client import EtlClient
from etl_monitor.feed.follower import Follower
from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot
from tests.support.scripted_server import reply

LIST, STREAM = "/etl/jobs", "/etl/jobs/stream"
TIMEOUT = 60.0  # seconds, on a busy machine
JOB = {"jobId": "a", "status": "running", "progress": 10}
RUNNING_A = reply([JOB], x_last_event_id="5", x_total_count="1")
BEAT = b": still here\n\n"


def progress(position: int, percent: int, job_id: str = "a") -> bytes:
    data = f'{{"jobId": "{job_id}", "progress": {percent}}}'
    return f"id: {position}\nevent: job_progress\ndata: {data}\n\n".encode()


class Rig:
    """A follower of a server, with its store. Delays are short and without jitter."""

    def __init__(self, address: str, **settings: Any) -> None:
        settings = {"reconnect_interval": 0.02, "silence": TIMEOUT, **settings}
        self.store = JobStore()
        timeout = (settings.pop("connects_within", 2), 2)
        self.client = EtlClient(address, "s3cret", timeout=timeout)
        self.follower = Follower(self.client, self.store, random=lambda: 0.5, **settings)
        self.history: list[Snapshot] = []
        self.store.subscribe(lambda: self.history.append(self.store.snapshot()))

    def until(self, predicate: Callable[[Snapshot], bool]) -> Snapshot:
        assert self.follower.wait_until(predicate, TIMEOUT), self.store.snapshot()
        return self.store.snapshot()

    def until_live(self) -> Snapshot:
        return self.until(lambda seen: seen.connection.is_live)

    def until_given_up(self) -> Snapshot:
        return self.until(lambda seen: seen.connection.state is ConnectionState.DISCONNECTED)

    def until_progress(self, percent: int, job_id: str = "a") -> Snapshot:
        return self.until(
            lambda seen: job_id in seen.jobs and seen.jobs[job_id].progress == percent
        )

    def until_reason(self, reason: str) -> Snapshot:
        return self.until(lambda _: reason in [s.connection.reason for s in self.history])

    def close(self) -> None:
        assert self.follower.stop()
        self.client.close()


Follow = Callable[..., Rig]


def wait_for(predicate: Callable[[], bool]) -> None:
    """Poll: for changes that the store does not notify of."""
    waiting = threading.Event()
    for _ in range(int(TIMEOUT / 0.01)):
        if predicate():
            return
        waiting.wait(0.01)
    pytest.fail("it did not happen")
