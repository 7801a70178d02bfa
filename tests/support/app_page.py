"""A page run by Streamlit's own test runner, and what its live views were told to draw."""

import json
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import UnknownElement


def run(page: Callable[..., Any], /, *, language: str = "en", **address: str) -> AppTest:
    """A session of its own that draws `page`; fails where the page does."""
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params.update({"lang": language} | address if language else address)
    return rerun(app)


def rerun(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def frames(app: AppTest) -> list[dict[str, Any]]:
    """What went to the browser for each live view of the page, in the page's order."""
    frames_json = [
        json.loads(one.proto.json) for one in app.get("bidi_component") if _is_unknown(one)
    ]
    return [frame for frame in frames_json if "mount" in frame]


def news(app: AppTest) -> list[dict[str, Any]]:
    """What the bus tells views that were drawn before, each time that it is drawn."""
    frames_json = [
        json.loads(one.proto.json) for one in app.get("bidi_component") if _is_unknown(one)
    ]
    return [frame for frame in frames_json if "updates" in frame]


def data(app: AppTest, view: str) -> dict[str, Any]:
    """What the one view of this name draws."""
    (found,) = [frame["data"] for frame in frames(app) if frame["view"] == view]
    return dict(found)


def _is_unknown(element: Any) -> bool:
    return isinstance(element, UnknownElement)
