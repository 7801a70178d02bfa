"""Libraries that are hardly kept any more are used in one module each, see docs/adr/0011-…"""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "etl_monitor"


@pytest.mark.parametrize(
    ("library", "module"),
    [("fluent", "i18n/translator.py"), ("requests_toolbelt", "client/results.py")],
)
def test_one_module_uses_the_library(library: str, module: str) -> None:
    pattern = re.compile(rf"^\s*(from|import) {library}\b", re.MULTILINE)
    using = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert using == [module]
