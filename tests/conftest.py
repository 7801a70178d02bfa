"""Settings of the tests as a whole."""

import gc
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from etl_monitor.portal import addresses

# The duration of an example depends on the machine more than on our code.
settings.register_profile("etl-monitor", deadline=None)
settings.load_profile("etl-monitor")

_BROWSER = "tests/browser/"
_SECOND_HALF = f"{_BROWSER}test_l"
# Fixtures, and values of parameters, for which PostgreSQL or a store of objects is started.
_SERVERS = {"postgres", "postgresql", "s3", "bucket"}
MEASURED = (
    "tests/feed/",
    "tests/store/",
    "tests/service/jobs/",
    "tests/pipeline/scoring/",
    "tests/pipeline/test_aptitude.py",
)


class TwoBrowsers(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """In `make test` three processes share the tests. Two of them begin with half of the browser
    tests each: for a third browser, one more portal would start and one more cache would fill.
    Other tests stay together by file, as they share fixtures.

    Not `--dist=loadgroup`: with pytest 9.2, pytest-xdist 3.8 silently ignores the groups.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if not file.startswith(_BROWSER):
            return file
        return f"{_BROWSER} a to k" if file < _SECOND_HALF else f"{_BROWSER} l to z"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TwoBrowsers:
    return TwoBrowsers(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no other test modules for `-m measured`: they would take a tenth of its time."""
    if config.option.markexpr != "measured" or not collection_path.is_file():
        return None
    inside = collection_path.relative_to(config.rootpath).as_posix()
    return None if inside.startswith(MEASURED) else True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in which `make test` measures coverage, which costs 85 % more processor time,
    and as long those that need another server. Files with long tests are first, so that neither of
    two processes ends long after the other; the browser's are before them."""
    for item in items:
        if item.nodeid.startswith(MEASURED) and not item.get_closest_marker("long"):
            item.add_marker("measured")
        if _needs_server(item):
            item.add_marker("long")
    long_files = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: (not _in_browser(item), item.path not in long_files))


def pytest_collection_finish() -> None:
    """Leave what is there now out of garbage collections. Streamlit collects after each run of a
    page, which would search all test modules: 0.3 s of processor time."""
    gc.collect()
    gc.freeze()


def _in_browser(item: pytest.Item) -> bool:
    return item.nodeid.startswith(_BROWSER)


def _needs_server(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return bool(_SERVERS & {*item.fixturenames, *(v for v in values if isinstance(v, str))})


@pytest.fixture(autouse=True)
def _the_portals_pages() -> Iterator[None]:
    """Draw views as in the portal, whose pages link to each other."""
    addresses.configure(has_pages=True)
    yield
    addresses.configure(has_pages=False)


@pytest.fixture(autouse=True)
def _same_temporary_folder() -> Iterator[None]:
    """Undo what a service in this process sets: its temporary files are in its data directory."""
    folder = tempfile.tempdir
    yield
    tempfile.tempdir = folder


@pytest.fixture(autouse=True)
def _same_logging() -> Iterator[None]:
    """Undo what a test changes of the product's loggers: `app.py` configures them when imported,
    and a library's configuration may disable those that are there."""
    logger = logging.getLogger("etl_monitor")
    handlers, level = list(logger.handlers), logger.level
    logger.propagate = True  # the fixture of a whole module may have changed it before
    logging.disable(logging.NOTSET)
    for name, each in logging.root.manager.loggerDict.items():
        if name.startswith("etl_monitor") and isinstance(each, logging.Logger):
            each.disabled = False
    yield
    logger.handlers, logger.propagate = handlers, True
    logger.setLevel(level)
