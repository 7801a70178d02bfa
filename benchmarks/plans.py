"""How each list is read at 1,000,000 jobs of 100,000 tests: by which index, and in what time.

    python -m benchmarks.plans [JOBS [postgresql+psycopg://…]]

Prints each list that reads a large table without an index, and the time of its first and second
reading. The jobs are inserted by SQL into the tables of revision 0010; the migrations since then
index and count them. The address is of an empty PostgreSQL database.
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, text

from benchmarks.list_data import KINDS, PEOPLE
from benchmarks.list_queries import Query, queries
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.counted import COUNTED
from etl_monitor.service.storage.database import Database, sqlite_url
from tests.support.plans import plans

_JOBS = 1_000_000
_JOBS_A_TEST = 10
_BEFORE_LISTS = "0010"  # the revision
_SECONDS_APART = 31  # 1,000,000 jobs in a year
_ACTIVE = 30

# SQLite reads the activity log by its key, from the newest entry on: also a scan.
_WITHOUT_INDEX = {
    True: re.compile(r"SCAN (jobs|tests|results)\b(?! USING (COVERING )?INDEX)"),
    False: re.compile(r"Seq Scan on (jobs|tests|results|activity)\b"),
}


def main(count: str = str(_JOBS), address: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(address or sqlite_url(Path(folder) / "etl.sqlite"))
        for step, seconds in fill(db, int(count)):
            print(f"{step}: {seconds:.0f} s", flush=True)
        print(f"{'list':<44}{'first':>10}{'second':>10}")
        without = [_first_without(db, name, query) for name, query in queries().items()]
        db.close()
    for reading, names in zip(("later", "first"), zip(*without, strict=True), strict=True):
        found = [name for name in names if name]
        number = f"{len(found)} of {len(names)}"
        print(f"{reading} reading: {number} lists without an index: {', '.join(found) or '-'}")


def _first_without(db: Database, name: str, query: Query) -> tuple[str, str]:
    """Return the name if a later reading has no index, and if the first one after a start has none:
    it counts what later ones remember."""
    COUNTED.clear()
    first, second = _milliseconds(db, query), _milliseconds(db, query)
    of_second = _without_index(db, query)
    COUNTED.clear()
    of_first = _without_index(db, query)
    note = "  no index" if of_second else "  no index the first time" if of_first else ""
    print(f"{name:<44}{first:>7.0f} ms{second:>7.0f} ms{note}", flush=True)
    for plan in of_first:
        print("    " + plan.replace("\n", "\n    "))
    return name if of_second else "", name if of_first else ""


def _without_index(db: Database, query: Query) -> list[str]:
    return [plan for plan in plans(db, query) if _WITHOUT_INDEX[db.is_sqlite].search(plan)]


def _milliseconds(db: Database, query: Query) -> float:
    began = time.perf_counter()
    with db.reading() as tx:
        query(tx)
    return (time.perf_counter() - began) * 1e3


def fill(db: Database, count: int) -> Sequence[tuple[str, float]]:
    """Return what it did, each with its seconds."""
    steps: dict[str, Callable[[Connection], None]] = {
        "tables of an older version": lambda tx: migrate.upgrade_to(tx, _BEFORE_LISTS),
        f"{count:,} jobs": lambda tx: _insert(tx, count),
        "migrations": lambda tx: migrate.upgrade_to(tx, migrate.newest_revision()),
    }
    times = []
    for name, step in steps.items():
        began = time.perf_counter()
        with db.writing() as tx:
            tx.exec_driver_sql(
                "SET LOCAL statement_timeout = 0" if not db.is_sqlite else "SELECT 1"
            )
            step(tx)
        times.append((name, time.perf_counter() - began))
    if not db.is_sqlite:
        with db.writing() as tx:
            _take_time(tx)
            tx.exec_driver_sql("ANALYZE")
    return times


def _take_time(tx: Connection) -> None:
    """Let statements take as long as they need."""
    if tx.dialect.name != "sqlite":
        tx.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _insert(tx: Connection, count: int) -> None:
    is_sqlite = tx.dialect.name == "sqlite"
    for statement in (_TESTS, _JOBS_OF_TESTS, _RESULTS, _ENTRIES, _POSITION):
        sql = _AT.sub(lambda found: _time(is_sqlite, found[1]), statement)
        tx.execute(text(sql), {"jobs": count, "tests": count // _JOBS_A_TEST})


_AT = re.compile(r"at\[([^]]*)\]")


def _time(is_sqlite: bool, seconds: str) -> str:
    """Return the SQL of the time that lies so many seconds before now."""
    if is_sqlite:
        return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || ({seconds}) || ' seconds')"
    return f"now() - ({seconds}) * interval '1 second'"


def _numbers(last: str) -> str:
    return (
        "WITH RECURSIVE counted(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL"
        f" SELECT n + 1 FROM counted WHERE n < {last})"
    )


def _choice(values: Sequence[str], number: str) -> str:
    branches = " ".join(f"WHEN {index} THEN '{value}'" for index, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {branches} END"


_PERSON = f"CASE WHEN n % 4 > 0 THEN '{PEOPLE[3]}' ELSE {_choice(PEOPLE, 'n / 4')} END"
_KIND = _choice(KINDS, "n * 7919 / 11")
_CITY = _choice(("서울", "부산", "대구", "인천", "광주", "대전", "울산", "수원", "Jeju"), "n / 7")
_GROUP = _choice(("인턴", "신입", "경력", "Intern", "Manager"), "n / 3")
_IS_ACTIVE = f"n > :jobs - {_ACTIVE}"

_TESTS = f"""
INSERT INTO tests (test_id, user_id, anp_seq, title, test_kind, file_name, source, created_at)
{_numbers(":tests")}
SELECT 't' || n, {_PERSON}, n, '2026 ' || {_CITY} || ' ' || {_GROUP} || ' 공채에서 ' || n
    || CASE WHEN n <= 10 THEN ' zebra' ELSE '' END,
    {_KIND}, 'a.csv', n || '.csv', at[(:tests - n) * {_SECONDS_APART * _JOBS_A_TEST}]
