"""Which jobs a filter leaves, in which order, how they are counted, and by which index."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Select, select, text, update
from sqlalchemy import func as sql

from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.filter import JobFilter, JobSort, order_of
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import jobs as jobs_table
from etl_monitor.wire.job import Job, JobStatus
from tests.support.records import MINUTE, add_test, claim, progress

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _times(tx: Connection, job: Job, **times: datetime | None) -> None:
    tx.execute(update(jobs_table).where(jobs_table.c.job_id == job.job_id).values(**times))


@pytest.fixture
def four(db: Database) -> list[Job]:
    """Created an hour apart from noon on: completed after 90 s, cancelled before it ran, running
    for long, waiting."""
    with db.writing() as tx:
        made = [add_test(tx, user_id=who, kind=kind) for who, kind in ("ax", "ay", "bx", "by")]
        claim(tx)
        lifecycle.complete(tx, made[0].job_id, "w")
        lifecycle.request_cancel(tx, made[1].job_id, by="lee", reason=None, deadline=MINUTE)
        claim(tx)
        lifecycle.advance(tx, made[2].job_id, "w", progress(1, 40))
        for number, job in enumerate(made):
            _times(tx, job, created_at=NOON + number * HOUR)
        _times(tx, made[0], started_at=NOON, finished_at=NOON + timedelta(seconds=90))
        _times(tx, made[2], started_at=NOON + 2 * HOUR)
    return made


def _found(
    db: Database, made: list[Job], sort: JobSort = JobSort.NEWEST, **wanted: object
) -> list[int]:
    with db.reading() as tx:
        page = job_queries.page(tx, JobFilter(**wanted), limit=9, sort=sort)  # type: ignore[arg-type]
    numbers = {job.job_id: number for number, job in enumerate(made)}
    assert page.total == len(page.jobs)
    return [numbers[job.job_id] for job in page.jobs]


def test_by_person_and_kind(db: Database, four: list[Job]) -> None:
    assert _found(db, four, user_id="a") == [1, 0]
    assert _found(db, four, test_kind="x") == [2, 0]
    assert _found(db, four, user_id="b", test_kind="y") == [3]
    assert _found(db, four, user_id="A") == []


def test_a_period_is_about_creation_from_its_beginning_to_before_its_end(
    db: Database, four: list[Job]
) -> None:
    assert _found(db, four, since=NOON + HOUR) == [3, 2, 1]
    assert _found(db, four, until=NOON + HOUR) == [0]
    assert _found(db, four, since=NOON + HOUR, until=NOON + 3 * HOUR) == [2, 1]


def test_orders(db: Database, four: list[Job]) -> None:
    assert _found(db, four, JobSort.OLDEST) == [0, 1, 2, 3]
    assert _found(db, four, JobSort.LONGEST) == [2, 0, 3, 1]
    assert _found(db, four, JobSort.PROGRESS) == [0, 2, 3, 1]


def test_longest_counts_parts_of_a_second(db: Database) -> None:
    with db.writing() as tx:
        made = [add_test(tx) for _ in range(3)]
        for job, milliseconds in zip(made, (1100, 1900, 1500), strict=True):
            begin = NOON + timedelta(milliseconds=950)
            _times(
                tx, job, started_at=begin, finished_at=begin + timedelta(milliseconds=milliseconds)
            )
    assert _found(db, made, JobSort.LONGEST) == [1, 2, 0]


@pytest.mark.parametrize("sort", list(JobSort))
def test_pages_by_offset_hang_together(db: Database, four: list[Job], sort: JobSort) -> None:
    wanted = JobFilter(statuses=tuple(JobStatus))
    with db.reading() as tx:
        whole = job_queries.page(tx, wanted, limit=9, sort=sort).jobs
        parts = [job_queries.page(tx, wanted, limit=2, sort=sort, offset=n).jobs for n in (0, 2, 4)]
    assert [*parts[0], *parts[1]] == whole
    assert parts[2] == []


def test_one_of_several_texts_is_enough(db: Database, four: list[Job]) -> None:
    ids = [four[1].job_id, four[3].job_id]
    assert _found(db, four, q=ids) == [3, 1]
    assert _found(db, four, q=["nowhere", ids[0]], user_id="a") == [1]
    assert _found(db, four, q=["nowhere", ids[0]], user_id="b") == []


def test_counts(db: Database, four: list[Job]) -> None:
    def counts(**wanted: object) -> dict[str, int]:
        with db.reading() as tx:
            found = job_queries.count_by_status(tx, JobFilter(**wanted))  # type: ignore[arg-type]
        return {status.value: n for status, n in found.items() if n}

    assert counts() == {"pending": 1, "running": 1, "completed": 1, "cancelled": 1}
    assert counts(user_id="a") == {"completed": 1, "cancelled": 1}
    assert counts(since=NOON + 3 * HOUR) == {"pending": 1}
    assert counts(q=["nowhere"]) == {}


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (JobFilter(user_id="a"), "jobs_of_a_user"),
        (JobFilter(test_kind="x"), "jobs_of_a_kind"),
        (JobFilter(test_id="x"), "jobs_of_a_test"),
        (JobFilter(statuses=(JobStatus.FAILED, JobStatus.CANCELLED)), "jobs_by_status"),
        (JobFilter(since=NOON, until=NOON + HOUR), "jobs_by_creation"),
    ],
    ids=["person", "kind", "test", "status", "period"],
)
def test_each_filter_has_its_index(db: Database, wanted: JobFilter, index: str) -> None:
    counted = select(sql.count()).select_from(jobs_table).where(wanted.condition())
    assert index in _plan(db, counted)


def test_the_newest_are_read_in_order_not_sorted(db: Database) -> None:
    newest = select(jobs_table).order_by(*order_of(JobSort.NEWEST, NOON)).limit(20)
    assert "TEMP B-TREE" not in _plan(db, newest)


def _plan(db: Database, query: Select[Any]) -> str:
    with db.reading() as tx:
        told = query.compile(tx.engine, compile_kwargs={"literal_binds": True})
        return str(tx.execute(text(f"EXPLAIN QUERY PLAN {told}")).all())
