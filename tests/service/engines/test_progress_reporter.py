"""Progress is counted, never decreases, and is written at a limited rate."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl_monitor.pipeline.base import PipelineJob, Step
from etl_monitor.service.engines import progress_reporter
from etl_monitor.service.engines.liveness import Liveness
from etl_monitor.service.engines.progress_reporter import ProgressReporter
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage
from tests.support.records import add_test


def _nothing(job: PipelineJob, report: object, cancelled: object) -> None:
    return None


STEPS = [
    Step(name="a", run=_nothing),
    Step(name="b", run=_nothing, weight=3.0),
    Step(name="c", run=_nothing, weight=0.0),
]


def _reporter(db: Database, liveness: Liveness | None = None) -> tuple[ProgressReporter, str]:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        job = lifecycle.claim(tx, "w", [step.name for step in STEPS])
        while job is not None and job.job_id != job_id:
            job = lifecycle.claim(tx, "w", [step.name for step in STEPS])
    assert job is not None
    return ProgressReporter(
        db, job, "w", STEPS, writes=DatabaseOutage("w"), liveness=liveness
    ), job_id


def _percent(db: Database, job_id: str) -> int:
    with db.reading() as tx:
        return job_queries.get(tx, job_id).progress


def test_a_heartbeat_is_written_only_after_signs_of_life(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_reporter, "HEARTBEAT_INTERVAL", 0.0)
    liveness = Liveness()
    report, _ = _reporter(db, liveness)
    positions = []
    for is_alive in (False, True, False):
        if is_alive:
            with liveness.own_code():
                pass
        report.beat()
        with db.reading() as tx:
            positions.append(event_log.position(tx))
    assert positions[0] + 1 == positions[1] == positions[2]


def test_progress_follows_the_weights_of_the_steps(db: Database) -> None:
    report, job_id = _reporter(db)
    seen = []
    for index in (1, 2, 3):
        report.begin(index)
        seen.append(_percent(db, job_id))
        report(50, 50)
        seen.append(_percent(db, job_id))
    assert seen == [0, 25, 25, 99, 99, 99], "only a completed job has 100"


def test_a_step_that_reports_little_ends_with_all_its_rows(db: Database) -> None:
    report, job_id = _reporter(db)
    report.begin(1)
    report(20, 20)
    report.begin(2)
    report.end()
    report.begin(3)
    with db.reading() as tx:
        steps = job_queries.detail(tx, job_id).steps
    assert [(step.rows_done, step.rows_total) for step in steps] == [(20, 20), (20, 20), (0, 20)]


def test_many_reports_make_few_events(db: Database) -> None:
    report, _ = _reporter(db)
    report.begin(1)
    with db.reading() as tx:
        before = event_log.position(tx)
    for done in range(2000):
        report(done, 1_000_000)
    with db.reading() as tx:
        assert event_log.position(tx) - before < 100


def test_log_lines_have_a_level_and_a_limited_length(db: Database) -> None:
    report, job_id = _reporter(db)
    report.begin(1)
    report.log("one")
    report.log("two", "error")
    report.log("three", "nonsense")
    report.log("x" * 100_000, code="rows_read", details={"rows": 3})
    report.flush()
    with db.reading() as tx:
        log = job_queries.detail(tx, job_id).log
    assert [(line.level, line.message) for line in log[:3]] == [
        ("info", "one"),
        ("error", "two"),
        ("info", "three"),
    ]
    assert len(log[3].message) == 20_000
    assert [(line.code, line.details) for line in log[2:]] == [
        (None, None),
        ("rows_read", {"rows": 3}),
    ]


def test_an_outage_is_logged_once_at_its_begin_and_once_at_its_end(
    db: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """This holds even if only log lines are written after the outage."""
    caplog.set_level("INFO", "etl_monitor.service.storage.outage")
    own = Database(database_url, busy_timeout=0.05)
    report, _ = _reporter(own)
    report.begin(1)
    with db.writing():  # another writer, for too long
        report(50, 50)
        report(50, 50)
    report.log("all of it")
    report.flush()
    own.close()
    assert caplog.messages == ["database_outage_began", "database_outage_ended"]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    reports=st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 50), st.integers(0, 40)), max_size=25
    )
)
def test_progress_never_decreases_whatever_steps_report(
    db: Database, reports: list[tuple[int, int, int]]
) -> None:
    report, job_id = _reporter(db)
    seen = []
    for index, done, total in reports:
        report.begin(index)
        report(done, total)
        seen.append(_percent(db, job_id))
    assert seen == sorted(seen)
    assert all(0 <= percent <= 99 for percent in seen)
