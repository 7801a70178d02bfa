"""What the lists of the service cost at 100,000 jobs and 10,000 tests with results, beside 1,000
and 100.

    python -m benchmarks.lists [postgresql+psycopg://…]

Each query is asked of both databases in turn, with its reply as JSON. Rows that a list shows are
as many in both; a word that every title has is in 100 times as many jobs. The address is of an
empty PostgreSQL database each, `{size}` in it stands for the number of jobs.
"""

import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, update

from etl_monitor.service.access import activity_log
from etl_monitor.service.access.activity_log import ActivityFilter
from etl_monitor.service.api.responses import success
from etl_monitor.service.jobs import history
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.service.jobs.queue import with_places
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.queries import ResultFilter, ResultSort
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.tables import activity, event_counter, jobs, results, tests
from etl_monitor.wire.activity import ActivityOutcome
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.result import RESULT_STATUSES

_SIZES = (1_000, 100_000)  # jobs
_JOBS_A_TEST = 10
_ROUNDS = 9
_PAGE = 25
_ACTIVE = 30  # jobs, 10 of them running
_DAYS = 25
_PEOPLE = tuple(f"person.{number:02}" for number in range(40))
_KINDS = ("big5", "aptitude", "leadership", "values", "english")
_CITIES = ("서울", "부산", "대구", "인천", "광주", "대전", "울산", "수원", "Busan", "Jeju")
_GROUPS = ("인턴", "신입", "경력", "Intern", "Manager")
_ENDED = tuple(status for status in JobStatus if status.is_final)
_BATCH = 10_000  # rows

Query = Callable[[Connection], Any]


