"""How the databases read each list: by an index, whatever is in them.

Each query is recorded as the service sends it, and explained. On SQLite, which
has no statistics, the number of jobs makes no difference; on PostgreSQL there are 20,000 generated
jobs of 2,000 tests with their statistics (ANALYZE), and statistics of 1,000,000 such jobs.
`benchmarks/plans.py` does it with 1,000,000 jobs.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import text

from etl_monitor.service.access import activity_log
from etl_monitor.service.access.activity_log import ActivityFilter
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.counts import count_by_status
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.service.jobs.history import history
from etl_monitor.service.jobs.queue import with_places
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.filter import ResultFilter
from etl_monitor.service.results.order import ResultSort
from etl_monitor.service.storage import blocks, migrate
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.counted import COUNTED
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.wire.activity import ActivityOutcome
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.result import RESULT_STATUSES
from tests.support.plans import List, plans
from tests.support.records import add_test, claim
from tests.support.servers import Server, new_database

ENDED = tuple(status for status in JobStatus if status.is_final)
FILTERS = {
    "all": JobFilter(),
    "ended": JobFilter(statuses=ENDED),
    "failed": JobFilter(statuses=(JobStatus.FAILED,)),
    "person": JobFilter(user_id="person 1"),
    "kind": JobFilter(test_kind="kind 1"),
    "test": JobFilter(test_id="test 1"),
    "person, kind": JobFilter(user_id="person 1", test_kind="kind 1"),
    "period": JobFilter(since=now() - timedelta(hours=1)),
    "word": JobFilter(q=("인턴",)),
    "failed, word": JobFilter(statuses=(JobStatus.FAILED,), q=("busan",)),
}
SORTED = ("all", "ended", "failed", "person", "kind", "person, kind")


def _jobs(matching: JobFilter, sort: JobSort = JobSort.NEWEST) -> List:
    return lambda tx: job_pages.page(tx, matching, limit=20, sort=sort)


def _counts(matching: JobFilter) -> List:
    return lambda tx: count_by_status(tx, matching)


def _results(matching: ResultFilter, sort: ResultSort = ResultSort.NEWEST) -> List:
    return lambda tx: result_queries.page(tx, matching, "en", limit=20, sort=sort)


def _history(days: int) -> List:
    return lambda tx: history(tx, now() - timedelta(days=days), now())


def _activity(matching: ActivityFilter) -> List:
    return lambda tx: [activity_log.count(tx, matching), *activity_log.read(tx, matching, limit=20)]


JOBS = {
    **{f"jobs: {name}": _jobs(matching) for name, matching in FILTERS.items()},
    **{
        f"jobs by {sort}: {name}": _jobs(FILTERS[name], sort) for sort in JobSort for name in SORTED
    },
    "active jobs": lambda tx: with_places(tx, job_queries.active(tx), 2),
}
COUNTS = {f"counts: {name}": _counts(matching) for name, matching in FILTERS.items()}
HISTORIES = {f"history of {days} days": _history(days) for days in (1, 7, 25, 366)}
RESULTS = {
    "results": _results(ResultFilter()),
    **{f"results: {status}": _results(ResultFilter(status=status)) for status in RESULT_STATUSES},
    "results: person": _results(ResultFilter(user_id="person 1")),
    "results: kind": _results(ResultFilter(test_kind="kind 1")),
    "results: word": _results(ResultFilter(q="busan")),
    "results: word, person": _results(ResultFilter(user_id="person 1", q="busan")),
    **{f"results by {sort}": _results(ResultFilter(), sort) for sort in ResultSort},
    **{
        f"results by {sort}: person": _results(ResultFilter(user_id="person 1"), sort)
        for sort in ResultSort
    },
}
ACTIVITY = {
    "activity": _activity(ActivityFilter()),
    "activity: person": _activity(ActivityFilter(actor="person 1")),
    "activity: done": _activity(ActivityFilter(outcome=ActivityOutcome.DONE)),
    "activity: word": _activity(ActivityFilter(q="busan")),
}
LISTS: dict[str, List] = JOBS | COUNTS | HISTORIES | RESULTS | ACTIVITY

# Lists for which SQLite sorts: the rows of one page and the active jobs, see `order.in_parts`; or
# jobs of several statuses, each of which an index has in order, so that it stops when a page is
# full.
IN_PARTS = {JobSort.LONGEST: "duration", JobSort.PROGRESS: "progress", JobSort.QUEUE: "sequence"}
SORTS_A_PAGE = {f"jobs by {sort}: {name}" for sort in IN_PARTS for name in SORTED} | {"active jobs"}
SORTS_STATUSES = {"jobs: all", "jobs: ended", "jobs by newest: all", "jobs by newest: ended"}
MAY_SORT = SORTS_A_PAGE | SORTS_STATUSES | {"jobs by oldest: ended"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A few jobs: SQLite chooses the same for any number, as it has no statistics."""
    with closing(Database(sqlite_url(tmp_path_factory.mktemp("plans") / "etl.sqlite"))) as db:
        migrate.upgrade(db)
        with db.writing() as tx:
            for number in range(3):
                add_test(tx, user_id=f"person {number}", title="Busan 인턴", kind=f"kind {number}")
            claim(tx)
        yield db


