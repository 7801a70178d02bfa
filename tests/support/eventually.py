"""Try an assertion again until it holds, up to a deadline: no test waits for a fixed time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

_pause = threading.Event()


def eventually(assertion: Callable[[], Value], within: float = 30.0, every: float = 0.02) -> Value:
    """Return the value of `assertion`; after `within` seconds raise its AssertionError."""
    deadline = time.monotonic() + within
    while True:
        try:
            return assertion()
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
        _pause.wait(every)
