"""Reference cycles of closed pages are collected, although Streamlit does not do it any more."""

import asyncio
import gc
import tomllib
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl_monitor.portal import garbage

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def no_automatic_collection() -> Iterator[None]:
    """Switch Python's own collection off, so that only the portal collects."""
    gc.disable()
    yield
    gc.enable()


async def _until_collected(cycle: weakref.ref[Cycle]) -> None:
    task = asyncio.create_task(garbage.collect_regularly())
    while cycle() is not None:
        await asyncio.sleep(0.01)
    task.cancel()


@pytest.mark.usefixtures("no_automatic_collection")
def test_a_quiet_portal_collects_garbage_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "INTERVAL", 0.01)
    monkeypatch.setattr(garbage, "IDLE_INTERVAL", 0.05)
    left = weakref.ref(Cycle())
    assert left() is not None
    asyncio.run(asyncio.wait_for(_until_collected(left), 30))
    assert left() is None


@pytest.mark.usefixtures("no_automatic_collection")
def test_a_busy_portal_collects_garbage_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "INTERVAL", 0.01)
    young_collections, checks = garbage.young_collections, 0

    def counted() -> int:
        nonlocal checks
        checks += 1
        return young_collections()

    monkeypatch.setattr(garbage, "young_collections", counted)
    cycle = Cycle()
    gc.collect()  # from now on it is an old object
    left = weakref.ref(cycle)
    del cycle

    async def portal() -> None:
        task = asyncio.create_task(_until_collected(left))
        while checks < 5:
            await asyncio.sleep(0)
        assert left() is not None, "while nothing happens, nothing is collected"
        gc.collect(0)  # as Python does when objects have been made
        await task

    asyncio.run(asyncio.wait_for(portal(), 30))
    assert left() is None


def test_streamlit_does_not_collect_after_every_run_of_a_page() -> None:
    assert tomllib.loads(CONFIG.read_text("utf-8"))["runner"]["postScriptGC"] is False
