"""How PostgreSQL would read what a query selects."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Executable, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement


class _Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(_Explain)
def _explain(element: _Explain, compiler: SQLCompiler, **how: Any) -> str:
    return f"EXPLAIN {compiler.process(element.query, **how)}"


def reads_all(tx: Connection, query: Select[Any], parameters: Mapping[str, object]) -> bool:
    """Return whether it would read all rows of a table."""
    plan = tx.execute(_Explain(query), parameters)
    return any("Seq Scan" in line for (line,) in plan)
