"""Samples start one after the other, and never before a job that waits."""

import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import pytest
from sqlalchemy import update

from etl_monitor.pipeline.samples.files import SAMPLES
from etl_monitor.service import errors
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import registration
from etl_monitor.service.samples.pacing import AT_ONCE, Pace, pace_over
from etl_monitor.service.samples.replay import SampleReplay
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import tests
from tests.support.eventually import eventually
from tests.support.records import MINUTE, add_test, claim

NO_DELAY = Pace(interval=1e-6)  # seconds: it only waits for the queue


@pytest.fixture
def replay(db: Database) -> Iterator[SampleReplay]:
    with closing(SampleReplay(db)) as replay:
        yield replay


def test_the_samples_of_a_first_start_take_the_minutes_of_the_setting() -> None:
    later = len(SAMPLES) - AT_ONCE
    assert pace_over(10, len(SAMPLES)).interval * later == pytest.approx(600)


class _Clock(threading.Event):
    """A clock that stands still but for what is waited for, and the event to wait with."""

    now = 1000.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0.0
        return False


def test_something_starts_every_half_minute_for_ten_minutes(db: Database) -> None:
    """However long writing a sample's file takes: up to 20 s here, on a slow machine."""
    clock = _Clock()
    pace = Pace(interval=pace_over(10, len(SAMPLES)).interval, clock=lambda: clock.now)
    starts = []
    for index in range(len(SAMPLES)):
        clock.now += 20 * SAMPLES[index].respondents / 1_000_000
        assert pace.wait(index, db, clock)
        starts.append(clock.now)
    gaps = [after - before for before, after in pairwise(starts)]
    assert max(gaps) < 33, "seconds"
    assert min(gaps[AT_ONCE:]) > 25, "no bursts"
    assert 9 * 60 < starts[-1] - starts[0] < 11 * 60


def test_the_first_samples_show_what_can_happen() -> None:
    first = SAMPLES[:AT_ONCE]
    assert any(sample.broken for sample in first)
    assert any(sample.dropped for sample in first)
    assert max(sample.respondents for sample in first) >= 100_000, "one that moves"


def test_a_sample_waits_while_any_job_waits(db: Database, replay: SampleReplay) -> None:
    started: list[str] = []

    def run(test_id: str) -> None:
        with db.reading() as tx:
            assert job_queries.count_pending(tx, at_most=1) == 0
        started.append(test_id)

    with db.writing() as tx:
        add_test(tx)  # a person's upload
    replay.start(NO_DELAY, ["a", "b"], run)
    with db.writing() as tx:
        claim(tx)
    eventually(lambda: _equal(started, ["a", "b"]))


def test_with_no_minutes_none_waits(db: Database) -> None:
    with db.writing() as tx:
        add_test(tx)
    assert pace_over(0, 23).wait(20, db, threading.Event())


def test_only_the_later_ones_wait_for_their_time(db: Database, replay: SampleReplay) -> None:
    """With an interval of a day. A second replay starts over; closing ends it."""
    pace, ids = Pace(interval=86_400), [str(number) for number in range(AT_ONCE + 3)]
    first: list[str] = []
    second: list[str] = []
    replay.start(pace, ids, first.append)
    eventually(lambda: _equal(first, ids[:AT_ONCE]))
    replay.start(pace, ids, second.append)
    eventually(lambda: _equal(second, ids[:AT_ONCE]))
    replay.close()
    assert (first, second) == (ids[:AT_ONCE], ids[:AT_ONCE])


def test_a_sample_that_was_removed_is_left_out(db: Database, replay: SampleReplay) -> None:
    started: list[str] = []

    def run(test_id: str) -> None:
        if test_id == "b":
            raise errors.TestNotFound(test_id=test_id)
        started.append(test_id)

    replay.start(NO_DELAY, ["a", "b", "c"], run)
    eventually(lambda: _equal(started, ["a", "c"]))


def test_only_idle_samples_are_replayed(db: Database) -> None:
    """Of a person's test, an idle sample and one that is being scored."""
    with db.writing() as tx:
        jobs = [add_test(tx, test_id=name) for name in ("own", "idle", "busy")]
        is_sample = tests.c.test_id.in_(("idle", "busy"))
        tx.execute(update(tests).where(is_sample).values(sample_key=tests.c.test_id))
        for job in jobs[:2]:
            lifecycle.request_cancel(tx, job.job_id, by="kim", reason="", deadline=MINUTE)
        assert registration.idle_samples(tx) == ["idle"]


def _equal(value: object, expected: object) -> None:
    assert value == expected
