"""Register tests with their first job, and delete tests with everything that belongs to them."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, delete, exists, insert, select, update

from etl_monitor.service import errors
from etl_monitor.service.jobs import creation, lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import (
    Folders,
    rejected_name,
    scores_name,
    source_folder_name,
)
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.file_storage import (
    RESULTS,
    UPLOADS,
    base_name,
    remove_path,
)
from etl_monitor.service.storage.tables import documents, numbers, tests
from etl_monitor.service.storage.tables import jobs as jobs_table
from etl_monitor.service.storage.tables import results as results_table
from etl_monitor.wire.job import Job


@dataclass(frozen=True, kw_only=True)
class NewTest:
    user_id: str
    title: str
    test_kind: str
    file_name: str  # as uploaded
    source: str  # its name in the uploads folder
    sample_key: str | None = None
    test_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    file_bytes: int | None = None


def register_test(tx: Connection, new: NewTest, *, requested_by: str, step_count: int) -> Job:
    """Add a test. Returns its first job, which is pending."""
    number = _next_number(tx, new.user_id)
    row = asdict(new) | {"anp_seq": number, "created_at": now()}
    tx.execute(insert(tests).values(**row))
    test = result_queries.test_row(tx, new.test_id)
    return creation.create(tx, test, requested_by=requested_by, step_count=step_count)


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A corrected answer file. Without a kind, the test keeps its own."""

    file_name: str  # as uploaded
    source: str  # its name in the uploads folder
    file_bytes: int
    test_kind: str | None = None


def replace_file(
    tx: Connection, test_id: str, new: NewFile, *, requested_by: str, step_count: int
) -> tuple[Job, str]:
    """Give the test another answer file. Returns its next job, an attempt after its newest one, and
    the name of the old file, for its removal after the commit. The old results stand until the job
    completes.

    Raises NotFound, or Conflict if the test has an active job.
    """
    old = result_queries.test_row(tx, test_id)
    active = job_queries.active_of_test(tx, test_id)
    if active is not None:
        raise errors.TestIsProcessing(test_id=active.test_id, job_id=active.job_id)
    changes = asdict(new) | {"test_kind": new.test_kind or old.test_kind}
    tx.execute(update(tests).where(tests.c.test_id == test_id).values(**changes))
    test = result_queries.test_row(tx, test_id)
    newest = job_queries.newest_of_test(tx, test_id)
    job = creation.create(
        tx, test, requested_by=requested_by, step_count=step_count, retry_of=newest
    )
    return job, f"{UPLOADS}/{old.source}"


def delete_test(tx: Connection, test_id: str) -> Sequence[str]:
    """Delete a test with its jobs and results. Raises Conflict if the test has an active job.

    Returns the names of the test's files, which are to be removed after the commit.
    """
    active = job_queries.active_of_test(tx, test_id)
    if active is not None:
        raise errors.TestIsProcessing(test_id=active.test_id, job_id=active.job_id)
    return _delete(tx, test_id)


def idle_samples(tx: Connection) -> Sequence[str]:
    """Return the ids of the sample tests without an active job, in the order of their creation."""
    is_active = exists().where(
        jobs_table.c.test_id == tests.c.test_id, jobs_table.c.status.in_(job_queries.ACTIVE)
    )
    query = select(tests.c.test_id).where(tests.c.sample_key.is_not(None), ~is_active)
    return tx.execute(query.order_by(tests.c.created_at, tests.c.test_id)).scalars().all()


def delete_samples(tx: Connection) -> tuple[int, Sequence[str]]:
    """Delete all sample tests, even those with an active job. Returns their number and files."""
    query = select(tests.c.test_id).where(tests.c.sample_key.is_not(None))
    ids = tx.execute(query).scalars().all()
    return len(ids), [name for test_id in ids for name in _delete(tx, test_id)]


def remove_files(folders: Folders, files: Sequence[str]) -> None:
    for name in files:
        folders.storage.remove(name)


