"""Who may import whom. The way of an event is an order of the modules; nothing points back."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "etl_monitor"

# A module or a package with what it may import, besides itself. Where a module inside of a package
# has a row of its own, that row counts; a package's name stands for everything in it.
SHARED = {"errors", "job", "result", "statistics", "activity", "history", "system", "version"}
SHARED |= {"settings", "roles", "acting", "headers", "json_lines", "harmless"}
LAYERS = {
    "pipeline": {"errors", "job", "result", "statistics"},
    "pipeline.quotes": set(),
    "service": SHARED | {"pipeline"},
    "errors": set(),
    "job": set(),
    "result": {"job"},
    "statistics": {"job"},
    "activity": {"job"},
    "history": {"job"},
    "system": {"job"},
    "version": set(),
    "json_lines": {"job"},
    "roles": set(),
    "headers": set(),
    "harmless": set(),
    "safety": {"errors", "settings"},
    "acting": {"errors", "job", "roles"},
    "settings": {"address", "allowed", "errors", "roles"},
    "address": set(),
    "allowed": set(),
    "sign_in": {"acting", "errors", "roles", "settings"},
    "i18n": set(),
    "sse": {"errors"},
    "events": SHARED | {"sse"},
    "latency": set(),
    "paging": set(),
    "drawn": {"latency"},
    "tally": set(),
    "store.changes": set(),
    "store.connection": set(),
    "store.snapshot": SHARED | {"store.connection"},
    "store.ledger": SHARED | {"store.snapshot"},
    "store": SHARED | {"events"},
    "client.transport": {"address", "errors"},
    "client.filters": {"job"},
    "client.replies": SHARED,
    "client.rest": SHARED | {"client.replies", "client.transport", "client.watched", "tally"},
    "client": SHARED | {"tally"},
    "feed.retry": set(),
    "client.watched": set(),
    "feed.stream": {"errors", "client.transport", "client.watched"},
    "feed.following": SHARED | {"sse", "events", "store", "client", "feed.stream", "tally"},
    "feed": SHARED | {"sse", "tally", "store", "client"},
    "monitoring": SHARED | {"sign_in", "sse", "store", "client", "feed"},
    "child": {"errors"},
    "live": set(),
    "session": SHARED
    | {"client", "sign_in", "i18n", "latency", "drawn", "live"}
    | {"monitoring", "paging", "store"},
    "ui": SHARED
    | {"i18n", "drawn", "live", "paging", "session", "sign_in", "store", "ui", "client"}
    | {"pipeline.quotes"},
    "metrics": SHARED | {"feed", "store", "latency", "live", "monitoring"},
    "portal": SHARED
    | {"safety", "child", "drawn", "live", "metrics", "monitoring", "client.transport"},
}
WITHOUT_STREAMLIT = set(LAYERS) - {"live", "session", "ui", "safety", "portal"}


def modules() -> list[Path]:
    return sorted((ROOT / PACKAGE).rglob("*.py"))


def layer_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / PACKAGE).with_suffix("").parts[:2])


def row_of(layer: str) -> str:
    """The row that speaks for it: its own, or else its package's."""
    return layer if layer in LAYERS else layer.split(".")[0]


def is_allowed(imported_layer: str, row: str) -> bool:
    names = LAYERS[row] | {row}
    return imported_layer in names or imported_layer.split(".")[0] in names


def imported(path: Path) -> set[str]:
    """Full names of the modules that `path` imports, wherever in the file it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def own_layers(path: Path) -> set[str]:
    inside = (name.split(".")[1:3] for name in imported(path) if name.startswith(PACKAGE + "."))
    return {".".join(parts) for parts in inside}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    row = row_of(layer_of(path))
    if row == "__init__":
        return
    assert row in LAYERS, f"{path} is of no known layer: give it its place"
    assert {layer for layer in own_layers(path) if not is_allowed(layer, row)} == set()


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_only_pages_know_streamlit(path: Path) -> None:
    if row_of(layer_of(path)) in WITHOUT_STREAMLIT:
        assert not {name for name in imported(path) if name.split(".")[0] == "streamlit"}


def test_only_the_session_names_session_state() -> None:
    naming = [p.name for p in modules() if "session_state" in p.read_text(encoding="utf-8")]
    assert naming == ["session.py"]


def test_pages_hold_no_types() -> None:
    for page in (ROOT / "pages").glob("*.py"):
        tree = ast.parse(page.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)], page
