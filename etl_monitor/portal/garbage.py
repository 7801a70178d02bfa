"""Releases what closed pages leave behind, in cycles of references.

Replaces Streamlit's `postScriptGC`, which collects after every run of every page: with 20 open
pages one event took 1.6 s.
"""

import asyncio
import gc
import time

INTERVAL = 10.0  # seconds
IDLE_INTERVAL = 300.0  # seconds, while hardly anything new is in memory: a collection takes 0.1 s


async def collect_regularly() -> None:
    """Collect every `INTERVAL` in which Python has collected new objects by itself, which it does
    once there are some hundreds; otherwise every `IDLE_INTERVAL`."""
    while True:
        young, idle_until = young_collections(), time.monotonic() + IDLE_INTERVAL
        while young == young_collections() and time.monotonic() < idle_until:
            await asyncio.sleep(INTERVAL)
        await asyncio.to_thread(gc.collect)


def young_collections() -> int:
    """Return how often Python has collected new objects."""
    return int(gc.get_stats()[0]["collections"])
