"""The locks by which services share a database: which ones use it, which one leads, and what runs
the jobs.

They are PostgreSQL's session locks: the server releases them when the connection ends, however the
service ends. On SQLite the data directory's lock keeps other services out.
"""

from typing import Protocol

from sqlalchemy import Connection, Engine

_SERVICE = 0x65746C73  # of each service: shared, or exclusive if it must be the only one
_LEADER = 0x65746C6C
_ENGINE = 0x65746C65  # of what runs the jobs: shared by workers of Celery, exclusive for a service


class ServiceLocks(Protocol):
    """Not thread-safe. Each method may raise OperationalError; the locks are gone then, and
    `reconnect` begins anew."""

    def enter_alone(self) -> bool:
        """Become the only service of this database. Returns False if there is another one."""

    def enter(self) -> None:
        """Become one of several services. Waits for one that is alone, up to the busy timeout."""

    def let_others_in(self) -> None:
        """Go on as one of several services, after `enter_alone`."""

    def lead(self) -> bool:
        """Become the service that leads. Returns False if another one does."""

    def stop_leading(self) -> None:
        """Let another service lead."""

    def run_jobs(self, *, shared: bool) -> bool:
        """Become what runs the jobs, alone or, `shared`, as one of several. Returns False if others
        of the other kind do."""

    def check(self) -> None:
        """Raise OperationalError if the locks are gone."""

    def reconnect(self) -> None: ...

    def close(self) -> None: ...


class NoLocks:
    """For a database that only one service can open."""

    def enter_alone(self) -> bool:
        return True

    def enter(self) -> None:
        pass

    def let_others_in(self) -> None:
        pass

    def lead(self) -> bool:
        return True

    def stop_leading(self) -> None:
        pass

    def run_jobs(self, *, shared: bool) -> bool:
        return True

    def check(self) -> None:
        pass

    def reconnect(self) -> None:
        pass

    def close(self) -> None:
        pass


class SessionLocks:
    """PostgreSQL's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def enter_alone(self) -> bool:
        return self._call("pg_try_advisory_lock", _SERVICE)

    def enter(self) -> None:
        self._call("pg_advisory_lock_shared", _SERVICE)

    def let_others_in(self) -> None:
        self.enter()
        self._call("pg_advisory_unlock", _SERVICE)

    def lead(self) -> bool:
        return self._call("pg_try_advisory_lock", _LEADER)

    def stop_leading(self) -> None:
        self._call("pg_advisory_unlock", _LEADER)

    def run_jobs(self, *, shared: bool) -> bool:
        kind = "_shared" if shared else ""
        return self._call(f"pg_try_advisory_lock{kind}", _ENGINE)

    def check(self) -> None:
        self._call("pg_backend_pid")

    def reconnect(self) -> None:
        self.close()
        self._connect()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # a closed connection releases its locks
            self._connection.close()
            self._connection = None

    def _call(self, function: str, *arguments: int) -> bool:
        connection = self._connection or self._connect()  # the first time
        query = f"SELECT {function}({', '.join(map(str, arguments))})"
        return bool(connection.exec_driver_sql(query).scalar_one())

    def _connect(self) -> Connection:
        self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._connection
