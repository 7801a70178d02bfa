"""PostgreSQL: a commit by any process wakes the tail at once, and one writer at a time."""

import asyncio
from contextlib import closing

import pytest
from sqlalchemy.exc import OperationalError

from etl_monitor.service.events import event_log
from etl_monitor.service.events.notifications import NotificationListener
from etl_monitor.service.events.tail import EventTail
from etl_monitor.service.storage.database import Database

pytestmark = pytest.mark.databases("postgresql")

NEVER = 3600.0  # seconds: the tail does not poll


def test_a_commit_of_another_process_wakes_the_tail(db: Database, database_url: str) -> None:
    async def append_until_seen() -> int:
        """Append one event after the other: the first may come before the thread listens."""
        tail.start()
        try:
            for number in range(600):
                await asyncio.to_thread(append, database_url, str(number))
                await tail.wait(0, timeout=0.1)
                if tail.position:
                    break
        finally:
            tail.stop()
        return tail.position

    tail = EventTail(db, poll_interval=NEVER)
    listener = NotificationListener(db, tail.notify)
    listener.start()
    try:
        assert asyncio.run(append_until_seen()) > 0
    finally:
        listener.stop()


def append(database_url: str, data: str) -> None:
    with closing(Database(database_url)) as other, other.writing() as tx:
        event_log.append(tx, "job_progress", data, job_id="job")


def test_a_second_writer_waits_for_the_first_and_gives_up(db: Database, database_url: str) -> None:
    with closing(Database(database_url, busy_timeout=0.05)) as other, db.writing():
        with pytest.raises(OperationalError), other.writing():
            pass
        with other.reading() as tx:
            assert event_log.position(tx) == 0
    with closing(Database(database_url, busy_timeout=0.05)) as other, other.writing() as tx:
        event_log.append(tx, "job_progress", "1", job_id="job")


def test_a_reader_sees_one_moment(db: Database) -> None:
    with db.reading() as before:
        assert event_log.position(before) == 0
        with db.writing() as tx:
            event_log.append(tx, "job_progress", "1", job_id="job")
        assert event_log.position(before) == 0
    with db.reading() as after:
        assert event_log.position(after) == 1
