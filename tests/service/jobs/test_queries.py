"""Pages of jobs and of results: filters, order, totals."""

from itertools import chain
from typing import Any

import pytest
from sqlalchemy import update

from etl_monitor.errors import BadRequest, PipelineError
from etl_monitor.service.jobs import creation, lifecycle
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.filter import ResultFilter
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.result import RESULT_STATUSES, ResultStatus
from tests.support.records import MINUTE, add_test, claim

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ANY = JobFilter()


@pytest.fixture
def six_jobs(db: Database) -> list[Job]:
    """Oldest first: running, cancelled, completed, completed, pending, pending."""
    with db.writing() as tx:
        created = [add_test(tx, title=f"Test {number}") for number in range(6)]
        claim(tx)
        lifecycle.request_cancel(tx, created[1].job_id, by="lee", reason=None, deadline=MINUTE)
        for job in created[2:4]:
            claim(tx)
            lifecycle.complete(tx, job.job_id, "w")
    return created


def _ids(page: job_pages.JobPage) -> list[str]:
    return [job.job_id for job in page.jobs]


def test_newest_first_with_every_active_job(db: Database, six_jobs: list[Job]) -> None:
    newest_first = [job.job_id for job in reversed(six_jobs)]
    with db.reading() as tx:
        all_of_them = job_pages.page(tx, ANY, limit=10)
        four = job_pages.page(tx, ANY, limit=4)
        one = job_pages.page(tx, ANY, limit=1)
    assert (_ids(all_of_them), all_of_them.total, all_of_them.more_before) == (
        newest_first,
        6,
        None,
    )
    assert _ids(four) == [six_jobs[n].job_id for n in (5, 4, 3, 0)]
    assert _ids(one) == [six_jobs[n].job_id for n in (5, 4, 0)]


def test_pages_by_cursor_have_every_job_once(db: Database, six_jobs: list[Job]) -> None:
    ids: set[str] = set()
    before = None
    with db.reading() as tx:
        for _ in range(6):
            page = job_pages.page(tx, ANY, limit=4 if before is None else 1, before=before)
            ids |= set(_ids(page))
            before = page.more_before
            if before is None:
                break
    assert ids == {job.job_id for job in six_jobs}


@pytest.mark.parametrize("limit", range(1, 8))
def test_each_job_is_on_one_page(db: Database, six_jobs: list[Job], limit: int) -> None:
    """This holds for old active jobs too, even if they alone fill a page."""
    page = _page(db, limit=limit)
    assert len(page.jobs) == min(max(limit, 3), 6)
    ids = _ids(page)
    while page.more_before is not None:
        page = _page(db, limit=limit, before=page.more_before)
        assert page.total == 6
        ids += _ids(page)
    assert sorted(ids) == sorted(job.job_id for job in six_jobs)


@pytest.mark.parametrize("limit", range(1, 8))
def test_the_last_job_of_each_page_is_a_valid_cursor(
    db: Database, six_jobs: list[Job], limit: int
) -> None:
    """A client that knows only ids pages like this."""
    seen: list[str] = []
    while ids := _ids(_page(db, limit=limit, before=seen[-1] if seen else None)):
        seen += ids
    assert sorted(seen) == sorted(job.job_id for job in six_jobs)


def test_an_active_job_within_the_first_page_is_a_cursor_for_older_jobs(
    db: Database, six_jobs: list[Job]
) -> None:
    assert _ids(_page(db, limit=2, before=six_jobs[4].job_id)) == [
        six_jobs[n].job_id for n in (3, 2)
    ]


@pytest.mark.parametrize("limit", range(1, 8))
def test_each_job_is_on_one_page_by_offset(db: Database, six_jobs: list[Job], limit: int) -> None:
    ids = [
        job_id for page in range(7) for job_id in _ids(_page(db, limit=limit, offset=page * limit))
    ]
    assert sorted(ids) == sorted(job.job_id for job in six_jobs)


@pytest.fixture
def odd_jobs(db: Database, six_jobs: list[Job]) -> list[Job]:
    """The six jobs, and five more with a status that no version knows."""
    words = ("", "Completed", "exploded", "paused", "~")
    with db.writing() as tx:
        odd = [add_test(tx, title=f"Odd {word}") for word in words]
        for number, (job, word) in enumerate(zip(odd, words, strict=True)):
            same = jobs.c.job_id == job.job_id
            tx.execute(update(jobs).where(same).values(status=word, progress=number * 30))
    return [*six_jobs, *odd]


@pytest.mark.parametrize("sort", JobSort)
@pytest.mark.parametrize("limit", [2, 5])
def test_a_job_of_no_known_status_is_on_one_page(
    db: Database, odd_jobs: list[Job], limit: int, sort: JobSort
) -> None:
    """Forth and back."""
    offsets = range(0, len(odd_jobs), limit)
    forth = [_ids(_page(db, limit=limit, offset=at, sort=sort)) for at in offsets]
    back = [_ids(_page(db, limit=limit, offset=at, sort=sort)) for at in reversed(offsets)]
    assert back == forth[::-1]
    assert sorted(chain.from_iterable(forth)) == sorted(job.job_id for job in odd_jobs)


def test_jobs_of_no_known_status_take_their_place_by_progress(
    db: Database, odd_jobs: list[Job]
) -> None:
    page = _page(db, limit=20, sort=JobSort.PROGRESS)
    progress = [job.progress for job in page.jobs]
    assert progress == sorted(progress, reverse=True)
    assert page.total == len(odd_jobs)


