"""A bare fragment that each event reruns: one text."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from benchmarks.pages.newest import newest


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    newest.loop = asyncio.get_running_loop()
    yield


app = st.App(str(Path(__file__).with_name("fragment_page.py")), lifespan=lifespan)
