"""`docs/metrics.md` lists the events that the log can have."""

import re

from tests.support.service_process import ROOT

_EVENT = re.compile(r'_log\.(?:info|warning|error|exception)\(\s*"(\w+)"')
_LIST = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")


def test_every_event_of_the_log_is_listed() -> None:
    sources = (ROOT / "etl_monitor").rglob("*.py")
    events = {name for path in sources for name in _EVENT.findall(path.read_text("utf-8"))}
    assert len(events) > 40
    assert sorted(name for name in events if f"`{name}`" not in _LIST) == []
