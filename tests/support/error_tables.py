"""The tables of error codes in docs/wire.md, generated from the classes.

`python -m tests.support.error_tables` writes them into the page.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from etl_monitor.asgi import request_guard
from etl_monitor.errors import ApiError, SettingError, TemplatedError
from etl_monitor.service import engine_errors, errors, startup_errors, storage_errors
from etl_monitor.wire import delegation, roles

PAGE = Path(__file__).parents[2] / "docs" / "wire.md"


def table_of(*modules: ModuleType) -> list[type[TemplatedError]]:
    """Return the errors of a table: the classes of its module that have a code."""
    classes = (value for module in modules for value in vars(module).values())
    errors = (kind for kind in classes if isinstance(kind, type) and "template" in vars(kind))
    return [kind for kind in errors if issubclass(kind, TemplatedError)]


def render() -> dict[str, str]:
    """Return the text of each table by its name in the page."""
    of_requests = list(filter(_status, table_of(errors, roles, delegation, request_guard)))
    of_requests.sort(key=_status)
    of_jobs = [kind for kind in table_of(errors) if not _status(kind)]
    of_start = [
        (_exit_code(kind), kind) for kind in table_of(startup_errors, storage_errors, engine_errors)
    ]
    return {
        "requests": _table("status", ((_status(kind), kind) for kind in of_requests)),
        "failed jobs": _table(None, (("", kind) for kind in of_jobs)),
        "start": _table("exit code", of_start),
    }


def in_page(text: str) -> str:
    """Return the page with the tables of now."""
    for name, table in render().items():
        block = re.compile(rf"(<!-- errors of {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        found = block.search(text)
        assert found is not None, name
        text = text[: found.start()] + found[1] + table + found[2] + text[found.end() :]
    return text


def _status(kind: type[TemplatedError]) -> int:
    return kind.status if issubclass(kind, ApiError) else 0


def _exit_code(kind: type[TemplatedError]) -> int:
    return 2 if issubclass(kind, SettingError) else 1


def _table(first: str | None, rows: Iterable[tuple[object, type[TemplatedError]]]) -> str:
    columns = ["code", "details", "message"] if first is None else [first, "code", "details"]
    columns += [] if first is None else ["message"]
    lines = [columns, ["---"] * len(columns)]
    for number, kind in rows:
        cells = [f"`{kind.code}`", ", ".join(_details(kind)), _message(kind)]
        lines.append(cells if first is None else [str(number), *cells])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _details(kind: type[TemplatedError]) -> Iterator[str]:
    return (f"`{kind.detail_name(field)}`" for field in kind.fields())


def _message(kind: type[TemplatedError]) -> str:
    """The template, with the names of the details as they are on the wire."""
    return re.sub(
        r"\{(\w+)[^}]*\}", lambda match: f"{{{kind.detail_name(match[1])}}}", kind.template
    )


if __name__ == "__main__":
    PAGE.write_text(in_page(PAGE.read_text("utf-8")), "utf-8")