# A scan without an index. The activity log is read by its key, from the newest on.
_LARGE = r"SCAN (jobs|tests|results)\b(?! USING (COVERING )?INDEX)"


@pytest.mark.parametrize("name", LISTS)
def test_sqlite_scans_no_large_table(small: Database, name: str) -> None:
    for plan in plans(small, LISTS[name]):
        assert not re.search(_LARGE, plan), plan


@pytest.mark.parametrize("name", sorted(JOBS.keys() - MAY_SORT))
def test_sqlite_sorts_no_jobs_for_a_first_page(small: Database, name: str) -> None:
    for plan in plans(small, LISTS[name]):
        assert "TEMP B-TREE FOR ORDER BY" not in plan


# Jobs of statuses between two known words; there are none but damaged ones.
_OF_NO_KNOWN_STATUS = r"\(status[<>].*\nUSE TEMP B-TREE FOR ORDER BY"


@pytest.mark.parametrize("sort", IN_PARTS)
@pytest.mark.parametrize("name", SORTED)
def test_sqlite_sorts_a_page_of_many_jobs_only(
    small: Database, sort: JobSort, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_pages, "_SORTED", -1)
    (plan,) = [plan for plan in plans(small, _jobs(FILTERS[name], sort)) if "UNION" in plan]
    plan = re.sub(_OF_NO_KNOWN_STATUS, "", plan)
    assert "TEMP B-TREE FOR ORDER BY\nSCAN" not in plan  # in a part of which the rest is read
    assert f"jobs_by_{IN_PARTS[sort]}" in plan


@pytest.mark.parametrize("name", [*COUNTS, *HISTORIES])
def test_sqlite_counts_without_sorting(small: Database, name: str) -> None:
    joined = "\n".join(plans(small, LISTS[name]))
    grouped = "job_counts" in joined  # its rows are few
    assert "TEMP B-TREE FOR GROUP BY" not in joined or grouped


_GENERATED_TESTS = """
INSERT INTO tests (test_id, user_id, anp_seq, title, test_kind, file_name, source, created_at)
SELECT 'test ' || n, 'person ' || n % 50, n, 'Busan ' || n, 'kind ' || n % 5, 'f', 's' || n,
    now() - n * interval '10 minutes'
FROM generate_series(1, 2000) n
"""
_GENERATED_JOBS = """
INSERT INTO jobs (job_id, sequence, test_id, user_id, anp_seq, title, test_kind, status, progress,
    current_step, created_at, updated_at, started_at, finished_at, attempt, root_id, requested_by,
    forced)
SELECT 'job ' || n, n, 'test ' || n % 2000 + 1, 'person ' || n % 50, 1, 'Busan ' || n,
    'kind ' || n % 5, CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'completed' END, n % 101, 'load',
    now() - (20001 - n) * interval '1 minute', now(), now() - (20001 - n) * interval '1 minute',
    now() - (20001 - n) * interval '1 minute' + n % 900 * interval '1 second', 1, 'job ' || n,
    'kim', false
FROM generate_series(1, 20000) n
"""
_GENERATED_RESULTS = """
INSERT INTO results (test_id, job_id, completed_at, respondents)
SELECT test_id, '', created_at, anp_seq % 997 FROM tests WHERE anp_seq % 10 > 0
"""
_GENERATED_ACTIVITY = """
INSERT INTO activity (at, actor, role, action, outcome, job_id, test_id, title)
SELECT created_at, user_id, 'operator', 'retry', 'done', job_id, test_id, title FROM jobs
"""
_GENERATED = (_GENERATED_TESTS, _GENERATED_JOBS, _GENERATED_RESULTS, _GENERATED_ACTIVITY)

