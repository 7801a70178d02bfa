"""axe-core in a page: what in it somebody could not see, reach or understand."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

from tests.support.eventually import eventually

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def assert_no_violation(page: Page, within: str = "html") -> None:
    """Once it has come to rest: names of Streamlit's own buttons are given as they appear.
    `within`: a selector of what to look at."""

    def none() -> None:
        assert violations(page, within) == []

    eventually(none, within=10)


def violations(page: Page, within: str = "html") -> list[str]:
    """Each violation with where it is; axe goes into open shadow roots by itself."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    found: Any = page.evaluate(
        "([place, tags]) => axe.run(place, { runOnly: { type: 'tag', values: tags } })",
        [within, RULES],
    )
    return [
        f"{one['id']}: {one['help']}: {node['target']} {node['html'][:160]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
