"""The database: transactions that read one snapshot, and transactions that write, one at a time."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

BUSY_TIMEOUT = 15.0  # seconds that a writer waits for another process's transaction

_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def sqlite_url(path: Path) -> str:
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


class Database:
    """Thread-safe. Each process opens its own."""

    def __init__(self, url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self._engine = create_engine(url, pool_size=20, max_overflow=40)
        if self._engine.dialect.name == "sqlite":
            _use_write_ahead_log(self._engine, busy_timeout)
        self._writer = self._engine.execution_options(writes=True)
        # Writers that wait for SQLite sleep up to 100 ms; within a process a plain lock is faster.
        self._turn, self._busy_timeout = threading.Lock(), busy_timeout
        self._is_locked = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that reads one snapshot."""
        with self._engine.begin() as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open the only transaction that writes; it is committed as a whole or not at all.

        Raises OperationalError if it cannot begin within the busy timeout.
        """
        with self._writer_turn(), ExitStack() as stack:
            try:
                tx = stack.enter_context(self._writer.begin())
            except OperationalError:
                self._is_locked = True
                raise
            self._is_locked = False
            yield tx

    @staticmethod
    def size(tx: Connection) -> int:
        """Return the size in bytes; on SQLite without the write-ahead log."""
        return int(tx.exec_driver_sql(_SIZE[tx.dialect.name]).scalar_one())

    @staticmethod
    def check(tx: Connection) -> None:
        """Read every page of the file. Raises DatabaseError if one is damaged; PostgreSQL does this
        by itself."""
        if tx.dialect.name == "sqlite":
            result = str(tx.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
            if result != "ok":
                raise DatabaseError(None, None, sqlite3.DatabaseError(" ".join(result.split())))

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _writer_turn(self) -> Iterator[None]:
        """Wait for this process's other writers.

        After one writer has waited in vain, a single one keeps waiting and the others fail at once.
        Otherwise all of a service's threads would wait, and none would be left for readers.
        """
        if not self._turn.acquire(timeout=0 if self._is_locked else self._busy_timeout):
            raise OperationalError("BEGIN", None, sqlite3.OperationalError("database is locked"))
        try:
            yield
        finally:
            self._turn.release()


def _use_write_ahead_log(engine: Engine, busy_timeout: float) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes late and is never IMMEDIATE; ours is below.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        # What the service has confirmed is on the disk, even after a power failure. With NORMAL the
        # last transactions could be lost and their event numbers assigned again; a follower that
        # had seen them would take the new events for old ones. FULL costs a quarter of one writer's
        # events per second (423 → 328 on a virtual disk that syncs 4 kB in 0.9 ms).
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        # Without IMMEDIATE a transaction that reads first and writes later fails if another one
        # wrote in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