def test_pages_by_cursor_have_jobs_of_no_known_status(db: Database, odd_jobs: list[Job]) -> None:
    page = _page(db, limit=4)
    ids = _ids(page)
    while page.more_before is not None:
        page = _page(db, limit=2, before=page.more_before)
        ids += _ids(page)
    assert sorted(ids) == sorted(job.job_id for job in odd_jobs)


def _page(db: Database, **limits: Any) -> job_pages.JobPage:
    with db.reading() as tx:
        return job_pages.page(tx, ANY, **limits)


def test_a_job_created_between_two_requests_does_not_shift_the_pages(
    db: Database, six_jobs: list[Job]
) -> None:
    first = _page(db, limit=4)
    with db.writing() as tx:
        add_test(tx, title="Test 7")
    assert _ids(_page(db, limit=4, before=first.more_before)) == [
        six_jobs[n].job_id for n in (2, 1)
    ]


def test_jobs_are_filtered(db: Database, six_jobs: list[Job]) -> None:
    finished = JobFilter(statuses=(JobStatus.COMPLETED, JobStatus.CANCELLED))
    with db.reading() as tx:
        assert job_pages.page(tx, finished, limit=2).total == 3
        page = job_pages.page(tx, finished, limit=2)
        rest = job_pages.page(tx, finished, limit=2, before=page.more_before)
        of_test = job_pages.page(tx, JobFilter(test_id=six_jobs[2].test_id), limit=9)
    assert _ids(page) + _ids(rest) == [six_jobs[n].job_id for n in (3, 2, 1)]
    assert rest.more_before is None
    assert _ids(of_test) == [six_jobs[2].job_id]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("100%", 1),
        ("100_", 0),
        ("%", 1),
        ("WOLF", 1),
        ("kim", 3),
        ("늑대", 1),
        ("too bad", 1),
        ("'; DROP TABLE jobs; --", 0),
        ("", 3),
    ],
)
def test_search_has_no_wildcards(db: Database, q: str, found: int) -> None:
    with db.writing() as tx:
        add_test(tx, title="A wolf, 100% sure")
        add_test(tx, title="늑대")
        add_test(tx, title="1000")
        job = claim(tx)
        lifecycle.fail(tx, job.job_id, "w", PipelineError("c", "These are too bad."))
    with db.reading() as tx:
        assert job_pages.page(tx, JobFilter(q=[q]), limit=9).total == found


def test_an_unknown_cursor_is_rejected(db: Database) -> None:
    with db.reading() as tx, pytest.raises(BadRequest) as caught:
        job_pages.page(tx, ANY, limit=9, before="gone")
    assert caught.value.code == "unknown_cursor"


def test_results_have_a_status(db: Database, six_jobs: list[Job]) -> None:
    with db.reading() as tx:
        found, total = result_queries.page(tx, ResultFilter(), "en", limit=2, offset=1)
        by_status = {
            status: result_queries.page(tx, ResultFilter(status=status), "en", limit=9)[1]
            for status in RESULT_STATUSES
        }
    assert (len(found), total) == (2, 6)
    # The two completed jobs here published nothing, so their tests have no results.
    assert by_status == {
        ResultStatus.PROCESSING: 3,
        ResultStatus.COMPLETED: 0,
        ResultStatus.FAILED: 3,
    }


def test_results_are_searched_and_have_their_newest_job(db: Database) -> None:
    with db.writing() as tx:
        first = add_test(tx, user_id="kim", title="50% wolf")
        add_test(tx, user_id="lee", title="fox")
        lifecycle.request_cancel(tx, first.job_id, by="lee", reason=None, deadline=MINUTE)
        row = result_queries.test_row(tx, first.test_id or "")
        again = creation.retry(
            tx, row, job_queries.get(tx, first.job_id), requested_by="kim", step_count=2
        )
        (found,), total = result_queries.page(tx, ResultFilter(q="0% w"), "en", limit=9)
    assert total == 1
    assert found.active_job is not None
    assert found.last_job is not None
    assert found.active_job.job_id == found.last_job.job_id == again.job_id


def test_a_test_has_one_active_job_and_one_that_is_newest(db: Database) -> None:
    with db.writing() as tx:
        job = add_test(tx, test_id="t")
        assert job_queries.active_of_test(tx, "t") == job
        assert [active.job_id for active in job_queries.active(tx)] == [job.job_id]
        assert not job_queries.running(tx)
        claim(tx)
        assert [running.job_id for running in job_queries.running(tx)] == [job.job_id]
        lifecycle.record_rejected_rows(tx, job.job_id, "rejected.parquet")
        assert job_queries.rejected_rows_of_test(tx, "t") is None, "the run has not ended"
        lifecycle.complete(tx, job.job_id, "w")
        assert job_queries.active_of_test(tx, "t") is None
        newest = job_queries.newest_of_test(tx, "t")
        assert newest == job_queries.get(tx, job.job_id)
        assert job_queries.rejected_rows_of_test(tx, "t") == "rejected.parquet"
        assert job_queries.newest_of_test(tx, "another") is None
        assert job_queries.rejected_rows_of_test(tx, "another") is None


def test_a_job_has_the_trace_of_the_request_that_made_it(db: Database) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    with db.writing() as tx:
        traced, other = add_test(tx).job_id, add_test(tx).job_id
        tx.execute(update(jobs).where(jobs.c.job_id == traced).values(trace=traceparent))
        assert job_queries.trace(tx, traced) == traceparent
        assert job_queries.trace(tx, other) is None
        assert job_queries.trace(tx, "unknown") is None
