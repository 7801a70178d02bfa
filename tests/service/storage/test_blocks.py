"""Counts by blocks equal those of all rows, whatever happened to the rows meanwhile."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, text, update

from etl_monitor.service.access import activity_log
from etl_monitor.service.access.activity_log import ActivityFilter
from etl_monitor.service.access.activity_search import SEARCHED
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs.counts import count, count_by_status
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.service.jobs.queries import as_job
from etl_monitor.service.results import filter as result_filter
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.filter import ResultFilter
from etl_monitor.service.storage import blocks
from etl_monitor.service.storage.blocks import Period, bounds
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.counted import CountedBlocks
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import activity, activity_blocks, job_blocks, jobs, tests
from etl_monitor.wire.activity import ActivityOutcome
from etl_monitor.wire.job import STATUSES, Job, JobStatus
from etl_monitor.wire.search import parse
from tests.service.storage.test_derived import operate
from tests.support.records import add_test, claim

HOUR = timedelta(hours=1)
FULL = 2048  # rows: new ones begin the next block
SEARCHES = ("Title", "ti person:a", "title status:failed", "kind:x", "nowhere", "a title")


def _end_block(tx: Connection, table: str = "job_blocks") -> None:
    """Take the newest block for full."""
    newest = f"first_key = (SELECT max(first_key) FROM {table})"
    tx.execute(text(f"UPDATE {table} SET rows = {FULL} WHERE {newest}"))


def _filters(jobs_now: Sequence[Job]) -> Iterator[JobFilter]:
    middle = jobs_now[len(jobs_now) // 2].created_at if jobs_now else now()
    assert middle is not None
    for q in ((), *((search,) for search in SEARCHES), SEARCHES[1:3]):
        yield JobFilter(q=q, since=middle)
        yield JobFilter(q=q, until=middle, statuses=(JobStatus.FAILED, JobStatus.PENDING))
        yield JobFilter(q=q, user_id="a")
        yield JobFilter(q=q, test_kind="x", since=middle - HOUR, until=middle + HOUR)


def _matches(matching: JobFilter, job: Job) -> bool:
    assert job.created_at is not None
    return (
        (not matching.statuses or job.status in matching.statuses)
        and matching.user_id in (None, job.user_id)
        and matching.test_kind in (None, job.test_kind)
        and (matching.since is None or job.created_at >= matching.since)
        and (matching.until is None or job.created_at < matching.until)
        and (not matching.q or any(parse(q).matches(job) for q in matching.q))
    )


def _check_jobs(tx: Connection) -> None:
    all_jobs = [as_job(row) for row in tx.execute(select(jobs).order_by(jobs.c.sequence))]
    for matching in _filters(all_jobs):
        found = [job for job in all_jobs if _matches(matching, job)]
        assert count(tx, matching) == len(found)
        statuses = [job.status for job in found]
        expected = {status: statuses.count(status) for status in STATUSES}
        assert count_by_status(tx, matching) == expected
        page = job_pages.page(tx, matching, limit=3, sort=JobSort.OLDEST)
        assert [job.job_id for job in page.jobs] == [job.job_id for job in found[:3]]


def _check_results(tx: Connection) -> None:
    newest = tests.join(jobs, jobs.c.sequence == tests.c.newest_job)
    rows = tx.execute(select(jobs, tests.c.status.label("state")).select_from(newest)).all()
    found = [(as_job(row), row.state) for row in rows]
    for q in ("title", "ti", "kind:x title", "person:a", "lee"):
        expected = {job.test_id for job, _ in found if parse(q).matches(job)}
        _check_result_page(tx, ResultFilter(q=q), expected)
        of_person = {
            job.test_id for job, _ in found if parse(q).matches(job) and job.user_id == "a"
        }
        _check_result_page(tx, ResultFilter(q=q, user_id="a"), of_person)
        failed = {job.test_id for job, s in found if parse(q).matches(job) and s == "failed"}
        _check_result_page(tx, ResultFilter(q=f"{q} status:failed"), failed)


def _check_result_page(tx: Connection, matching: ResultFilter, expected: set[str | None]) -> None:
    assert result_filter.count(tx, matching) == len(expected)
    page, total = result_queries.page(tx, matching, "en", limit=1000)
    assert ({result.id for result in page}, total) == (expected, len(expected))


def _check_blocks(tx: Connection) -> None:
    """Each job lies in its block, and within the times of the block."""
    stored = tx.execute(select(job_blocks).order_by(job_blocks.c.first_key)).all()
    for sequence, at in tx.execute(select(jobs.c.sequence, jobs.c.created_at)):
        block = [row for row in stored if row.first_key <= sequence][-1]
        assert block.rows > 0
        assert block.first_at <= at <= block.last_at


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("seed", range(2))
def test_counts_are_exact_after_any_history(
    db: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL also in parts of one block each."""
    monkeypatch.setattr(blocks, "FEW", (1, blocks.FEW)[seed])
    chance = random.Random(seed)
    for _ in range(4):
        with db.writing() as tx:
            for number in range(30):
                operate(tx, chance)
                if number % 8 == 0:
                    _end_block(tx)
        with db.reading() as tx:
            _check_blocks(tx)
            _check_jobs(tx)
            _check_results(tx)


