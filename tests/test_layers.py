"""Import directions: the contracts of `pyproject.toml`, and two rules that they cannot express."""

import ast
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
STATE = "etl_monitor/ui/session/state.py"


def test_every_import_contract_holds() -> None:
    """`lint-imports` prints the wrong arrow and its line."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_logo=True) == 0


def test_one_module_names_session_state() -> None:
    modules = (ROOT / "etl_monitor").rglob("*.py")
    naming = [path for path in modules if "session_state" in path.read_text(encoding="utf-8")]
    assert [str(path.relative_to(ROOT)) for path in naming] == [STATE]


def test_pages_hold_no_types() -> None:
    """Streamlit runs a page anew each time: a class in it would be another class on every run."""
    for page in (ROOT / "pages").glob("*.py"):
        tree = ast.parse(page.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)], page
