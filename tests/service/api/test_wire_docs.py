"""docs/wire.md tells of every call and every code."""

import re
from pathlib import Path
from types import ModuleType

from etl_monitor.service import errors, startup_errors
from tests.support.service_process import RunningService

ROOT = Path(__file__).parents[3]
TOLD = (ROOT / "docs" / "wire.md").read_text("utf-8")


def test_every_call(service: RunningService) -> None:
    paths = service.call("GET", "/openapi.json").json()["paths"]
    missing = [
        f"{method.upper()} {path}"
        for path, calls in paths.items()
        for method in calls
        if f"`{method.upper()} {path}`" not in TOLD
    ]
    assert missing == []


def test_every_code() -> None:
    of_both = {module: _codes(module) for module in (errors, startup_errors)}
    assert sum(map(len, of_both.values())) >= 28
    for module, codes in of_both.items():
        assert {code for code in codes if f"`{code}`" not in TOLD} == set()
        assert {code for code in codes if code not in (module.__doc__ or "")} == set()


def _codes(module: ModuleType) -> set[str]:
    source = Path(module.__file__ or "").read_text("utf-8")
    return set(re.findall(r'\(\s*"([a-z]+(?:_[a-z]+)+)",', source))
