"""One word, one meaning: names and sentences keep to docs/glossary.md.

`python -m tests.test_vocabulary [PATH…]` prints every finding.
"""

import ast
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.glossary import glossary

ROOT = Path(__file__).parent.parent
PLACES = (
    *("app.py", "pages", "etl_monitor", "tests", "benchmarks", "examples", "docs", "*.md"),
    *(".streamlit", "pyproject.toml", "requirements*.in", "requirements.txt", "Makefile"),
)
# Other people's files, and migrations: these name columns as they were at the time.
SKIPPED = re.compile(r"/vendor/|/migrations/versions/|/docs/glossary\.md$|/__pycache__/")

Found = Iterator[tuple[int, str]]  # line, word

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_IDENTIFIER_TEXT = re.compile(r"[A-Za-z_][\w.-]*")
_JAVASCRIPT = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<text>"[^"\n]*"|'[^'\n]*')|(?P<name>[A-Za-z_$][\w$]*)""",
    re.DOTALL,
)


def _parts(name: str) -> set[str]:
    """`JobUpdate`, `job_update`, `job-update` → `job`, `update`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return {part.lower() for part in re.split(r"[^A-Za-z0-9]+", spaced)}


def _is_replaced(name: str, *, is_product: bool) -> bool:
    words = glossary()
    if name in words.frozen:
        return False
    return bool(_parts(name) & words.name_parts) or (is_product and name in words.whole_names)


def names_in_path(path: Path) -> Found:
    names = path.relative_to(ROOT).with_suffix("").parts
    return ((0, f"file name: {name}") for name in names if _is_replaced(name, is_product=True))


def names_in_python(path: Path) -> Found:
    """Yield the names of a module, except those that it imports from other people's packages."""
    is_product = path.relative_to(ROOT).parts[0] in ("etl_monitor", "pages", "app.py")
    tree = ast.parse(path.read_text("utf-8"))
    foreign = _foreign_names(tree)
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            is_ours = token.type == tokenize.NAME and token.string not in foreign
            if is_ours and _is_replaced(token.string, is_product=is_product):
                yield token.start[0], token.string
    if is_product:  # log events, reply fields, figures, keys of texts
        for line, text in _texts(tree):
            if _IDENTIFIER_TEXT.fullmatch(text) and _is_replaced(text, is_product=False):
                yield line, repr(text)


def _foreign_names(tree: ast.AST) -> set[str]:
    ours = ("etl_monitor", "tests")
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    foreign = [node for node in imports if not (node.module or "").startswith(ours)]
    return {alias.name for node in foreign for alias in node.names}


def _texts(tree: ast.AST) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def prose_in_python(path: Path) -> Found:
    """Yield words of comments and docstrings, and of the product's messages."""
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.COMMENT:
                yield from _prose(token.string, token.start[0])
    tree = ast.parse(path.read_text("utf-8"))
    is_product = path.is_relative_to(ROOT / "etl_monitor")
    for line, text in _texts(tree) if is_product else _docstrings(tree):
        yield from _prose(text, line)


def _docstrings(tree: ast.AST) -> Found:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, kinds) and ast.get_docstring(node) is not None:
            yield from _texts(node.body[0])


def _prose(text: str, first_line: int = 1) -> Found:
    for number, line in enumerate(text.splitlines(), start=first_line):
        for found in glossary().prose.finditer(line):
            yield number, found[0]


def findings_in_javascript(path: Path) -> Found:
    """Yield names, identifier-like texts (keys of payloads, CSS classes) and words of comments."""
    text = path.read_text("utf-8")
    for token in _JAVASCRIPT.finditer(text):
        line = text.count("\n", 0, token.start()) + 1
        if token["comment"]:
            yield from _prose(token[0], line)
            continue
        name = token[0].strip("\"'")
        if _IDENTIFIER_TEXT.fullmatch(name) and _is_replaced(name, is_product=bool(token["name"])):
            yield line, name


