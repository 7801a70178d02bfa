"""Skip a test whose requirements the machine does not meet."""

import os
from typing import NoReturn

import pytest


def cannot(reason: str, *, shown_by: str = "") -> NoReturn:
    """Skip the test and print the reason. With `CI=true` fail instead, unless the test `shown_by`
    shows the same on every machine: a CI container may lack the right to mount, for example."""
    if shown_by:
        pytest.skip(f"{reason}; {shown_by} shows the same on any machine")
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
