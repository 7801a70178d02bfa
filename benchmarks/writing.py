"""How fast the service writes a job's change with its event on SQLite, beside a bare `sqlite3` loop
with the same two rows a transaction and the same durability.

    python -m benchmarks.writing [SECONDS] [ROUNDS]      of each measurement; default: 3 5

With one writer and with four, each in a process of its own, as workers are. Ours and the bare loop
take turns on one database.
"""

import json
import multiprocessing
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.pool import Pool
from pathlib import Path

from sqlalchemy import select, update

from benchmarks.list_data import fill
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.job import JobStatus

_WORKER = "benchmark"
_JOBS = 1000


@dataclass(frozen=True)
class Rate:
    """Of the transactions of one or more writers."""

    transactions: int
    cpu: float  # seconds that the writers took
    longest: float  # seconds of one transaction, from its first wait for the lock


def main(seconds: float, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "etl.db"
        job_ids = _running_jobs(path)
        for writers in (1, 4):
            ids = (job_ids * writers)[:writers]
            with multiprocessing.get_context("spawn").Pool(writers) as pool:
                rates = [
                    (_rate(pool, _bare, path, ids, seconds), _rate(pool, _ours, path, ids, seconds))
                    for _ in range(rounds)
                ]
            _print(writers, rates)


def _print(writers: int, rounds: list[tuple[Rate, Rate]]) -> None:
    ratios = [ours.transactions / bare.transactions for bare, ours in rounds]
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    print(f"{writers} writers: {middle:.2f} x the rate of bare ({low:.2f} to {high:.2f})")
    for name, rates in zip(("bare", "ours"), zip(*rounds, strict=True), strict=True):
        number = sum(rate.transactions for rate in rates)
        cpu = sum(rate.cpu for rate in rates) / number
        longest = max(rate.longest for rate in rates)
        print(f"  {name}: {cpu * 1e3:.2f} ms of CPU each, the longest {longest * 1e3:.0f} ms")


Loop = Callable[[Path, str, float], Rate]


def _rate(pool: Pool, loop: Loop, path: Path, job_ids: list[str], seconds: float) -> Rate:
    rates = pool.starmap(loop, [(path, job_id, seconds) for job_id in job_ids], chunksize=1)
    return Rate(
        sum(rate.transactions for rate in rates),
        sum(rate.cpu for rate in rates),
        max(rate.longest for rate in rates),
    )


def _ours(path: Path, job_id: str, seconds: float) -> Rate:
    with closing(Database(sqlite_url(path))) as db:

        def write() -> None:
            with db.writing() as tx:
                assert lifecycle.heartbeat(tx, job_id, _WORKER)

        return _repeated(write, seconds)


def _bare(path: Path, job_id: str, seconds: float) -> Rate:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as db:
        for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            db.execute(f"PRAGMA {setting}")

        def write() -> None:
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            db.execute("BEGIN IMMEDIATE")
            db.execute(
                "UPDATE jobs SET heartbeat_at = ?, updated_at = ? WHERE job_id = ?",
                (at, at, job_id),
            )
            data = json.dumps({"jobId": job_id, "heartbeatAt": at, "updatedAt": at})
            db.execute(
                "INSERT INTO events (position, name, data, job_id, at)"
                " VALUES ((SELECT coalesce(max(position), 1000) + 1 FROM events),"
                " 'job_progress', ?, ?, ?)",
                (data, job_id, at),
            )
            db.execute("COMMIT")

        with _numbered(db):
            return _repeated(write, seconds)


@contextmanager
def _numbered(db: sqlite3.Connection) -> Iterator[None]:
    """Leave the counter of the events where ours goes on."""
    yield
    db.execute("UPDATE event_counter SET position = (SELECT max(position) FROM events)")


def _repeated(write: Callable[[], None], seconds: float) -> Rate:
    write()  # prepares its statements
    number, longest, cpu, end = 0, 0.0, time.process_time(), time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        write()
        longest = max(longest, time.monotonic() - began)
        number += 1
    return Rate(number, time.process_time() - cpu, longest)


def _running_jobs(path: Path) -> list[str]:
    with closing(Database(sqlite_url(path))) as db:
        fill(db, _JOBS)
        with db.writing() as tx:
            ids = tx.execute(
                select(jobs.c.job_id).where(jobs.c.status == JobStatus.RUNNING).limit(4)
            )
            found = list(ids.scalars())
            tx.execute(update(jobs).where(jobs.c.job_id.in_(found)).values(worker=_WORKER))
    return found


if __name__ == "__main__":
    main(float((sys.argv[1:] or ["3"])[0]), int((sys.argv[2:] or ["5"])[0]))
