"""Event numbers without gaps, in the order in which they become visible."""

import threading

import pytest

from etl_monitor.service.events import event_log
from etl_monitor.service.storage.database import Database

pytestmark = pytest.mark.databases("sqlite", "postgresql")

WRITERS, EACH = 4, 40


def test_the_log_of_a_new_database_is_empty(db: Database) -> None:
    with db.reading() as tx:
        assert (event_log.position(tx), event_log.oldest(tx)) == (0, 1)
        assert event_log.read_after(tx, 0, limit=10) == []


def test_events_are_read_by_page_and_by_job(db: Database) -> None:
    with db.writing() as tx:
        for number in range(6):
            event_log.append(tx, "job_progress", str(number), job_id="ab"[number % 2])
    with db.reading() as tx:
        page = event_log.read_after(tx, 2, limit=3)
        of_b = event_log.read_after(tx, 0, limit=10, job_id="b")
    assert [event.position for event in page] == [3, 4, 5]
    assert [event.data for event in of_b] == ["1", "3", "5"]


def test_a_reader_beside_many_writers_misses_nothing(db: Database, database_url: str) -> None:
    def write(name: str) -> None:
        own = Database(database_url)  # as another process would
        for number in range(EACH):
            with own.writing() as tx:
                event_log.append(tx, "job_progress", f"{name}{number}", job_id=name)
        own.close()

    writers = [threading.Thread(target=write, args=(str(n),)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    while len(seen) < WRITERS * EACH:
        with db.reading() as tx:
            page = event_log.read_after(tx, len(seen), limit=7)
        seen += [event.position for event in page]
        assert seen == list(range(1, len(seen) + 1))
        assert seen or any(writer.is_alive() for writer in writers)
    for writer in writers:
        writer.join()
