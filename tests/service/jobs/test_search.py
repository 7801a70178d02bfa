"""What a search text finds: the same by the service's index and in the portal's memory."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from etl_monitor.errors import PipelineError
from etl_monitor.service.jobs import creation, lifecycle
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.filter import JobFilter
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.filter import ResultFilter
from etl_monitor.service.results.order import ResultSort
from etl_monitor.service.storage.database import Database
from etl_monitor.wire import search
from etl_monitor.wire.job import Job
from etl_monitor.wire.samples import sample_id, titles_in
from tests.support.records import add_test, claim

BAD = PipelineError("missing_columns", 'Columns are "missing": 문항_01')
TITLES = ("2026 상반기 부산 인턴 공채", "부산", "Busan Intern 50%", "서울 인턴", 'a_b\'s "test"')


@pytest.fixture
def jobs(db: Database) -> Sequence[Job]:
    """A failed job, a running one, and others that wait."""
    with db.writing() as tx:
        for number, title in enumerate(TITLES):
            add_test(tx, user_id="kim.minji" if number % 2 else "이서연", title=title, kind="big5")
        lifecycle.fail(tx, claim(tx).job_id, "w", BAD)
        claim(tx)
        return job_pages.page(tx, JobFilter(), limit=99).jobs


def _found(db: Database, query: str) -> set[str]:
    with db.reading() as tx:
        page = job_pages.page(tx, JobFilter(q=(query,)), limit=99)
    assert page.total == len(page.jobs)
    return {job.job_id for job in page.jobs}


def _titles(db: Database, query: str) -> set[str | None]:
    with db.reading() as tx:
        results, total = result_queries.page(tx, ResultFilter(q=query), "en", limit=99)
    assert total == len(results)
    return {result.title for result in results}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("부산 인턴", [0]),
        ("인턴 부산", [0]),
        ("kim.minji 부산", [1]),
        ("부산", [0, 1]),
        ("산", [0, 1]),
        ("busan", [2]),
        ("인턴 minji", [3]),
        ("status:failed", [0]),
        ("status:failed minji", []),
        ("person:kim 인턴", [3]),
        ("person:KIM.MIN", [1, 3]),
        ("kind:big5 50%", [2]),
        ("kind:big6", []),
        ("missing_columns", [0]),
        ('"missing": 문항', [0]),
        ("status:nonsense", []),
        ("status: ", []),
        ("a_b", [4]),
        ("a%b", []),
        ('"', [0, 4]),
        (unicodedata.normalize("NFD", "부산 인턴"), [0]),
        (" ", range(5)),
    ],
)
def test_words_in_any_order(
    db: Database, jobs: Sequence[Job], query: str, numbers: Sequence[int]
) -> None:
    expected = {TITLES[number] for number in numbers}
    by_id = {job.job_id: job for job in jobs}
    assert {by_id[job_id].title for job_id in _found(db, query)} == expected
    assert {job.title for job in jobs if search.parse(query).matches(job)} == expected
    assert _titles(db, query) == expected


@pytest.mark.databases("sqlite", "postgresql")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text("부산인턴kim.jA_%\"' :s-", max_size=8))
@example("인 kim")
@example("busan intern")
@example("missing_col")
def test_the_service_finds_what_the_portal_finds(
    db: Database, jobs: Sequence[Job], query: str
) -> None:
    in_memory = {job.job_id for job in jobs if search.parse(query).matches(job)}
    assert _found(db, query) == in_memory


def test_the_index_follows_steps_errors_and_deletions(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx, title="부산").job_id
        claim(tx)
        lifecycle.fail(tx, job_id, "w", BAD)
    assert _found(db, "부산 missing_columns") == {job_id}
    with db.writing() as tx:
        lifecycle.remove(tx, job_id)
    assert _found(db, "부산") == set()
    with db.writing() as tx:  # raises if the index is damaged
        tx.execute(text("INSERT INTO job_search (job_search) VALUES ('integrity-check')"))


def test_a_test_is_found_by_its_newest_job_only(db: Database) -> None:
    with db.writing() as tx:
        first = add_test(tx, title="부산")
        lifecycle.fail(tx, claim(tx).job_id, "w", BAD)
        failed = job_queries.get(tx, first.job_id)
        row = result_queries.test_row(tx, first.test_id or "")
        creation.retry(tx, row, failed, requested_by="lee", step_count=2)
    assert _titles(db, "missing_columns") == set()
    assert _titles(db, "부산 status:running") == {"부산"}
    assert _titles(db, "lee") == {"부산"}


@pytest.mark.databases("sqlite", "postgresql")
def test_samples_are_found_by_their_titles_in_each_language(db: Database) -> None:
    """Together with words of other fields, in any order. Another test's title is only its own."""
    title = "2026년 하계 인턴 추론능력검사"
    with db.writing() as tx:
        interns = add_test(tx, title=title, user_id="choi", test_id=sample_id("interns"))
        add_test(tx, title="2026년 팀장 승진 대상자 성격검사", test_id=sample_id("team-leads"))
        add_test(tx, title=title, user_id="choi")
        jobs = job_pages.page(tx, JobFilter(), limit=9).jobs
    for query in ("summer interns", "interns person:choi", "reasoning CHOI summer"):
        assert _found(db, query) == {interns.job_id}
        assert {job.job_id for job in jobs if search.parse(query).matches(job)} == {interns.job_id}
    assert _titles(db, "summer") == {title}
    assert len(_found(db, "하계 인턴")) == 2


@pytest.mark.parametrize(
    ("language", "keys"), [("en", ["pilot", "team-leads"]), ("ko", ["team-leads", "pilot"])]
)
def test_samples_are_sorted_by_their_title_in_the_readers_language(
    db: Database, language: str, keys: Sequence[str]
) -> None:
    by_title = ResultSort.TITLE
    with db.writing() as tx:
        for key in keys:
            add_test(tx, title=titles_in("ko")[sample_id(key)], test_id=sample_id(key))
        results, _ = result_queries.page(tx, ResultFilter(), language, limit=9, sort=by_title)
    assert [result.id for result in results] == [sample_id(key) for key in keys]
