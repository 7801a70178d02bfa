"""SQL expressions for times, for SQLite and PostgreSQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, case, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_SECONDS_PER_DAY = 86_400


class seconds_between(FunctionElement[float]):  # noqa: N801  # named like an SQL function
    """The seconds between two times, with fractions."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between)
def _by_epoch(element: seconds_between, compiler: SQLCompiler, **how: Any) -> str:
    begin, end = (compiler.process(clause, **how) for clause in element.clauses)
    return f"EXTRACT(epoch FROM ({end} - {begin}))"


@compiles(seconds_between, "sqlite")
def _by_day(element: seconds_between, compiler: SQLCompiler, **how: Any) -> str:
    begin, end = (compiler.process(clause, **how) for clause in element.clauses)
    return f"((julianday({end}) - julianday({begin})) * {_SECONDS_PER_DAY})"


def not_before(
    begin: ColumnElement[datetime | None], moment: datetime | ColumnElement[datetime]
) -> ColumnElement[datetime]:
    """Return the later of the two times: nothing ends before it began, even if the clock was set
    back in between."""
    at = literal(moment, begin.type) if isinstance(moment, datetime) else moment
    return case((begin > at, begin), else_=at)