def findings_in_css(path: Path) -> Found:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        for name in re.findall(r"[.#]([a-z][\w-]+)", line):
            if _is_replaced(name, is_product=False):
                yield number, name
        yield from _prose(line, number)


def findings_in_catalogue(path: Path) -> Found:
    """Yield keys, variables, and words of the texts."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        for name in re.findall(r"^([\w-]+) =|\$(\w+)", line):
            if _is_replaced("".join(name), is_product=False):
                yield number, "".join(name)
        yield from _prose(line, number)


def findings_in_document(path: Path) -> Found:
    return _prose(path.read_text("utf-8"))


CHECKS: dict[str, tuple[Callable[[Path], Found], ...]] = {
    ".py": (names_in_path, names_in_python, prose_in_python),
    ".js": (names_in_path, findings_in_javascript),
    ".css": (names_in_path, findings_in_css),
    ".ftl": (names_in_path, findings_in_catalogue),
    ".md": (names_in_path, findings_in_document),
    ".toml": (names_in_path, findings_in_document),
    ".ts": (names_in_path, findings_in_document),
    ".yml": (names_in_path, findings_in_document),
    ".in": (names_in_path, findings_in_document),
    ".txt": (names_in_path, findings_in_document),
    "": (names_in_path, findings_in_document),
}


def files(roots: list[Path]) -> list[Path]:
    """Return the checked files at or below `roots`."""
    found = {
        path
        for root in roots
        for path in ([root] if root.is_file() else root.rglob("*"))
        if path.is_file() and path.suffix in CHECKS and not SKIPPED.search(path.as_posix())
    }
    return sorted(found)


def findings(path: Path) -> list[str]:
    where = path.relative_to(ROOT)
    return [
        f"{where}:{line}: {word}" for check in CHECKS[path.suffix] for line, word in check(path)
    ]


def test_names_and_prose_keep_to_the_glossary() -> None:
    places = [path for place in PLACES for path in ROOT.glob(place)]
    assert [text for path in files(places) for text in findings(path)] == []


SOURCE = '''
"""What is {prose} of it."""
from elsewhere import {part}_thing
from etl_monitor.wire import Job{Part}

def by_{part}({whole}: int) -> str:  # {prose} twice
    log.info("{part}_out")
    return "a sentence may say {part}"
'''


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is checked as if it were the product."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    folder = tmp_path / "etl_monitor"
    folder.mkdir()
    return folder


def test_python_is_searched_for_names_keys_and_prose(product: Path) -> None:
    part, whole = min(glossary().name_parts), min(glossary().whole_names)
    source = SOURCE.format(part=part, Part=part.title(), whole=whole, prose="nob" + "ody")
    (product / "module.py").write_text(source, "utf-8")
    found = [finding.partition(": ")[2] for finding in findings(product / "module.py")]
    assert found == [
        f"Job{part.title()}",
        f"by_{part}",
        whole,
        f"'{part}_out'",
        *["nob" + "ody"] * 2,
    ]


def test_scripts_and_catalogues_are_searched(product: Path) -> None:
    part = min(glossary().name_parts)
    script = (
        f'// nob{"ody"}\nconst {part}By = data["{part}-key"]; // fine\nsay("{part} in a text");'
    )
    (product / "script.js").write_text(script, "utf-8")
    (product / "en.ftl").write_text(f"{part}-title = a text with {part}\n", "utf-8")
    assert [f.rpartition(": ")[2] for f in findings(product / "script.js")] == [
        "nob" + "ody",
        f"{part}By",
        f"{part}-key",
    ]
    assert [f.rpartition(": ")[2] for f in findings(product / "en.ftl")] == [f"{part}-title"]


if __name__ == "__main__":
    chosen = [Path(name).resolve() for name in sys.argv[1:]]
    for path in files(chosen or [path for place in PLACES for path in ROOT.glob(place)]):
        for finding in findings(path):
            print(finding)  # noqa: T201
