"""The job that a worker would claim now: which one it is, and by which index it is found."""

import random
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest
from sqlalchemy import insert, text, update

from etl_monitor.service.jobs import lifecycle, rules
from etl_monitor.service.jobs.front import next_pending
from etl_monitor.service.jobs.route import ANY, Route
from etl_monitor.service.jobs.rules import QueueRules
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.tables import jobs
from tests.support.plans import plans
from tests.support.records import MINUTE, add_test, claim
from tests.support.servers import Server, new_database

KINDS = ("a", "b", "c", "d")
ROUTES: Mapping[str, tuple[Route, ...]] = {
    "any": (ANY,),
    "a kind": (Route(kind="b"),),
    "two kinds": (Route(kind="d"), Route(kind="b")),
    "a kind or any": (Route(kind="c"), ANY),
}
HELD = QueueRules(kind_limits={"a": 1, "c": 0})


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("seed", range(3))
def test_the_first_job_of_the_kinds_that_may_start_is_next(db: Database, seed: int) -> None:
    chance = random.Random(seed)  # no secret
    with db.writing() as tx:
        add_test(tx, kind="a")
        claim(tx)
        waiting = [add_test(tx, kind=chance.choice(KINDS)) for _ in range(40)]
        order = {job.job_id: (1.0, number) for number, job in enumerate(waiting)}
        for number, job in enumerate(chance.sample(waiting, 10)):
            promoted = now() + number * MINUTE
            change = update(jobs).where(jobs.c.job_id == job.job_id)
            tx.execute(change.values(promoted_at=promoted))
            order[job.job_id] = (0.0, -number)
        waiting.sort(key=lambda job: order[job.job_id])
        for queue_rules, closed in ((QueueRules(), set()), (HELD, {"a", "c"})):
            rules.store(tx, queue_rules)
            for routes in ROUTES.values():
                kinds = set(KINDS) if ANY in routes else {route.kind for route in routes}
                first = next(job for job in waiting if job.test_kind in kinds - closed)
                assert next_pending(tx, routes) == first.job_id


@pytest.mark.databases("sqlite", "postgresql")
def test_no_job_is_next_if_all_kinds_are_held_back(db: Database) -> None:
    with db.writing() as tx:
        rules.store(tx, HELD)
        assert next_pending(tx) is None
        add_test(tx, kind="c")
        assert next_pending(tx) is None
        assert next_pending(tx, [Route(kind="b")]) is None
        assert lifecycle.claim(tx, "w", ()) is None


_MANY = """
INSERT INTO tests (test_id, user_id, anp_seq, title, test_kind, file_name, source, created_at)
SELECT 'many ' || n, 'many', n, 'A test', 'a', 'f', 's' || n, now() FROM generate_series(1, 3000) n
"""


def _let_many_wait(db: Database) -> None:
    """Let many jobs of kind `a` wait in front of those that are added later."""
    with db.writing() as tx:
        tx.execute(text(_MANY))
        job = dict(add_test(tx, kind="a"))
        row = {name: value for name, value in job.items() if name in jobs.c}
        names = ("job_id", "root_id", "test_id")
        copies = [
            row | dict.fromkeys(names, f"many {number}") | {"sequence": number - 4000}
            for number in range(1, 3001)
        ]
        tx.execute(insert(jobs), copies)
        tx.exec_driver_sql("ANALYZE")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def waiting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Jobs that wait. SQLite has no statistics: their number makes no difference to its plans."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path_factory.mktemp("front") / "etl.sqlite")
    else:
        postgres: Server = request.getfixturevalue("postgres")
        url = new_database(postgres, request.getfixturevalue("migrated_postgres"))
    with closing(Database(url)) as db:
        migrate.upgrade(db)
        if not db.is_sqlite:
            _let_many_wait(db)
        with db.writing() as tx:
            rules.store(tx, HELD)
            add_test(tx, kind="b")
        yield db


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("queue_rules", [QueueRules(), HELD], ids=["no limit", "held back"])
def test_waiting_jobs_are_read_in_the_order_of_an_index(
    waiting: Database, name: str, queue_rules: QueueRules
) -> None:
    with waiting.writing() as tx:
        rules.store(tx, queue_rules)
    found = plans(waiting, lambda tx: next_pending(tx, ROUTES[name]))
    reads = "\n".join(plan for plan in found if "jobs_in_queue" in plan)
    assert reads
    assert "Sort" not in reads
    assert "TEMP B-TREE" not in reads
    everything = "\n".join(found)
    assert "Seq Scan on jobs" not in everything
    assert "SCAN jobs" not in everything