def test_what_was_counted_in_a_change_that_is_undone_is_not_used(db: Database) -> None:
    matching = JobFilter(q=("busan",))
    with db.writing() as tx:
        add_test(tx, title="Busan")
    with db.writing() as tx:
        add_test(tx, title="Busan")
        assert count(tx, matching) == 2
        tx.rollback()
    with db.writing() as tx:
        add_test(tx, title="Seoul")
        assert count(tx, matching) == 1


@pytest.mark.parametrize("value", ["''", "'zebra'", "5"])
def test_a_damaged_time_hides_no_other_job(db: Database, value: str) -> None:
    with db.writing() as tx:
        add_test(tx)
        damaged = claim(tx)
        add_test(tx)
        sql = f"UPDATE jobs SET created_at = {value} WHERE job_id = '{damaged.job_id}'"
        tx.execute(text(sql))
    with db.reading() as tx:
        direct = "SELECT count(*) FROM jobs WHERE created_at >= '2020-01-01'"
        assert count(tx, JobFilter(since=now() - HOUR)) == tx.execute(text(direct)).scalar_one()


def test_blocks_without_rows_go(db: Database) -> None:
    with db.writing() as tx:
        for number in range(3):
            tx.execute(insert(activity).values(_entry(f"{number}")))
            _end_block(tx, "activity_blocks")
        tx.execute(text("UPDATE activity_blocks SET rows = 1"))
        tx.execute(text("DELETE FROM activity WHERE id <= 2"))
        firsts = tx.execute(select(activity_blocks.c.first_key)).scalars().all()
        assert firsts == [0, 3]
        assert activity_log.count(tx, ActivityFilter()) == 1
        assert bounds(tx, activity_blocks, Period(since=now() + HOUR)) is None


@pytest.mark.databases("sqlite", "postgresql")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text("부산인턴kim.A_%\"' :\nx", min_size=1, max_size=6))
@example("부산")
@example("MIN")
def test_the_activity_log_finds_a_text_in_any_field(db: Database, q: str) -> None:
    with db.writing() as tx:
        if activity_log.count(tx, ActivityFilter()) == 0:
            for values in TEXTS:
                tx.execute(insert(activity).values(_entry(**values)))
    with db.reading() as tx:
        rows = tx.execute(select(activity).order_by(activity.c.id.desc())).all()
        fields = {row.id: [row._mapping[name] or "" for name in SEARCHED] for row in rows}
        found = [id_ for id_, each in fields.items() if any(q.lower() in f.lower() for f in each)]
        entries = activity_log.read(tx, ActivityFilter(q=q), limit=99)
        assert [entry.id for entry in entries] == found
        assert activity_log.count(tx, ActivityFilter(q=q)) == len(found)
        later = activity_log.read(tx, ActivityFilter(q=q), limit=1, after=2)
        assert [entry.id for entry in later] == [id_ for id_ in found if id_ > 2][-1:]


TEXTS: Sequence[dict[str, str]] = (
    {"actor": "kim.minji", "title": "2026 부산 인턴"},
    {"actor": "AKim", "reason": 'a_b 50% "x"'},
    {"actor": "이서연", "code": "missing_columns", "job_id": "x-1"},
    {"actor": "lee", "new_job_id": "kim", "test_id": "부산"},
)


def _entry(actor: str, **values: str) -> dict[str, object]:
    entry = {"at": now(), "role": "operator", "action": "retry", "outcome": ActivityOutcome.DONE}
    return {**entry, "actor": actor, **values}


def test_the_activity_index_follows_changes(db: Database) -> None:
    with db.writing() as tx:
        tx.execute(insert(activity).values(_entry("kim", title="Busan")))
        tx.execute(update(activity).values(title="Seoul"))
    with db.reading() as tx:
        assert activity_log.count(tx, ActivityFilter(q="busan")) == 0
        assert activity_log.count(tx, ActivityFilter(q="seoul")) == 1
    with db.writing() as tx:
        tx.execute(text("DELETE FROM activity"))
        assert activity_log.count(tx, ActivityFilter(q="seoul")) == 0
        # Raises if the index is damaged.
        tx.execute(text("INSERT INTO activity_search (activity_search) VALUES ('integrity-check')"))


def test_counts_that_were_not_used_for_long_go_first() -> None:
    counted = CountedBlocks(most=2)
    counted.put("a", {1: (1,), 2: (2,)})
    assert counted.get("a", [1]) == {1: (1,)}
    counted.put("a", {3: (3,)})
    assert counted.get("a", [1, 2, 3]) == {1: (1,), 3: (3,)}
    counted.clear()
    assert counted.get("a", [1, 3]) == {}
