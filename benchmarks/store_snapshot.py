"""What a snapshot of the store costs after one job changed, by the number of jobs.

    python -m benchmarks.store_snapshot

Measured with the change itself (progress of a job, or its end), orders, counts and the first 25
jobs of both lists. The sizes take turns; the ratio to the smallest is what counts.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice

from etl_monitor.events import JobUpdate
from etl_monitor.store.job_store import JobStore
from etl_monitor.wire.job import Job, JobStatus

_SIZES = (1_000, 10_000, 100_000)
_ROUNDS = 15
_ROWS = 25
_START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    stores = {size: _store(size) for size in _SIZES}
    firsts = {size: _seconds(_read, store) for size, store in stores.items()}
    print("first:", ", ".join(f"{size:,}: {at * 1e3:.0f} ms" for size, at in firsts.items()))
    for name, change in (("progress", _progress), ("an end", _end)):
        times_of: dict[int, list[float]] = {size: [] for size in _SIZES}
        for number in range(_ROUNDS):
            for size, store in stores.items():
                times_of[size].append(_seconds(change, store, number) + _seconds(_read, store))
        _print(name, times_of)


def _print(name: str, times_of: dict[int, list[float]]) -> None:
    smallest = statistics.median(times_of[_SIZES[0]])
    for size, times in times_of.items():
        middle = statistics.median(times)
        spread = f"{min(times) * 1e3:.2f} to {max(times) * 1e3:.2f}"
        ratio = f"{middle / smallest:5.1f} x the smallest"
        print(f"{name}, {size:>7,} jobs: {middle * 1e3:6.2f} ms ({spread}), {ratio}")


def _progress(store: JobStore, number: int) -> None:
    changes = {"progress": 2 + number}
    store.apply(JobUpdate(job_id=f"{number:036}", changes=changes, whole=False))


def _end(store: JobStore, number: int) -> None:
    at = _START + timedelta(days=9, seconds=number)
    changes = {"status": JobStatus.COMPLETED, "finished_at": at}
    store.apply(JobUpdate(job_id=f"{number:036}", changes=changes, whole=False))


def _store(size: int) -> JobStore:
    store = JobStore(active_limit=size, bytes_limit=1_000_000_000)
    store.replace(_job(number) for number in range(size))
    return store


def _job(number: int) -> Job:
    return Job.of_fields(
        {
            "job_id": f"{number:036}",
            "status": JobStatus.RUNNING,
            "test_id": f"t{number}",
            "created_at": _START + timedelta(seconds=number),
        }
    )


def _read(store: JobStore) -> None:
    seen = store.snapshot()
    for jobs in (seen.running, seen.finished):
        for job in islice(jobs, _ROWS):
            seen.latest_by_test.get(job.test_id or "")
    for _ in (seen.counts, seen.active_by_test, len(seen.running), len(seen.finished)):
        pass


def _seconds(call: Callable[..., object], *arguments: object) -> float:
    started = time.process_time()
    call(*arguments)
    return time.process_time() - started


if __name__ == "__main__":
    main()