# The planner takes the number of rows for each page from here, and the pages from the files.
_TIMES = "UPDATE pg_class SET reltuples = reltuples * :times WHERE reltuples > 0"


@pytest.fixture(scope="module")
def filled(migrated_postgres: str, postgres: Server) -> Iterator[Database]:
    with closing(Database(new_database(postgres, migrated_postgres))) as db:
        with db.writing() as tx:
            tx.exec_driver_sql("SET LOCAL statement_timeout = 0")
            for statement in _GENERATED:
                tx.execute(text(statement))
            tx.exec_driver_sql("ANALYZE")
        yield db


@pytest.fixture(scope="module", params=[1, 50], ids=["20,000 jobs", "1,000,000 jobs"])
def generated(request: pytest.FixtureRequest, filled: Database) -> Iterator[Database]:
    """20,000 jobs, and the same for which the planner takes 1,000,000."""
    COUNTED.clear()  # what it counted of the database before
    with filled.writing() as tx:
        tx.execute(text(_TIMES), {"times": request.param})
    yield filled
    with filled.writing() as tx:
        tx.execute(text(_TIMES), {"times": 1 / request.param})


def test_the_planner_takes_so_many_jobs(
    generated: Database, request: pytest.FixtureRequest
) -> None:
    (plan,) = plans(generated, lambda tx: tx.exec_driver_sql("SELECT * FROM jobs").all())
    name = request.node.callspec.id
    assert f"rows={name.split()[0].replace(',', '')} " in plan


WORDS = {"jobs: word", "jobs: failed, word", "results: word", "results: word, person"}


@pytest.mark.parametrize("name", sorted((JOBS | RESULTS | HISTORIES).keys() - WORDS))
def test_postgresql_scans_no_jobs(generated: Database, name: str) -> None:
    """The first reading of a word's jobs compares all texts."""
    for plan in plans(generated, LISTS[name]):
        assert "Seq Scan on jobs" not in plan, plan


@pytest.mark.parametrize("generated", [50], indirect=True, ids=["1,000,000 jobs"])
@pytest.mark.parametrize("name", LISTS)
def test_postgresql_scans_no_large_table(
    generated: Database, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first reading after a start, which counts all, and with the counts that it remembers.
    One block has the newest jobs of all 2,000 tests, so the first reading may scan `tests`."""
    monkeypatch.setattr(blocks, "FEW", 1)  # there are ten
    COUNTED.clear()
    for plan in plans(generated, LISTS[name]):
        assert not re.search(r"Seq Scan on (jobs|results|activity)\b", plan), plan
    for plan in plans(generated, LISTS[name]):
        assert not re.search(r"Seq Scan on (jobs|tests|results|activity)\b", plan), plan


SEARCHES: dict[str, List] = {
    "jobs": _jobs(JobFilter(q=("1234 busan",))),
    "counts": _counts(JobFilter(q=("1234",))),
    "results": _results(ResultFilter(q="BUSAN person:44 1234")),
}


@pytest.mark.parametrize("name", SEARCHES)
def test_postgresql_finds_a_rare_word_by_its_trigrams(generated: Database, name: str) -> None:
    found = [plan for plan in plans(generated, SEARCHES[name]) if "1234" in plan]
    assert found
    assert all("jobs_by_text" in plan for plan in found), found
