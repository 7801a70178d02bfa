"""What a snapshot of the store costs after one job changed, by the number of jobs.

    python -m benchmarks.store_snapshot

Measured with its orders and counts. The sizes take turns; the ratio to the smallest is
what counts. The first one, and each after a job came, ended or left, sorts all jobs.
"""

import statistics
import time
from datetime import UTC, datetime, timedelta

from etl_monitor.events import JobUpdate
from etl_monitor.store.job_store import JobStore
from etl_monitor.wire.job import Job, JobStatus

_SIZES = (1_000, 10_000, 100_000)
_ROUNDS = 15
_START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    stores = {size: _store(size) for size in _SIZES}
    firsts = {size: _read(store) for size, store in stores.items()}
    times_of: dict[int, list[float]] = {size: [] for size in _SIZES}
    for number in range(_ROUNDS):
        for size, store in stores.items():
            changes = {"progress": 2 + number}
            store.apply(JobUpdate(job_id=f"{number:036}", changes=changes, whole=False))
            times_of[size].append(_read(store))
    smallest = statistics.median(times_of[_SIZES[0]])
    for size, times in times_of.items():
        middle = statistics.median(times)
        spread = f"{min(times) * 1e3:.2f} to {max(times) * 1e3:.2f}"
        print(
            f"{size:>7,} jobs: {middle * 1e3:6.2f} ms ({spread}), {middle / smallest:5.1f} x the "
            f"smallest; the first {firsts[size] * 1e3:.0f} ms"
        )


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


def _read(store: JobStore) -> float:
    started = time.process_time()
    seen = store.snapshot()
    for _ in (seen.running, seen.finished, seen.counts, seen.active_by_test, seen.latest_by_test):
        pass
    return time.process_time() - started


if __name__ == "__main__":
    main()
