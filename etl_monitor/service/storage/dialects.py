"""How each of the two databases begins transactions: SQLite and PostgreSQL.

Both keep one promise: there is a single writer. Events are numbered in the transaction of their
change, so that a position becomes visible only after all positions before it.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from etl_monitor.service.storage.fixed_sql import run
from etl_monitor.service.storage.service_locks import NoLocks, ServiceLocks, SessionLocks
from etl_monitor.service.storage.turns import FirstComeLock, ProcessTurns

BUSY_TIMEOUT = 15.0  # seconds that a writer waits for another process's transaction

STATEMENT_TIMEOUT = 60.0  # seconds; PostgreSQL ends a query that takes longer
_IDLE_TIMEOUT = 120.0  # seconds; PostgreSQL ends a transaction whose client has disappeared
_CONNECT_TIMEOUT = 5  # seconds
_WRITER = 0x65746C6D  # the advisory lock of the transaction that writes
# A machine that disappears holds its locks until the server notices.
_KEEPALIVES = {"idle": 20, "interval": 10, "count": 3}  # seconds, seconds, probes


class SQLite:
    """A file in the data directory, in write-ahead mode."""

    SIZE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"

    def __init__(self, engine: Engine, busy_timeout: float) -> None:
        self._engine, self._writer = engine, engine.execution_options(writes=True)
        _use_write_ahead_log(engine, busy_timeout)
        # Writers that wait for SQLite sleep up to 100 ms, and may wait for seconds.
        self._threads, self._processes = FirstComeLock(), ProcessTurns(engine.url.database)
        self._busy_timeout = busy_timeout
        self._is_locked = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._engine.begin() as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._thread_turn(), ExitStack() as stack:
            try:
                stack.enter_context(self._process_turn())
                tx = stack.enter_context(self._writer.begin())
            except OperationalError:
                self._is_locked = True
                raise
            self._is_locked = False
            yield tx

    def service_locks(self) -> ServiceLocks:
        return NoLocks()  # the data directory has a lock

    @contextmanager
    def _thread_turn(self) -> Iterator[None]:
        """Wait for this process's other writers.

        After one writer has waited in vain, a single one keeps waiting and the others fail at once.
        Otherwise all of a service's threads would wait, and none would be left for readers.
        """
        if not self._threads.acquire(0 if self._is_locked else self._busy_timeout):
            raise _locked()
        try:
            yield
        finally:
            self._threads.release()

    @contextmanager
    def _process_turn(self) -> Iterator[None]:
        with self._processes.take(self._busy_timeout) as is_taken:
            if not is_taken:
                raise _locked()
            yield

    def close(self) -> None:
        self._processes.close()


def _locked() -> OperationalError:
    return OperationalError("BEGIN", None, sqlite3.OperationalError("database is locked"))


def _use_write_ahead_log(engine: Engine, busy_timeout: float) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes late and is never IMMEDIATE; ours is below.
        connection.isolation_level = None
        # Text that is no UTF-8 would otherwise end the query that meets it.
        connection.text_factory = partial(str, encoding="utf-8", errors="backslashreplace")
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
        run(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")


class PostgreSQL:
    """A server, which several services and workers on several machines share."""

    SIZE = "SELECT pg_database_size(current_database())"

    def __init__(self, engine: Engine, busy_timeout: float) -> None:
        self._reader = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._writer = engine
        _limit_waiting(engine, busy_timeout)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._reader.begin() as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The lock makes this the only writer, as on SQLite. PostgreSQL releases it after the
        commit is visible; the next writer's statements (READ COMMITTED) see it."""
        with self._writer.begin() as tx:
            tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")
            yield tx

    def service_locks(self) -> ServiceLocks:
        return SessionLocks(self._writer)

    def close(self) -> None:
        """There is nothing to close."""

    @contextmanager
    def listening(self, channel: str) -> Iterator[Callable[[float], bool]]:
        from psycopg import Error, sql  # an extra: SQLite does not need it

        with self._writer.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            driver: Any = connection.connection.driver_connection
            driver.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))

            def wait(seconds: float) -> bool:
                try:
                    return any(True for _ in driver.notifies(timeout=seconds, stop_after=1))
                except Error as error:
                    connection.invalidate()
                    raise OperationalError("LISTEN", None, error) from error

            yield wait


def _limit_waiting(engine: Engine, busy_timeout: float) -> None:
    limits = {
        "lock_timeout": busy_timeout,
        "statement_timeout": STATEMENT_TIMEOUT,
        "idle_in_transaction_session_timeout": _IDLE_TIMEOUT,
    }
    options = " ".join(f"-c {name}={int(value * 1000)}" for name, value in limits.items())
    # Of the server's side; libpq has the same for this side.
    probes = " ".join(f"-c tcp_keepalives_{name}={value}" for name, value in _KEEPALIVES.items())
    of_client = {f"keepalives_{name}": value for name, value in _KEEPALIVES.items()}

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
        given = parameters.get("options", "")
        parameters["options"] = f"{given} {options} {probes} -c timezone=UTC".strip()
        for name, value in of_client.items():
            parameters.setdefault(name, value)
        parameters.setdefault("connect_timeout", _CONNECT_TIMEOUT)
        parameters.setdefault("application_name", "etl-monitor")
