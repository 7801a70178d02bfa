"""Tests come and go: a new one with its first job, and the end of one with all of its own."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update

from etl_monitor.service import errors
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import Folders, remove, scores_name
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import documents, numbers, tests
from etl_monitor.service.storage.tables import jobs as jobs_table
from etl_monitor.service.storage.tables import results as results_table
from etl_monitor.wire.job import Job


@dataclass(frozen=True, kw_only=True)
class NewTest:
    user_id: str
    title: str
    test_kind: str
    file_name: str  # as the person called it
    source: str  # our own name in the uploads folder
    sample_key: str | None = None


def register_test(tx: Connection, new: NewTest, *, requested_by: str, step_count: int) -> Job:
    """A test with its first job, which waits for a worker."""
    test_id = str(uuid.uuid4())
    number = _next_number(tx, new.user_id)
    row = asdict(new) | {"test_id": test_id, "anp_seq": number, "created_at": now()}
    tx.execute(insert(tests).values(**row))
    test = result_queries.test_row(tx, test_id)
    return lifecycle.create(tx, test, requested_by=requested_by, step_count=step_count)


def delete_test(tx: Connection, test_id: str) -> Sequence[Path]:
    """Forget a test, its jobs and results. Raises Conflict while it is being processed. Returns
    its files, as names below the data directory, to be removed once this is committed."""
    active = job_queries.active_of_test(tx, test_id)
    if active is not None:
        raise errors.TestIsProcessing(test_id=active.test_id, job_id=active.job_id)
    return _forget(tx, test_id)


def delete_samples(tx: Connection) -> tuple[int, Sequence[Path]]:
    """Forget all sample tests, also those that are being processed. Returns how many there were,
    and their files."""
    query = select(tests.c.test_id).where(tests.c.sample_key.is_not(None))
    ids = tx.execute(query).scalars().all()
    return len(ids), [path for test_id in ids for path in _forget(tx, test_id)]


def remove_files(folders: Folders, files: Sequence[Path]) -> None:
    for path in files:
        remove(folders.root / path)


def remove_orphans(db: Database, folders: Folders) -> int:
    """What jobs left behind that are neither running nor a test's results; how many there were.
    The files are listed first: what comes after that has its record already when that is read."""
    found = folders.job_files()
    with db.reading() as tx:
        known = referenced_files(tx)[1]
        running = [job.job_id for job in job_queries.running(tx)]
    known.update(running, map(scores_name, running))
    orphans = [path for path in found if path.name not in known]
    for path in orphans:
        remove(path)
    return len(orphans)


def referenced_files(tx: Connection) -> tuple[set[str], set[str]]:
    """Names in the uploads folder and in the results folder."""
    scores = select(results_table.c.scores).where(results_table.c.scores.is_not(None))
    uploads = tx.execute(select(tests.c.source)).scalars()
    return set(uploads), {str(name) for name in tx.execute(scores).scalars()}


def _next_number(tx: Connection, user_id: str) -> int:
    """Counts on also where the test with the last number was deleted."""
    own = numbers.c.user_id == user_id
    counted = update(numbers).where(own).values(last=numbers.c.last + 1).returning(numbers.c.last)
    number = tx.execute(counted).scalar_one_or_none()
    if number is None:
        number = 1
        tx.execute(insert(numbers).values(user_id=user_id, last=number))
    return int(number)


def _forget(tx: Connection, test_id: str) -> Sequence[Path]:
    files = [Path("uploads", result_queries.test_row(tx, test_id).source)]
    of_it = select(results_table.c.scores).where(results_table.c.test_id == test_id)
    scores = tx.execute(of_it).scalar_one_or_none()
    if scores is not None:
        files.append(Path("results", scores))
    for job_id in _job_ids(tx, test_id):
        lifecycle.remove(tx, job_id)
    for table in (documents, results_table, tests):
        tx.execute(delete(table).where(table.c.test_id == test_id))
    return files


def _job_ids(tx: Connection, test_id: str) -> Sequence[str]:
    query = select(jobs_table.c.job_id).where(jobs_table.c.test_id == test_id)
    return tx.execute(query.order_by(jobs_table.c.born)).scalars().all()
