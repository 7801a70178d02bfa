"""How fast the follower takes the feed's bytes into the store, beside sseclient-py and `json.loads`
alone, which keep nothing.

    python -m benchmarks.follower [EVENTS]

Both read the same `job_progress` events of 1,000 jobs in pieces of 64 KiB, in turn in one process.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sseclient import SSEClient

from etl_monitor.client import EtlClient
from etl_monitor.feed.connection import FeedConnection
from etl_monitor.feed.metrics import FeedMetrics
from etl_monitor.feed.synchronizer import FeedSynchronizer
from etl_monitor.store.job_store import JobStore
from etl_monitor.wire.job import Job, JobStatus

_JOBS = 1000
_PIECE = 65_536  # bytes
_ROUNDS = 7
_START = datetime(2026, 11, 27, 10, tzinfo=UTC)


class _Bytes:
    """Stands for a connection that has received the stream."""

    def __init__(self, stream: bytes) -> None:
        self._stream = stream

    def chunks(self) -> Iterator[bytes]:
        return _pieces(self._stream)


def main(events: int = 200_000) -> None:
    stream = b"".join(_event(n, events) for n in range(events))
    rounds = [(_bare(stream), _ours(stream, events)) for _ in range(_ROUNDS)]
    ratios = [bare / ours for bare, ours in rounds]
    bare, ours = (statistics.median(times) / events * 1e6 for times in zip(*rounds, strict=True))
    print(f"an event: {bare:.1f} µs of CPU with sseclient-py + json.loads, {ours:.1f} µs with ours")
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    print(f"rate of ours / rate of bare: {middle:.2f} ({low:.2f} to {high:.2f})")


def _bare(stream: bytes) -> float:
    def read() -> None:
        for event in SSEClient(_pieces(stream)).events():
            json.loads(event.data)

    return _seconds(read)


def _ours(stream: bytes, events: int) -> float:
    store = JobStore()
    store.replace((_job(n) for n in range(_JOBS)), "0")
    synchronizer = FeedSynchronizer(
        EtlClient("http://127.0.0.1:1", "token"),
        store,
        silence=45,
        max_block=8 * 1_048_576,
        metrics=FeedMetrics(),
        clock=lambda: datetime.now(UTC),
        is_active=lambda: True,
        on_live=lambda: None,
    )
    received = cast(FeedConnection, _Bytes(stream))
    seconds = _seconds(lambda: synchronizer._read(received))
    assert store.position == str(events)
    return seconds


def _job(number: int) -> Job:
    return Job(
        job_id=_job_id(number),
        status=JobStatus.RUNNING,
        test_id=f"t{number}",
        title=f"Test {number}",
        created_at=_START,
    )


def _event(number: int, events: int) -> bytes:
    fields: dict[str, Any] = {
        "jobId": _job_id(number % _JOBS),
        "progress": 100 * number // events,
        "currentStep": "score",
        "updatedAt": (_START + timedelta(milliseconds=number)).isoformat(timespec="milliseconds"),
        "rowsDone": number,
        "rowsTotal": 100_000,
        "stepIndex": 3,
        "stepCount": 5,
    }
    return b"id: %d\nevent: job_progress\ndata: %b\n\n" % (number + 1, json.dumps(fields).encode())


def _job_id(number: int) -> str:
    return f"4f2a9c11-0000-4000-8000-{number:012d}"


def _pieces(stream: bytes) -> Iterator[bytes]:
    return (stream[at : at + _PIECE] for at in range(0, len(stream), _PIECE))


def _seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