FROM counted
"""
_JOBS_OF_TESTS = f"""
INSERT INTO jobs (job_id, sequence, test_id, user_id, anp_seq, title, test_kind, status, progress,
    current_step, rows_done, rows_total, created_at, updated_at, started_at, finished_at, attempt,
    root_id, requested_by, forced, error_message)
{_numbers(":jobs")},
made AS (
    SELECT n, n * 7919 % 1000003 AS hash, CASE WHEN {_IS_ACTIVE}
        THEN CASE WHEN n % 3 = 0 THEN 'running' ELSE 'pending' END
        ELSE {_choice(["completed"] * 16 + ["failed"] * 3 + ["cancelled"], "n * 7919 / 13")}
        END AS status
    FROM counted
)
SELECT made.n || '-' || hash, made.n, t.test_id, t.user_id, t.anp_seq, t.title, t.test_kind, status,
    CASE status WHEN 'completed' THEN 100 ELSE hash % 100 END,
    CASE status WHEN 'completed' THEN 'load' ELSE 'score' END, 1000, 1000,
    at[(:jobs - made.n) * {_SECONDS_APART} + 1000], at[(:jobs - made.n) * {_SECONDS_APART}],
    CASE WHEN status <> 'pending' THEN at[(:jobs - made.n) * {_SECONDS_APART} + 999] END,
    CASE WHEN status NOT IN ('pending', 'running')
        THEN at[(:jobs - made.n) * {_SECONDS_APART} + 999 - hash % 900] END,
    1, made.n || '-' || hash, t.user_id, false,
    CASE status WHEN 'failed' THEN 'Columns are "missing"' END
FROM made JOIN tests t ON t.test_id = 't' || ((made.n - 1) % :tests + 1)
"""
_RESULTS = """
INSERT INTO results (test_id, job_id, completed_at, respondents)
SELECT test_id, '', created_at, anp_seq % 997 FROM tests WHERE anp_seq % 10 > 0
"""
_ENTRIES = """
INSERT INTO activity (at, actor, role, action, outcome, job_id, test_id, title)
SELECT created_at, user_id, 'operator', CASE sequence % 10 WHEN 0 THEN 'cancel' ELSE 'retry' END,
    CASE sequence % 50 WHEN 0 THEN 'refused' ELSE 'done' END, job_id, test_id, title
FROM jobs ORDER BY sequence
"""
_POSITION = "UPDATE event_counter SET position = :jobs"


if __name__ == "__main__":
    main(*sys.argv[1:])
