"""What a job takes in the portal's memory, and what an event costs beside `json.loads` alone.

    python -m benchmarks.store_memory [JOBS]

Both loops run in turn over the same texts; the ratio is what counts, not the microseconds.
"""

import gc
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from etl_monitor import events
from etl_monitor.sse import ServerSentEvent
from etl_monitor.store.job_store import JobStore
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.reading import RecordReader

_ROUNDS = 5
_EVENTS = 10_000


def main(jobs: int = 5_000) -> None:
    reader, store = RecordReader(), JobStore(active_limit=jobs)
    texts = [_job(n) for n in range(jobs)]
    tracemalloc.start()
    store.replace(_read(texts, reader), "")
    alone = _bytes_in_use()
    store.apply(events.parse(ServerSentEvent("job_progress", _update(0, 0)), reader))
    seen = store.snapshot()
    orders = (seen.running, seen.finished, seen.counts, seen.active_by_test, seen.latest_by_test)
    shown = _bytes_in_use()
    print(f"{alone / jobs:,.0f} bytes a job, {jobs:,} jobs; with a snapshot and its", end=" ")
    print(f"{len(orders)} orders and counts {shown / jobs:,.0f}")
    tracemalloc.stop()
    ours, bare = [], []
    for round_number in range(_ROUNDS):
        updates = [_update(n, round_number) for n in range(_EVENTS)]
        ours.append(_seconds(lambda text: _apply(text, reader, store), updates))
        bare.append(_seconds(json.loads, updates))
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    print(f"an event: {statistics.median(ours) / _EVENTS * 1e6:.1f} µs, {ratio:.1f} x json.loads")


def _bytes_in_use() -> int:
    gc.collect()  # Python keeps thousands of freed tuples for the next ones
    return tracemalloc.get_traced_memory()[0]


def _job(n: int) -> str:
    job = Job(
        job_id=f"4f2a9c11-0000-4000-8000-{n:012d}",
        status=JobStatus.RUNNING,
        progress=1,
        current_step="score",
        title=f"Test {n}",
        test_id=f"t{n}",
        user_id="kim",
        test_kind="big_five_50",
        worker="worker-1",
        created_at=datetime.now(UTC),
        updated_at=datetime.now(UTC),
        started_at=datetime.now(UTC),
        heartbeat_at=datetime.now(UTC),
        rows_done=40_000,
        rows_total=100_000,
    )
    return job.model_dump_json(by_alias=True)


def _update(n: int, round_number: int) -> str:
    fields: dict[str, Any] = {"jobId": f"4f2a9c11-0000-4000-8000-{n % 1000:012d}"}
    fields |= {"progress": 2 + n // 1000 + 10 * round_number, "rowsDone": n, "rowsTotal": 100_000}
    return json.dumps(fields | {"currentStep": "score", "updatedAt": "2026-11-27T10:00:00.123Z"})


def _read(texts: Iterable[str], reader: RecordReader) -> Iterable[Job]:
    for text in texts:
        job = reader.record(Job, json.loads(text))
        assert job is not None
        yield job


def _apply(text: str, reader: RecordReader, store: JobStore) -> None:
    store.apply(events.parse(ServerSentEvent("job_progress", text), reader))


def _seconds(call: Callable[[str], object], texts: Iterable[str]) -> float:
    started = time.process_time()
    for text in texts:
        call(text)
    return time.process_time() - started


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
