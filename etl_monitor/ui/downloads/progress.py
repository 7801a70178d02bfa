"""How far a download is, from the route that sends it to the page that shows it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

from etl_monitor.errors import EtlMonitorError
from etl_monitor.portal import push


@dataclass(kw_only=True, eq=False)
class Progress:
    """One session's downloads of one thing. `format` is None if nothing is being sent; `total` is 0
    if the number of rows is not known."""

    id: str = field(default_factory=lambda: uuid4().hex)
    format: str | None = None
    rows: int = 0
    total: int = 0
    problem: EtlMonitorError | None = None

    def __post_init__(self) -> None:
        _registered[self.id] = self

    def update(self, **changes: Any) -> None:
        """Set these values and redraw the page's note."""
        for name, value in changes.items():
            setattr(self, name, value)
        updates = push.current()
        if updates is not None:
            updates.notify()


# By ids that cannot be guessed; removed with the session.
_registered: WeakValueDictionary[str, Progress] = WeakValueDictionary()


def progress(progress_id: str) -> Progress:
    """Return the progress of this id; one that no page shows if there is none."""
    return _registered.get(progress_id) or Progress()
