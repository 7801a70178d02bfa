"""Try an assertion again until it holds, up to a deadline: no test waits for a fixed time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

_LONGEST_PAUSE = 0.2  # seconds
_SHARE = 0.05  # of the time waited so far

_pause = threading.Event()


def eventually(assertion: Callable[[], Value], within: float = 30.0, every: float = 0.02) -> Value:
    """Return the value of `assertion`; after `within` seconds raise its AssertionError.

    The pauses grow from `every` to a fifth of a second: each look takes processor time from what
    the test waits for.
    """
    begin = time.monotonic()
    deadline = begin + within
    while True:
        try:
            return assertion()
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
        _pause.wait(max(every, min(_LONGEST_PAUSE, (time.monotonic() - begin) * _SHARE)))
