"""What pages leave behind in circles goes, though Streamlit does not look for it after each run."""

import asyncio
import gc
import tomllib
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl_monitor.portal import lifespan

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"


class Circle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def by_hand() -> Iterator[None]:
    """Nothing but the portal looks for circles."""
    gc.disable()
    yield
    gc.enable()


async def _is_forgotten(circle: weakref.ref[Circle]) -> None:
    collecting = asyncio.create_task(lifespan.collect_now_and_then())
    while circle() is not None:
        await asyncio.sleep(0.01)
    collecting.cancel()


@pytest.mark.usefixtures("by_hand")
def test_the_portal_collects_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifespan, "COLLECT_EVERY", 0.01)
    left = weakref.ref(Circle())
    assert left() is not None
    asyncio.run(asyncio.wait_for(_is_forgotten(left), 30))
    assert left() is None


def test_streamlit_does_not_collect_after_every_run_of_a_page() -> None:
    assert tomllib.loads(CONFIG.read_text("utf-8"))["runner"]["postScriptGC"] is False
