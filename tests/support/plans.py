"""How a database would read what a function asks it: each statement that it sends, explained."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from etl_monitor.service.storage.database import Database

List = Callable[[Connection], object]
"""Reads a list in a transaction."""


def plans(db: Database, read: List) -> list[str]:
    """Return the plan of each SELECT that `read` sends, its lines separated by line feeds."""
    explain = "EXPLAIN QUERY PLAN" if db.is_sqlite else "EXPLAIN"
    with db.reading() as tx:
        with _recorded(tx) as statements:
            read(tx)
        selects = [item for item in statements if item[0].lstrip().startswith(("SELECT", "WITH"))]
        return [
            "\n".join(str(row[-1]) for row in tx.exec_driver_sql(f"{explain} {sql}", parameters))
            for sql, parameters in selects
        ]


@contextmanager
def _recorded(tx: Connection) -> Iterator[list[tuple[str, Any]]]:
    """Yield the statements that are sent meanwhile, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def record(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(tx, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(tx, "before_cursor_execute", record)
