"""Jobs with their tests, results and entries of the activity log, for the benchmarks of lists."""

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import activity, event_counter, jobs, results, tests
from etl_monitor.wire.job import JobStatus

DAYS = 25
PEOPLE = tuple(f"person.{number:02}" for number in range(40))
KINDS = ("big5", "aptitude", "leadership", "values", "english")

_JOBS_A_TEST = 10
_ACTIVE = 30  # jobs, 10 of them running
_CITIES = ("서울", "부산", "대구", "인천", "광주", "대전", "울산", "수원", "Busan", "Jeju")
_GROUPS = ("인턴", "신입", "경력", "Intern", "Manager")
_BATCH = 10_000  # rows


def fill(db: Database, size: int) -> None:
    """Write tests, jobs, results and activity; all that the database derives from them is kept by
    its triggers."""
    migrate.upgrade(db)
    with db.writing() as tx:
        chance, start = random.Random(size), now() - timedelta(days=DAYS)
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
        "user_id": PEOPLE[3 if number % 4 else number % len(PEOPLE)],
        "anp_seq": number,
        "title": title,
        "test_kind": chance.choice(KINDS),
        "file_name": "a.csv",
        "source": f"{number}.csv",
        "created_at": start + number * _JOBS_A_TEST * timedelta(days=DAYS) / size,
    }


def _job(
    number: int, made: Sequence[dict[str, Any]], start: datetime, size: int, chance: random.Random
) -> dict[str, Any]:
    test = made[number % len(made)]
    at = start + number * timedelta(days=DAYS) / size
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
