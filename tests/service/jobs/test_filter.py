"""Filters of jobs: what they match, in which order, how it is counted, and by which index."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Select, select, text, update
from sqlalchemy import func as sql

from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs.counts import count_by_status
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.service.jobs.order import by_sequence
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import jobs as jobs_table
from etl_monitor.wire.job import Job, JobStatus
from tests.support.records import MINUTE, add_test, claim, progress

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _times(tx: Connection, job: Job, **times: datetime | None) -> None:
    tx.execute(update(jobs_table).where(jobs_table.c.job_id == job.job_id).values(**times))


@pytest.fixture
def four_jobs(db: Database) -> list[Job]:
    """Jobs created an hour apart from noon on: one completed after 90 s, one cancelled while
    pending, one running for long, one pending."""
    with db.writing() as tx:
        created = [
            add_test(tx, user_id=person, kind=kind) for person, kind in ("ax", "ay", "bx", "by")
        ]
        claim(tx)
        lifecycle.complete(tx, created[0].job_id, "w")
        lifecycle.request_cancel(tx, created[1].job_id, by="lee", reason=None, deadline=MINUTE)
        claim(tx)
        lifecycle.advance(tx, created[2].job_id, "w", progress(1, 40))
        for number, job in enumerate(created):
            _times(tx, job, created_at=NOON + number * HOUR)
        _times(tx, created[0], started_at=NOON, finished_at=NOON + timedelta(seconds=90))
        _times(tx, created[2], started_at=NOON + 2 * HOUR)
    return created


def _matching_numbers(
    db: Database, created: list[Job], sort: JobSort = JobSort.NEWEST, **matching: object
) -> list[int]:
    with db.reading() as tx:
        page = job_pages.page(tx, JobFilter(**matching), limit=9, sort=sort)  # type: ignore[arg-type]
    numbers = {job.job_id: number for number, job in enumerate(created)}
    assert page.total == len(page.jobs)
    return [numbers[job.job_id] for job in page.jobs]


def test_jobs_are_filtered_by_person_and_kind(db: Database, four_jobs: list[Job]) -> None:
    assert _matching_numbers(db, four_jobs, user_id="a") == [1, 0]
    assert _matching_numbers(db, four_jobs, test_kind="x") == [2, 0]
    assert _matching_numbers(db, four_jobs, user_id="b", test_kind="y") == [3]
    assert _matching_numbers(db, four_jobs, user_id="A") == []


def test_a_period_includes_its_start_and_excludes_its_end(
    db: Database, four_jobs: list[Job]
) -> None:
    assert _matching_numbers(db, four_jobs, since=NOON + HOUR) == [3, 2, 1]
    assert _matching_numbers(db, four_jobs, until=NOON + HOUR) == [0]
    assert _matching_numbers(db, four_jobs, since=NOON + HOUR, until=NOON + 3 * HOUR) == [2, 1]


def test_jobs_are_sorted(db: Database, four_jobs: list[Job]) -> None:
    assert _matching_numbers(db, four_jobs, JobSort.OLDEST) == [0, 1, 2, 3]
    assert _matching_numbers(db, four_jobs, JobSort.LONGEST) == [2, 0, 3, 1]
    assert _matching_numbers(db, four_jobs, JobSort.PROGRESS) == [0, 2, 3, 1]


FILTERS = {
    "all": JobFilter(),
    "failed": JobFilter(statuses=(JobStatus.FAILED,)),
    "waiting": JobFilter(statuses=(JobStatus.PENDING,)),
    "word": JobFilter(q=("busan",)),
    "rare word": JobFilter(q=("suwon",)),
    "failed, word": JobFilter(statuses=(JobStatus.FAILED,), q=("busan",)),
}


@pytest.mark.parametrize("sort", [JobSort.LONGEST, JobSort.PROGRESS, JobSort.QUEUE])
@pytest.mark.parametrize("name", FILTERS)
def test_many_jobs_are_sorted_as_few(
    db: Database, sort: JobSort, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are decides how they are read."""
    with db.writing() as tx:
        for number in range(40):
            job = add_test(tx, title="Suwon" if number % 13 == 0 else f"Busan {number}")
            status = [*JobStatus][number % 6]
            ran = timedelta(seconds=number * 7 % 11) if status.is_final else None
            started = None if status is JobStatus.PENDING else NOON
            values = {"status": status, "progress": number * 3 % 17, "started_at": started}
            values |= {"finished_at": None if ran is None else NOON + ran}
            same = jobs_table.c.job_id == job.job_id
            tx.execute(update(jobs_table).where(same).values(values))

    def listed(limit: int) -> list[str]:
        with db.reading() as tx:
            page = job_pages.page(tx, FILTERS[name], limit=limit, sort=sort)
            return [job.job_id for job in page.jobs]

    few = listed(40)
    monkeypatch.setattr(job_pages, "_SORTED", 5)
    assert [listed(limit) for limit in (1, 4, 40)] == [few[:1], few[:4], few]


