"""axe-core in a page: violations of the WCAG rules."""

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

from tests.support.eventually import eventually

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def assert_no_violation(page: Page, within: str = "html") -> None:
    """Assert that the page has none once it is at rest: Streamlit's own buttons get their names a
    moment after they appear. `within`: a selector of the part to check."""

    def has_none() -> None:
        assert violations(page, within) == []

    eventually(has_none, within=10)


def violations(page: Page, within: str = "html") -> list[str]:
    """Return each violation with its element. axe looks into open shadow roots by itself."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    result: Any = page.evaluate(
        "([root, tags]) => axe.run(root, { runOnly: { type: 'tag', values: tags } })",
        [within, RULES],
    )
    return [
        f"{violation['id']}: {violation['help']}: {node['target']} {node['html'][:160]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
