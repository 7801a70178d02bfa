"""Statements that run all the time: their text for SQLite is made once, and its driver gets it.
With SQLAlchemy each takes several times as long, and all other writers wait."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update, exc
from sqlalchemy.dialects import sqlite

_NOTHING: Mapping[str, Any] = {}


class FixedStatement:
    """A statement with parameters. `columns`: those of an `insert` that names none itself."""

    def __init__(self, statement: Insert | Update, columns: tuple[str, ...] = ()) -> None:
        self._statement, self._columns = statement, list(columns) or None

    def execute(self, tx: Connection, values: Mapping[str, Any] = _NOTHING) -> int:
        """Return how many rows it changed."""
        return int(self._run(tx, values).rowcount)

    def returned(self, tx: Connection, values: Mapping[str, Any] = _NOTHING) -> Any:
        """Return the value that it returns of its only row."""
        (value,) = self._run(tx, values).fetchone()
        return value

    def _run(self, tx: Connection, values: Mapping[str, Any]) -> Any:
        if tx.dialect.name != "sqlite":
            return tx.execute(self._statement, values)
        text, constants, parameters = self._sqlite
        given = {**constants, **values}
        return run(tx, text, [convert(given[name]) for name, convert in parameters])

    @cached_property
    def _sqlite(self) -> tuple[str, Mapping[str, Any], list[tuple[str, Callable[[Any], Any]]]]:
        """Return the text, the values that it contains, and its parameters in their order."""
        dialect = sqlite.dialect()
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        parameters = [
            (name, _converter(compiled.binds[name].type, dialect))
            for name in compiled.positiontup or ()
        ]
        constants = {name: bind.value for name, bind in compiled.binds.items()}
        return str(compiled), constants, parameters


def run(tx: Connection, text: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
    """Run a statement on SQLite. Raises SQLAlchemy's errors, which have the driver's names."""
    driver: Any = tx.connection.driver_connection
    try:
        return driver.execute(text, parameters)  # type: ignore[no-any-return]
    except sqlite3.DatabaseError as error:
        raise getattr(exc, type(error).__name__)(text, None, error) from error


def _converter(type_: Any, dialect: Dialect) -> Callable[[Any], Any]:
    return type_.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)
