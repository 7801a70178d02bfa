"""What a claim costs: with how many jobs waiting, with and without limits, on both databases.

    python -m benchmarks.claims [CLAIMS] [ROUNDS] [WAITING …]     default: 50 3 100 10000

Beside a sign of life of a running job, the transaction that the service writes most often. A claim
is measured as a worker makes it: a look without a lock, then the transaction that writes. Half of
the waiting jobs, those in front, are of the kind that has a limit. PostgreSQL runs on this machine
and waits for its disk (fsync), as SQLite does.
"""

import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from etl_monitor.service.jobs import lifecycle, rules
from etl_monitor.service.jobs.front import next_pending
from etl_monitor.service.jobs.rules import QueueRules
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.tables import jobs, stored, tests
from tests.support.eventually import eventually
from tests.support.records import STEPS, add_test
from tests.support.servers import _accepts_queries, new_database, running_postgres

_FRONT, _BACK = "front", "back"  # kinds
_WORKER, _CLAIMED = "benchmark", "claimer"
_LIMITS = {
    "no limit": QueueRules(),
    "limits with room": QueueRules(kind_limits={_FRONT: 999}, large_bytes=10, large_jobs=999),
    "the front held back": QueueRules(kind_limits={_FRONT: 1}),
}


def main(claims: int, rounds: int, waiting: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number in waiting:
            url = sqlite_url(Path(folder) / f"{number}.sqlite")
            _measure(f"SQLite, {number} waiting", url, claims, rounds, number)
    with running_postgres() as server:
        server.kill()
        server.command = [*server.command, "-c", "fsync=on"]  # the last one counts
        server.start()
        eventually(lambda: _accepts_queries(server), within=60)
        for number in waiting:
            url = new_database(server)
            _measure(f"PostgreSQL, {number} waiting", url, claims, rounds, number)


def _measure(name: str, url: str, claims: int, rounds: int, waiting: int) -> None:
    with closing(Database(url)) as db:
        migrate.upgrade(db)
        running = _fill(db, waiting)
        for limits, queue_rules in _LIMITS.items():
            with db.writing() as tx:
                rules.store(tx, queue_rules)
            pairs = [
                (_times(claims, lambda: _beat(db, running)), _claims(db, claims))
                for _ in range(rounds)
            ]
            ratios = [statistics.median(claim) / statistics.median(beat) for beat, claim in pairs]
            beat, claim = (
                statistics.median(chain.from_iterable(times)) for times in zip(*pairs, strict=True)
            )
            middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
            print(f"{name}, {limits}: {middle:.1f} x a sign of life ({low:.1f} to {high:.1f});")
            print(f"  {claim * 1e3:.1f} ms beside {beat * 1e3:.1f} ms", flush=True)


def _fill(db: Database, waiting: int) -> str:
    """Write waiting jobs, and one that runs. Returns the id of the latter."""
    with db.writing() as tx:
        running = add_test(tx, kind=_FRONT).job_id
        assert lifecycle.claim(tx, _WORKER, STEPS) is not None
        job = add_test(tx, kind=_FRONT)
        job_row = _row(tx, jobs, jobs.c.job_id == job.job_id)
        test_row = _row(tx, tests, tests.c.test_id == job.test_id)
        for begin in range(1, waiting, 500):
            numbers = range(begin, min(begin + 500, waiting))
            kinds = [_FRONT if number < waiting // 2 else _BACK for number in numbers]
            ids = [str(uuid.uuid4()) for _ in numbers]
            pairs = list(zip(numbers, ids, kinds, strict=True))
            copies = [_of_test(test_row, *pair) for pair in pairs]
            tx.execute(insert(tests), copies)
            tx.execute(insert(jobs), [_of_job(job_row, *pair) for pair in pairs])
    return running


def _row(tx: Connection, table: Table, condition: Any) -> dict[str, Any]:
    return dict(tx.execute(select(*stored(table)).where(condition)).one()._mapping)


def _of_test(row: dict[str, Any], number: int, test_id: str, kind: str) -> dict[str, Any]:
    return row | {"test_id": test_id, "anp_seq": 10 + number, "test_kind": kind, "file_bytes": 1}


def _of_job(row: dict[str, Any], number: int, job_id: str, kind: str) -> dict[str, Any]:
    ids = {"job_id": job_id, "root_id": job_id, "test_id": job_id}
    return row | ids | {"sequence": 1_000_000 + number, "test_kind": kind}


def _claims(db: Database, count: int) -> list[float]:
    """Measure claims. Each job goes back to its place after its claim, which is not measured."""
    times = []
    for _ in range(count):
        (seconds,) = _times(1, lambda: _claim(db))
        times.append(seconds)
        with db.writing() as tx:
            query = select(jobs.c.job_id).where(jobs.c.worker == _CLAIMED)
            assert lifecycle.requeue(tx, tx.execute(query).scalar_one(), _CLAIMED)
    return times


def _claim(db: Database) -> None:
    with db.reading() as tx:
        assert next_pending(tx) is not None
    with db.writing() as tx:
        assert lifecycle.claim(tx, _CLAIMED, STEPS) is not None


def _beat(db: Database, job_id: str) -> None:
    with db.writing() as tx:
        assert lifecycle.heartbeat(tx, job_id, _WORKER)


def _times(count: int, action: Callable[[], None]) -> list[float]:
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return times


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    claims, rounds = [*numbers, *(50, 3)[len(numbers) :]][:2]
    main(claims, rounds, numbers[2:] or (100, 10_000))
