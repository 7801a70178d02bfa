"""Settings of the tests as a whole."""

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# How long an example takes says more of the machine than of us.
settings.register_profile("etl-monitor", deadline=None)
settings.load_profile("etl-monitor")

_BROWSER = "tests/browser/"


class OneBrowser(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """In `make test` two processes share the work: one drives the browser, which is never to have
    another one beside it; a file's other tests stay together, for what they start they share.

    Not `--dist=loadgroup`: with pytest 9.2, pytest-xdist 3.8 does not see the groups, says nothing,
    and drives two browsers at once.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _BROWSER if nodeid.startswith(_BROWSER) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneBrowser:
    return OneBrowser(config, log)
