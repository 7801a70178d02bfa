"""SQL expressions that SQLite and PostgreSQL write differently."""

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class without_case(FunctionElement[str]):  # noqa: N801  # named like an SQL function
    """A text as it is sorted: capitals as small letters. Tests have indexes in this order."""

    type = String()
    inherit_cache = True


@compiles(without_case)
def _lower(element: without_case, compiler: SQLCompiler, **how: Any) -> str:
    return f"lower({compiler.process(element.clauses, **how)})"


@compiles(without_case, "sqlite")
def _nocase(element: without_case, compiler: SQLCompiler, **how: Any) -> str:
    return f"{compiler.process(element.clauses, **how)} COLLATE NOCASE"


class unindexed(FunctionElement[Any]):  # noqa: N801  # named like an SQL function
    """A column by which SQLite must not look up rows. PostgreSQL chooses by its statistics."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(unindexed)
def _plain(element: unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(unindexed, "sqlite")
def _with_plus(element: unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return f"+{compiler.process(element.clauses, **how)}"
