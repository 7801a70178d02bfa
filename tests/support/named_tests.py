"""The tests that a document names for what it promises, as `folder/test_file.py::test_name`."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
_DOCS = TESTS.parent / "docs"
_NAMED = re.compile(r"`((?:\w+/)*test_\w+\.py)::(test_\w+)`")


def named_tests(document: str) -> list[tuple[str, str]]:
    """Return file and name of each test that this document names."""
    return sorted(set(_NAMED.findall((_DOCS / document).read_text(encoding="utf-8"))))


def is_there(file: str, test: str) -> bool:
    return f"def {test}(" in (TESTS / file).read_text(encoding="utf-8")


def rows_under(document: str, header: str) -> list[str]:
    """Return the rows of the tables of this document whose header begins with `header`."""
    rows: list[str] = []
    for table in re.findall(r"(?:^\|.*\n)+", (_DOCS / document).read_text("utf-8"), re.MULTILINE):
        head, _, *body = table.splitlines()
        rows += body if head.startswith(f"| {header} ") else []
    return rows
