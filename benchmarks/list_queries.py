"""The queries of the service's lists, by name: filters, orders, searches, counts and histories."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from benchmarks.list_data import DAYS, KINDS, PEOPLE
from etl_monitor.service.access import activity_log
from etl_monitor.service.access.activity_log import ActivityFilter
from etl_monitor.service.jobs import history
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.counts import count_by_status
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.service.jobs.queue import with_places
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.filter import ResultFilter
from etl_monitor.service.results.order import ResultSort
from etl_monitor.service.storage.clock import now
from etl_monitor.wire.activity import ActivityOutcome
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.result import RESULT_STATUSES

Query = Callable[[Connection], Any]

_PAGE = 25
_ENDED = tuple(status for status in JobStatus if status.is_final)
_FAILED = (JobStatus.FAILED,)
_WEEK = now() - timedelta(days=7)
_PERSON = PEOPLE[3]  # of three quarters of the tests

_FILTERS = {
    "": JobFilter(),
    "that have ended": JobFilter(statuses=_ENDED),
    "by status": JobFilter(statuses=_FAILED),
    "by person": JobFilter(user_id=_PERSON),
    "by kind": JobFilter(test_kind=KINDS[1]),
    "by person, kind and status": JobFilter(user_id=_PERSON, test_kind=KINDS[1], statuses=_FAILED),
    "of a week": JobFilter(since=_WEEK),
}
_WORD = "공채에서"  # in every title
_SEARCHES = {
    "a frequent word": _WORD,
    "a frequent short word": "공채",
    "a rare word": "zebra",
    "부산": "부산",
    "two words": "인턴 부산",
    "a word and a status": f"{_WORD} status:failed",
    "a word and a person": f"{_WORD} person:{_PERSON}",
    "a status": "status:failed",
    "a word that is nowhere": "wolkenkratzer",
}


def queries() -> Mapping[str, Query]:
    parts = (_job_queries(), _count_queries(), _result_queries(), _activity_queries())
    return {name: query for part in parts for name, query in part}


def _job_queries() -> Iterator[tuple[str, Query]]:
    for name, matching in _FILTERS.items():
        yield f"jobs {name}", _jobs(matching)
        for sort in (JobSort.OLDEST, JobSort.LONGEST, JobSort.PROGRESS):
            yield f"jobs {name}, {sort}", _jobs(matching, sort)
    yield "jobs, queue", _jobs(JobFilter(), JobSort.QUEUE)
    for name, q in _SEARCHES.items():
        yield f"jobs with {name}", _jobs(JobFilter(q=(q,)))
    both = JobFilter(q=(_WORD,), statuses=_FAILED)
    yield "failed jobs with a frequent word", _jobs(both)
    yield "longest jobs with a frequent word", _jobs(JobFilter(q=(_WORD,)), JobSort.LONGEST)
    yield "active jobs", lambda tx: with_places(tx, job_queries.active(tx), 2)


def _count_queries() -> Iterator[tuple[str, Query]]:
    for name, matching in _FILTERS.items():
        yield f"counts {name}", _counts(matching)
    for name in ("a frequent word", "부산", "a rare word", "two words"):
        yield f"counts with {name}", _counts(JobFilter(q=(_SEARCHES[name],)))
    for days in (1, 7, DAYS, 366):
        yield f"history of {days} days", _history(timedelta(days=days))
    long_ago = timedelta(days=10)
    yield "history of an hour, 10 days ago", _history(timedelta(hours=1), until=long_ago)


def _result_queries() -> Iterator[tuple[str, Query]]:
    by_person = ResultFilter(user_id=_PERSON)
    for status in RESULT_STATUSES:
        yield f"results {status}", _results(ResultFilter(status=status))
    yield "results by kind", _results(ResultFilter(test_kind=KINDS[1]))
    for sort in ResultSort:
        yield f"results, {sort}", _results(ResultFilter(), sort)
        yield f"results by person, {sort}", _results(by_person, sort)
    for name, q in _SEARCHES.items():
        yield f"results with {name}", _results(ResultFilter(q=q))


def _activity_queries() -> Iterator[tuple[str, Query]]:
    yield "activity", _activity(ActivityFilter())
    yield "activity of a person", _activity(ActivityFilter(actor=_PERSON))
    yield "refused activity", _activity(ActivityFilter(outcome=ActivityOutcome.REFUSED))
    yield "activity of a week", _activity(ActivityFilter(since=_WEEK))
    yield "activity with a frequent word", _activity(ActivityFilter(q=_WORD))


def _jobs(matching: JobFilter, sort: JobSort = JobSort.NEWEST) -> Query:
    def query(tx: Connection) -> Any:
        page = job_pages.page(tx, matching, limit=_PAGE, sort=sort)
        return [page.total, *with_places(tx, page.jobs, 2)]

    return query


def _counts(matching: JobFilter) -> Query:
    return lambda tx: count_by_status(tx, matching)


def _history(period: timedelta, until: timedelta = timedelta()) -> Query:
    end = now() - until
    return lambda tx: history.history(tx, end - period, end)


def _results(matching: ResultFilter, sort: ResultSort = ResultSort.NEWEST) -> Query:
    return lambda tx: result_queries.page(tx, matching, "en", limit=_PAGE, sort=sort)


def _activity(matching: ActivityFilter) -> Query:
    def query(tx: Connection) -> Any:
        entries = activity_log.read(tx, matching, limit=_PAGE)
        return [activity_log.count(tx, matching), *entries]

    return query