def test_longest_compares_fractions_of_a_second(db: Database) -> None:
    with db.writing() as tx:
        created = [add_test(tx) for _ in range(3)]
        for job, milliseconds in zip(created, (1100, 1900, 1500), strict=True):
            begin = NOON + timedelta(milliseconds=950)
            _times(
                tx, job, started_at=begin, finished_at=begin + timedelta(milliseconds=milliseconds)
            )
    assert _matching_numbers(db, created, JobSort.LONGEST) == [1, 2, 0]


@pytest.mark.parametrize("sort", list(JobSort))
def test_pages_by_offset_have_every_job_once(
    db: Database, four_jobs: list[Job], sort: JobSort
) -> None:
    matching = JobFilter(statuses=tuple(JobStatus))
    with db.reading() as tx:
        whole = job_pages.page(tx, matching, limit=9, sort=sort).jobs
        parts = [job_pages.page(tx, matching, limit=2, sort=sort, offset=n).jobs for n in (0, 2, 4)]
    assert [*parts[0], *parts[1]] == whole
    assert parts[2] == []


def test_a_job_matches_one_of_several_search_texts(db: Database, four_jobs: list[Job]) -> None:
    ids = [four_jobs[1].job_id, four_jobs[3].job_id]
    assert _matching_numbers(db, four_jobs, q=ids) == [3, 1]
    assert _matching_numbers(db, four_jobs, q=["nowhere", ids[0]], user_id="a") == [1]
    assert _matching_numbers(db, four_jobs, q=["nowhere", ids[0]], user_id="b") == []


def test_matching_jobs_are_counted_by_status(db: Database, four_jobs: list[Job]) -> None:
    def counts(**matching: object) -> dict[str, int]:
        with db.reading() as tx:
            found = count_by_status(tx, JobFilter(**matching))  # type: ignore[arg-type]
        return {status.value: n for status, n in found.items() if n}

    assert counts() == {"pending": 1, "running": 1, "completed": 1, "cancelled": 1}
    assert counts(user_id="a") == {"completed": 1, "cancelled": 1}
    assert counts(since=NOON + 3 * HOUR) == {"pending": 1}
    assert counts(q=["nowhere"]) == {}


@pytest.mark.parametrize(
    ("matching", "index"),
    [
        (JobFilter(user_id="a"), "jobs_of_a_user"),
        (JobFilter(test_kind="x"), "jobs_of_a_kind"),
        (JobFilter(test_id="x"), "jobs_of_a_test"),
        (JobFilter(statuses=(JobStatus.FAILED, JobStatus.CANCELLED)), "jobs_by_status"),
        (JobFilter(since=NOON, until=NOON + HOUR), "jobs_by_creation"),
    ],
    ids=["person", "kind", "test", "status", "period"],
)
@pytest.mark.databases("sqlite")
def test_each_filter_has_its_index(db: Database, matching: JobFilter, index: str) -> None:
    counted = select(sql.count()).select_from(jobs_table).where(matching.condition())
    assert index in _plan(db, counted)


@pytest.mark.databases("sqlite")
def test_the_newest_jobs_are_read_by_an_index_without_sorting(db: Database) -> None:
    newest = select(jobs_table).order_by(by_sequence(JobSort.NEWEST)).limit(20)
    assert "TEMP B-TREE" not in _plan(db, newest)


def _plan(db: Database, query: Select[Any]) -> str:
    with db.reading() as tx:
        sql_text = query.compile(tx.engine, compile_kwargs={"literal_binds": True})
        return str(tx.execute(text(f"EXPLAIN QUERY PLAN {sql_text}")).all())
