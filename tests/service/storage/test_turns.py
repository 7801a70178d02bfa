"""Writers of one SQLite file take turns: none waits while another writes again and again."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from etl_monitor.service.storage import turns
from etl_monitor.service.storage.turns import FirstComeLock, ProcessTurns
from tests.support.eventually import eventually

WITHIN = 30.0


@pytest.fixture
def database(tmp_path: Path) -> str:
    return str(tmp_path / "etl.sqlite")


@pytest.fixture
def two(database: str) -> Iterator[tuple[ProcessTurns, ProcessTurns]]:
    """Those of two processes: file locks know files that were opened, not processes."""
    with closing(ProcessTurns(database)) as one, closing(ProcessTurns(database)) as other:
        yield one, other


def is_free(of: ProcessTurns) -> bool:
    with of.take(0) as is_taken:
        return is_taken


def test_one_process_has_the_turn(two: tuple[ProcessTurns, ProcessTurns]) -> None:
    one, other = two
    with one.take(WITHIN) as is_taken:
        assert is_taken
        assert not is_free(other)
    assert is_free(other)


def test_a_turn_ends_with_an_error_and_with_its_process(database: str) -> None:
    one, other = ProcessTurns(database), ProcessTurns(database)
    with pytest.raises(ZeroDivisionError), one.take(WITHIN):
        raise ZeroDivisionError
    assert is_free(other)
    with one.take(WITHIN):
        one.close()  # as the system does when a process ends
        assert is_free(other)
    other.close()


def test_who_has_written_queues_behind_one_that_has_waited(
    two: tuple[ProcessTurns, ProcessTurns], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_CLOSES_AFTER", 0.0)
    writer, waiting = two
    done = threading.Event()

    def wait() -> bool:
        with waiting.take(WITHIN) as is_taken:
            done.wait(WITHIN)
            return is_taken

    with ThreadPoolExecutor(1) as pool:
        with writer.take(WITHIN):
            came = pool.submit(wait)
            eventually(lambda: _assert_gate_is_closed(database), within=WITHIN)
        assert not is_free(writer)
        done.set()
        assert came.result(WITHIN)
    assert is_free(writer)


def _assert_gate_is_closed(database: str) -> None:
    with closing(ProcessTurns(database)) as third:
        is_open = third._gate.try_acquire(shared=True)  # as who passes
        third._gate.release()
    assert not is_open


def test_without_a_file_the_turn_is_always_free() -> None:
    with ProcessTurns(None).take(0) as one, ProcessTurns(None).take(0) as other:
        assert one
        assert other


def test_where_files_cannot_be_locked_the_database_locks_alone(tmp_path: Path) -> None:
    with ProcessTurns(str(tmp_path / "not there" / "etl.sqlite")).take(0) as is_taken:
        assert is_taken


def test_threads_come_in_their_order() -> None:
    lock, order = FirstComeLock(), []
    assert lock.acquire(0)

    def wait(number: int) -> None:
        assert lock.acquire(WITHIN)
        order.append(number)
        lock.release()

    with ThreadPoolExecutor(4) as pool:
        for number in range(4):
            pool.submit(wait, number)
            eventually(partial(_are_waiting, lock, number + 1), within=WITHIN)
        lock.release()
    assert order == [0, 1, 2, 3]
    assert lock.acquire(0)


def _are_waiting(lock: FirstComeLock, number: int) -> bool:
    return len(lock._waiting) == number


def test_a_thread_that_waited_in_vain_is_not_waited_for() -> None:
    lock = FirstComeLock()
    assert lock.acquire(0)
    assert not lock.acquire(0.01)
    lock.release()
    assert lock.acquire(0)
