"""One word, one meaning: the left column of `docs/glossary.md` stays out of the code and the prose.

`python -m tests.test_vocabulary [PATH…]` lists every place.
"""

import ast
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = ("app.py", "pages", "etl_monitor", "tests", "benchmarks", "examples")
PROSE = ("README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "docs")

# Parts of a name: `told` is found in `told`, `told_by` and `JobTold`.
_PARTS = """
told tell tells telling nudge heard asked asker asking asks whoever nobody somebody harmless
patiently patience pulse vitals verdict verdicts strange keying envelope intake swap guarded
presented born drawn calm milestone milestones entered kept refusal refusals ledger look looks
looking
"""
PARTS = frozenset(_PARTS.split())
# Whole names: the thing has a name of its own.
_WHOLE = "one who wanted known place texts words way bench moments"
WHOLE = frozenset(_WHOLE.split())
# In docstrings, comments and documents.
DIALECT = re.compile(r"\b(told|nobody|somebody|whoever|none that|so that none)\b", re.IGNORECASE)
ALLOWED: frozenset[str] = frozenset()
_SELF = Path(__file__).resolve()


def _parts(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return {part.lower() for part in spaced.split("_")}


def names_in(path: Path) -> Iterator[str]:
    """`line: name` for each name that the glossary replaces."""
    is_product = path.is_relative_to(ROOT / "etl_monitor") or path.is_relative_to(ROOT / "pages")
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.NAME and (
                _parts(token.string) & PARTS or (is_product and token.string in WHOLE)
            ):
                yield f"{token.start[0]}: {token.string}"
    for part in path.relative_to(ROOT).with_suffix("").parts:
        if _parts(part) & PARTS or part in WHOLE:
            yield f"file name: {part}"


def prose_in(path: Path) -> Iterator[str]:
    """`line: word` for each word of the old dialect in a docstring, a comment or a document."""
    if path.suffix == ".md":
        lines = path.read_text(encoding="utf-8").splitlines()
        spoken = list(enumerate(lines, start=1))
    else:
        spoken = [*_comments(path), *_docstrings(path)]
    for number, text in spoken:
        for found in DIALECT.finditer(text):
            yield f"{number}: {found[0]}"


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def _docstrings(path: Path) -> Iterator[tuple[int, str]]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, kinds) and (text := ast.get_docstring(node, clean=False)):
            first = node.body[0].lineno
            yield from enumerate(text.splitlines(), start=first)


def _files(places: tuple[str, ...], suffix: str) -> list[Path]:
    roots = [ROOT / place for place in places if (ROOT / place).exists()]
    found = [p for root in roots for p in ([root] if root.is_file() else root.rglob("*" + suffix))]
    return sorted(path for path in found if path.resolve() != _SELF and path.name != "glossary.md")


def findings(path: Path) -> list[str]:
    names = [] if path.suffix == ".md" else list(names_in(path))
    where = path.relative_to(ROOT)
    found = [f"{where}:{text}" for text in [*names, *prose_in(path)]]
    return [text for text in found if text not in ALLOWED]


def test_no_name_and_no_sentence_of_the_left_column() -> None:
    paths = [*_files(PYTHON, ".py"), *_files(PROSE, ".md")]
    assert [text for path in paths for text in findings(path)] == []


if __name__ == "__main__":
    asked_for = [Path(name).resolve() for name in sys.argv[1:]] or [ROOT]
    for path in [*_files(PYTHON, ".py"), *_files(PROSE, ".md")]:
        if any(path.resolve().is_relative_to(root) for root in asked_for):
            print(*findings(path), sep="\n")  # noqa: T201
