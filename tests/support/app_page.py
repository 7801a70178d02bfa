"""Run a page with Streamlit's own test runner, and read the payloads of its live views."""

import json
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import UnknownElement


def run(page: Callable[..., Any], /, *, language: str = "en", **address: str) -> AppTest:
    """Render `page` in a new session; fail if the page raises."""
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params.update({"lang": language} | address if language else address)
    return rerun(app)


def rerun(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def frames(app: AppTest) -> list[dict[str, Any]]:
    """Return what each live view of the page sent to the browser, in the page's order."""
    return [frame for frame in _all_frames(app) if "mount" in frame]


def news(app: AppTest) -> list[dict[str, Any]]:
    """Return what the bus sent to views that were rendered before, one item a render."""
    return [frame for frame in _all_frames(app) if "updates" in frame]


def notices(app: AppTest) -> list[dict[str, Any]]:
    """Return what the page shows of a person's commands, on another app's page."""
    return [frame for frame in _all_frames(app) if "notices" in frame]


def data(app: AppTest, view: str) -> dict[str, Any]:
    """Return the payload of the one view of this name."""
    (payload,) = [frame["data"] for frame in frames(app) if frame["view"] == view]
    return dict(payload)


def open_in(app: AppTest, view: str) -> set[str]:
    """Return the ids of the jobs that are open in the one view of this name."""
    (frame,) = [frame for frame in frames(app) if frame["view"] == view]
    return set(frame.get("inner", {}))


def _all_frames(app: AppTest) -> list[dict[str, Any]]:
    elements = app.get("bidi_component")
    return [json.loads(e.proto.json) for e in elements if isinstance(e, UnknownElement)]
