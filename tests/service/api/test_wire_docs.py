"""docs/wire.md lists every call and every code."""

from tests.support import error_tables
from tests.support.service_process import RunningService

PAGE = error_tables.PAGE.read_text("utf-8")


def test_every_call(service: RunningService) -> None:
    paths = service.call("GET", "/openapi.json").json()["paths"]
    missing = [
        f"{method.upper()} {path}"
        for path, calls in paths.items()
        for method in calls
        if f"`{method.upper()} {path}`" not in PAGE
    ]
    assert missing == []


def test_every_code_is_listed_as_the_classes_have_it() -> None:
    """`python -m tests.support.error_tables` rewrites the tables."""
    assert error_tables.in_page(PAGE) == PAGE
    tables = error_tables.render()
    assert sum(table.count("\n") - 2 for table in tables.values()) >= 28