def remove_orphans(db: Database, folders: Folders) -> int:
    """Remove the files of jobs that neither run nor are the source of results.

    The files are listed before the database is read, so that each file's record exists by then.
    Returns how many were removed.
    """
    files = folders.storage.names(RESULTS)
    with db.reading() as tx:
        referenced = referenced_files(tx)[1] | _names_of_running_jobs(tx)
    orphans = [name for name in files if base_name(name) not in referenced]
    remove_files(folders, orphans)
    return len(orphans)


def remove_work_of_ended_jobs(db: Database, folders: Folders) -> int:
    """Remove the work folders of jobs that do not run; see `remove_orphans`."""
    paths = list(folders.work.iterdir())
    with db.reading() as tx:
        running = _names_of_running_jobs(tx)
    orphans = [path for path in paths if path.name not in running]
    for path in orphans:
        remove_path(path)
    return len(orphans)


def unnamed_files(db: Database, folders: Folders) -> Sequence[str]:
    """Return the answer files and score files that no record names.

    They are listed before the database is read, as jobs may run on other machines meanwhile.
    """
    files = folders.files()
    with db.reading() as tx:
        uploads, scores = referenced_files(tx)
        names = uploads | scores | _names_of_running_jobs(tx)
    return [name for name in files if base_name(name) not in names]


def referenced_files(tx: Connection) -> tuple[set[str], set[str]]:
    """Return the names of files in the uploads folder and in the results folder that tests need."""
    scores = select(results_table.c.scores).where(results_table.c.scores.is_not(None))
    rejected = select(jobs_table.c.rejected).where(jobs_table.c.rejected.is_not(None))
    uploads = tx.execute(select(tests.c.source)).scalars()
    results = tx.execute(scores.union_all(rejected)).scalars()
    return set(uploads), {str(name) for name in results}


def file_names(tx: Connection) -> Sequence[str]:
    """Return the names of all files that tests need, as the storage has them."""
    uploads, results = referenced_files(tx)
    return [f"{UPLOADS}/{name}" for name in sorted(uploads)] + [
        f"{RESULTS}/{name}" for name in sorted(results)
    ]


def _names_of_running_jobs(tx: Connection) -> set[str]:
    """Return the names that work folders and files of running jobs may have."""
    running = [job.job_id for job in job_queries.running(tx)]
    named_for_jobs = (source_folder_name, scores_name, rejected_name)
    return {*running, *(name(job_id) for name in named_for_jobs for job_id in running)}


def _next_number(tx: Connection, user_id: str) -> int:
    """Return the person's next test number, which never repeats that of a deleted test."""
    is_theirs = numbers.c.user_id == user_id
    counter = (
        update(numbers).where(is_theirs).values(last=numbers.c.last + 1).returning(numbers.c.last)
    )
    number = tx.execute(counter).scalar_one_or_none()
    if number is None:
        number = 1
        tx.execute(insert(numbers).values(user_id=user_id, last=number))
    return int(number)


def _delete(tx: Connection, test_id: str) -> Sequence[str]:
    files = [f"{UPLOADS}/{result_queries.test_row(tx, test_id).source}"]
    query = select(results_table.c.scores).where(results_table.c.test_id == test_id)
    scores = tx.execute(query).scalar_one_or_none()
    if scores is not None:
        files.append(f"{RESULTS}/{scores}")
    rejected = select(jobs_table.c.rejected).where(jobs_table.c.test_id == test_id)
    files += [f"{RESULTS}/{name}" for name in tx.execute(rejected).scalars() if name]
    for job_id in _job_ids(tx, test_id):
        lifecycle.remove(tx, job_id)
    for table in (documents, results_table, tests):
        tx.execute(delete(table).where(table.c.test_id == test_id))
    return files


def _job_ids(tx: Connection, test_id: str) -> Sequence[str]:
    query = select(jobs_table.c.job_id).where(jobs_table.c.test_id == test_id)
    return tx.execute(query.order_by(jobs_table.c.sequence)).scalars().all()
