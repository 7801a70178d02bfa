"""How many jobs a minute run: on the service's own workers, and on 1, 2 and 4 Celery workers.

    python -m benchmarks.engines [JOBS] [ROUNDS]      of each measurement; default: 60 3

A worker has one process. The jobs are of a pipeline of three steps that does next to nothing, so
that the time is that of claim, progress, publication and hints. Redis is the broker and PostgreSQL
the database, which waits for its disk; the local engine is measured on the same server. All jobs
are added in one transaction while the workers are idle. The time is that from the first start of a
job to the last end.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import func as sql
from sqlalchemy import select

from etl_monitor.service.results import registration
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.job import JobStatus
from tests.support.eventually import eventually
from tests.support.installation import WORKER_ARGUMENTS, Installation
from tests.support.scripted import KIND, Script
from tests.support.servers import (
    Server,
    _accepts_queries,
    new_database,
    running_postgres,
    running_redis,
)

_WORKERS = (1, 2, 4)
_WITHIN = 600.0  # seconds


def main(count: int, rounds: int) -> None:
    with running_postgres() as postgres, running_redis() as redis:
        postgres.kill()
        postgres.command = [*postgres.command, "-c", "fsync=on"]  # the last one counts
        postgres.start()
        eventually(lambda: _accepts_queries(postgres), within=60)
        for workers in _WORKERS:
            pairs = [
                (_rate(postgres, None, workers, count), _rate(postgres, redis, workers, count))
                for _ in range(rounds)
            ]
            _print(workers, pairs)


def _print(workers: int, pairs: Sequence[tuple[float, float]]) -> None:
    ratios = [remote / local for local, remote in pairs]
    local, remote = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    print(f"{workers} workers: Celery runs {middle:.2f} x as many ({low:.2f} to {high:.2f}),")
    print(f"  {remote:.0f} jobs a minute beside {local:.0f} on the local engine", flush=True)


def _rate(postgres: Server, redis: Server | None, workers: int, count: int) -> float:
    """Return the jobs a minute."""
    url = new_database(postgres)
    setting = {"ETL_MONITOR_DATABASE_URL": url, "ETL_MONITOR_WORKERS": str(workers)}
    setting |= {"ETL_MONITOR_KIND_LIMITS": "", "ETL_MONITOR_LARGE_FILE_MB": ""}
    if redis is not None:
        setting["ETL_MONITOR_WORKERS"] = "1"
        setting["ETL_MONITOR_BROKER_URL"] = f"redis://127.0.0.1:{redis.port}/0"
    with tempfile.TemporaryDirectory() as folder, closing(Database(url)) as db:
        installation = Installation(Path(folder), setting)
        with installation, _more_workers(installation, workers - 1 if redis else 0):
            eventually(lambda: _has_workers(installation, workers), within=_WITHIN, every=0.2)
            _add(db, installation, count)
            eventually(lambda: _are_completed(db, count), within=_WITHIN, every=0.1)
        return count / _seconds(db) * 60


@contextmanager
def _more_workers(installation: Installation, count: int) -> Iterator[None]:
    with ExitStack() as open_workers:
        for number in range(count):
            name = f"--hostname=benchmark{number}@localhost"
            worker = installation.celery(*WORKER_ARGUMENTS, name)
            open_workers.callback(worker.wait)
            open_workers.callback(worker.terminate)
        yield


def _has_workers(installation: Installation, count: int) -> None:
    assert sum(worker["alive"] for worker in installation.workers()) == count


def _add(db: Database, installation: Installation, count: int) -> None:
    """Add the jobs in one transaction, so that they are there at once."""
    uploads = installation.service.data_dir / "uploads"
    (uploads / "script.json").write_bytes(Script(rows=10).file())
    with db.writing() as tx:
        for _ in range(count):
            test = registration.NewTest(
                user_id="benchmark",
                title="t",
                test_kind=KIND,
                file_name="a",
                source="script.json",
            )
            registration.register_test(tx, test, requested_by="benchmark", step_count=3)


def _are_completed(db: Database, count: int) -> None:
    completed = select(sql.count()).where(jobs.c.status == JobStatus.COMPLETED)
    with db.reading() as tx:
        assert tx.execute(completed).scalar_one() == count


def _seconds(db: Database) -> float:
    """Return the time from the first start of a job to the last end."""
    with db.reading() as tx:
        first, last = tx.execute(
            select(sql.min(jobs.c.started_at), sql.max(jobs.c.finished_at))
        ).one()
    return float((last - first).total_seconds())


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*[*numbers, *(60, 3)[len(numbers) :]])
