"""What a test needs of the machine."""

import os
from typing import NoReturn

import pytest


def cannot(why: str, *, shown_by: str = "") -> NoReturn:
    """This machine cannot show it: the test is skipped, and the reason is printed. With `CI=true`
    it fails instead, unless the same is shown on every machine by the test `shown_by`: a container
    that runs continuous integration may not have the right to mount, for one."""
    if shown_by:
        pytest.skip(f"{why}; {shown_by} shows the same on any machine")
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
