"""What the bus sends of each view: the changes of its channel that the page may lack.

The portal does not know which frames of the bus a browser has got. Streamlit sends only the newest
of several frames that wait, a run discards what is not sent yet, and a busy browser draws only the
last one that has come. So each frame repeats the changes of the last seconds and names the drawing
from which they lead on. A page that does not have this drawing asks for the whole.
"""

import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from etl_monitor.ui.live.channel import Channel
from etl_monitor.ui.live.payloads import BusNews

_REPEATED = 2.0  # seconds: two frames of a page that polls


class Sent:
    """The drawings of one mounted view that its page has been sent, by their numbers."""

    def __init__(self, mounting: int, drawing: int | None = None) -> None:
        """`drawing`: with which the page begins."""
        self.mounting = mounting
        self._sent: deque[tuple[float, int]] = deque()  # when, which
        if drawing is not None:
            self.add(drawing)

    def add(self, number: int) -> None:
        self._sent.append((time.monotonic(), number))

    def base(self) -> int | None:
        """Return the newest drawing that was sent long enough ago for the page to have it, else the
        first one; None: the page needs the whole."""
        since = time.monotonic() - _REPEATED
        while len(self._sent) > 1 and self._sent[1][0] <= since:
            self._sent.popleft()
        return self._sent[0][1] if self._sent else None

    def clear(self) -> None:
        self._sent.clear()


def news(channel: Channel, sent: Sent, personal: Mapping[str, Any]) -> BusNews:
    """Return what a page needs to show the newest drawing of this channel, and record it."""
    base = sent.base()
    changes = None if base is None else channel.changes(base)
    number = channel.number
    found: BusNews = {"mounting": sent.mounting, "drawing": number, "personal": personal}
    if base is None or changes is None:
        sent.clear()
        found["whole"] = channel.whole()
    else:
        found["base"], found["changes"] = base, changes
    sent.add(number)
    return found


def whole(data: Mapping[str, Any]) -> BusNews:
    """Return a drawing that a full run has made by itself."""
    return {"mounting": None, "drawing": None, "personal": {}, "whole": data}
