"""Reference cycles of closed pages are collected, although Streamlit does not do it any more."""

import asyncio
import gc
import tomllib
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl_monitor.portal import lifespan

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
    task = asyncio.create_task(lifespan.collect_garbage_regularly())
    while cycle() is not None:
        await asyncio.sleep(0.01)
    task.cancel()


@pytest.mark.usefixtures("no_automatic_collection")
def test_the_portal_collects_garbage_regularly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifespan, "GC_INTERVAL", 0.01)
    left = weakref.ref(Cycle())
    assert left() is not None
    asyncio.run(asyncio.wait_for(_until_collected(left), 30))
    assert left() is None


def test_streamlit_does_not_collect_after_every_run_of_a_page() -> None:
    assert tomllib.loads(CONFIG.read_text("utf-8"))["runner"]["postScriptGC"] is False