def main(address: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        databases = [Database(_address(size, folder, address)) for size in _SIZES]
        for size, db in zip(_SIZES, databases, strict=True):
            began = time.perf_counter()
            fill(db, size)
            print(f"{size:,} jobs written in {time.perf_counter() - began:.0f} s")
        print(f"{'query':<44}{'small':>9}{'large':>9}  {'ratio':>6}  (spread)")
        for name, query in _queries().items():
            small, large, ratios = _measured(query, databases)
            middle = statistics.median(ratios)
            spread = f"({min(ratios):.1f} to {max(ratios):.1f})"
            print(f"{name:<44}{small:>6.1f} ms{large:>6.1f} ms  {middle:>5.1f}x  {spread}")
        for db in databases:
            db.close()


def _address(size: int, folder: str, address: str | None) -> str:
    return address.format(size=size) if address else sqlite_url(Path(folder) / f"{size}.sqlite")


def _measured(query: Query, databases: Sequence[Database]) -> tuple[float, float, Sequence[float]]:
    """Return the medians in milliseconds, and the ratio of each round."""
    rounds = [tuple(_milliseconds(query, db) for db in databases) for _ in range(_ROUNDS + 1)][1:]
    small, large = (statistics.median(times) for times in zip(*rounds, strict=True))
    return small, large, [large / small for small, large in rounds]


def _milliseconds(query: Query, db: Database) -> float:
    began = time.perf_counter()
    with db.reading() as tx:
        reply = query(tx)
    success(reply).model_dump_json(by_alias=True)
    return (time.perf_counter() - began) * 1e3


_FAILED = (JobStatus.FAILED,)
_WEEK = now() - timedelta(days=7)
_PERSON = _PEOPLE[3]  # of three quarters of the tests

_FILTERS = {
    "": JobFilter(),
    "that have ended": JobFilter(statuses=_ENDED),
    "by status": JobFilter(statuses=_FAILED),
    "by person": JobFilter(user_id=_PERSON),
    "by kind": JobFilter(test_kind=_KINDS[1]),
    "by person, kind and status": JobFilter(user_id=_PERSON, test_kind=_KINDS[1], statuses=_FAILED),
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


def _queries() -> dict[str, Query]:
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
    for days in (1, 7, _DAYS, 366):
        yield f"history of {days} days", _history(timedelta(days=days))
    long_ago = timedelta(days=10)
    yield "history of an hour, 10 days ago", _history(timedelta(hours=1), until=long_ago)


def _result_queries() -> Iterator[tuple[str, Query]]:
    by_person = ResultFilter(user_id=_PERSON)
    for status in RESULT_STATUSES:
        yield f"results {status}", _results(ResultFilter(status=status))
    yield "results by kind", _results(ResultFilter(test_kind=_KINDS[1]))
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
    return lambda tx: job_queries.count_by_status(tx, matching)


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


def fill(db: Database, size: int) -> None:
    """Write tests, jobs, results and activity; all that the database derives from them is kept by
    its triggers."""
    migrate.upgrade(db)
    with db.writing() as tx:
        chance, start = random.Random(size), now() - timedelta(days=_DAYS)
        made = [_test(number, start, chance, size) for number in range(size // _JOBS_A_TEST)]
        made_jobs = [_job(number, made, start, size, chance) for number in range(size)]
        for table, rows in (
            (tests, made),
            (jobs, made_jobs),
            (results, [_result(test) for test in made if int(test["test_id"][1:]) % 10]),
            (activity, [_entry(job) for job in made_jobs]),
        ):
            for batch in _batches(rows):
                tx.execute(insert(table), batch)
        tx.execute(update(event_counter).values(position=size))


def _batches(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for begin in range(0, len(rows), _BATCH):
        yield rows[begin : begin + _BATCH]


def _test_id(number: int) -> str:
    return f"t{number:035}"


def _job_id(number: int) -> str:
    return str(uuid.UUID(int=random.Random(number).getrandbits(128), version=4))


def _test(number: int, start: datetime, chance: random.Random, size: int) -> dict[str, Any]:
    rare = " zebra" if number < 10 else ""
    title = f"2026 {chance.choice(_CITIES)} {chance.choice(_GROUPS)} 공채에서 {number}{rare}"
    return {
        "test_id": _test_id(number),
        "user_id": _PEOPLE[3 if number % 4 else number % len(_PEOPLE)],
        "anp_seq": number,
        "title": title,
        "test_kind": chance.choice(_KINDS),
        "file_name": "a.csv",
        "source": f"{number}.csv",
        "created_at": start + number * _JOBS_A_TEST * timedelta(days=_DAYS) / size,
    }


def _job(
    number: int, made: Sequence[dict[str, Any]], start: datetime, size: int, chance: random.Random
) -> dict[str, Any]:
    test = made[number % len(made)]
    at = start + number * timedelta(days=_DAYS) / size
    left = size - number
    status = chance.choices(
        (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED), (80, 14, 6)
    )[0]
    if left <= _ACTIVE:
        status = JobStatus.RUNNING if left > _ACTIVE - 10 else JobStatus.PENDING
    started = None if status is JobStatus.PENDING else at + timedelta(seconds=1)
    took = timedelta(seconds=chance.uniform(1, 900))
    has_failed = status is JobStatus.FAILED
    return {
        "job_id": _job_id(number),
        "sequence": number + 1,
        "status": status,
        "progress": 100 if status is JobStatus.COMPLETED else chance.randrange(100),
        "current_step": "load" if status is JobStatus.COMPLETED else "score",
        "step_index": 3,
        "step_count": 6,
        "rows_done": 1000,
        "rows_total": 1000,
        "created_at": at,
        "updated_at": at,
        "started_at": started,
        "finished_at": started + took if started and status.is_final else None,
        "attempt": 1,
        "root_id": _job_id(number),
        "requested_by": test["user_id"],
        "forced": False,
        "error_code": "missing_columns" if has_failed else None,
        "error_message": 'Columns are "missing": 문항_01' if has_failed else None,
        **{name: test[name] for name in ("test_id", "user_id", "anp_seq", "title", "test_kind")},
    }


def _result(test: dict[str, Any]) -> dict[str, Any]:
    return {
        "test_id": test["test_id"],
        "job_id": "",
        "completed_at": test["created_at"],
        "respondents": test["anp_seq"] % 997,
    }


def _entry(job: dict[str, Any]) -> dict[str, Any]:
    is_refused = job["sequence"] % 50 == 0
    return {
        "at": job["created_at"],
        "actor": job["user_id"],
        "role": "operator",
        "action": "retry" if job["sequence"] % 10 else "cancel",
        "outcome": "refused" if is_refused else "done",
        "job_id": job["job_id"],
        "test_id": job["test_id"],
        "title": job["title"],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
