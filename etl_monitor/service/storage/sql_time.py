"""Reckoning with times inside the database, whichever it is."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, case, extract, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_A_DAY = 86_400


class seconds_between(FunctionElement[float]):  # noqa: N801  # reads as a function of SQL
    """Seconds from the first moment to the second, with fractions."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between)
def _by_epoch(element: seconds_between, compiler: SQLCompiler, **how: Any) -> str:
    begin, end = (compiler.process(clause, **how) for clause in element.clauses)
    return f"EXTRACT(epoch FROM ({end} - {begin}))"


@compiles(seconds_between, "sqlite")
def _by_day(element: seconds_between, compiler: SQLCompiler, **how: Any) -> str:
    begin, end = (compiler.process(clause, **how) for clause in element.clauses)
    return f"((julianday({end}) - julianday({begin})) * {_A_DAY})"


def not_before(begin: ColumnElement[datetime | None], moment: datetime) -> ColumnElement[datetime]:
    """The moment, or the begin where that is later: nothing ends before it began, whatever
    somebody does to the clock meanwhile."""
    at = literal(moment, begin.type)
    return case((begin > at, begin), else_=at)


def bucket_start(moment: ColumnElement[datetime | None], seconds: int) -> ColumnElement[int]:
    """The begin of the stretch of so many seconds that `moment` is in, as seconds since 1970."""
    epoch = extract("epoch", moment)
    return epoch - epoch % seconds
