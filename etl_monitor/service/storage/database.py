"""The database: transactions that read one snapshot, and transactions that write, one at a time."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import DatabaseError

from etl_monitor.service.storage.dialects import BUSY_TIMEOUT, PostgreSQL, SQLite
from etl_monitor.service.storage.service_locks import ServiceLocks

__all__ = ["BUSY_TIMEOUT", "Database", "sqlite_url"]


def sqlite_url(path: Path) -> str:
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


class Database:
    """Thread-safe. Each process opens its own."""

    def __init__(self, url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        # A connection that the server has closed meanwhile is replaced before it is used.
        self._engine = create_engine(url, pool_size=20, max_overflow=40, pool_pre_ping=True)
        self._dialect = _DIALECTS[self._engine.dialect.name](self._engine, busy_timeout)

    @property
    def is_sqlite(self) -> bool:
        return isinstance(self._dialect, SQLite)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that reads one snapshot."""
        with self._dialect.reading() as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open the only transaction that writes; it is committed as a whole or not at all.

        Raises OperationalError if it cannot begin within the busy timeout.
        """
        with self._dialect.writing() as tx:
            yield tx

    def service_locks(self) -> ServiceLocks:
        """Return the locks by which services share this database, on a connection of their own; to
        be closed."""
        return self._dialect.service_locks()

    @contextmanager
    def listening(self, channel: str) -> Iterator[Callable[[float], bool]]:
        """Listen to PostgreSQL's notifications, on a connection of its own.

        The function returned waits up to so many seconds, and returns whether there were any.
        Raises OperationalError if the connection breaks.
        """
        if not isinstance(self._dialect, PostgreSQL):
            raise TypeError("only PostgreSQL has notifications")
        with self._dialect.listening(channel) as wait:
            yield wait

    @staticmethod
    def size(tx: Connection) -> int:
        """Return the size in bytes; on SQLite without the write-ahead log."""
        return int(tx.exec_driver_sql(_DIALECTS[tx.dialect.name].SIZE).scalar_one())

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
        self._dialect.close()


_DIALECTS: dict[str, type[SQLite] | type[PostgreSQL]] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
}
