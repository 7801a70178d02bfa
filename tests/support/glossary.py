"""docs/glossary.md as data: the words that names and prose avoid."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


@dataclass(frozen=True, kw_only=True)
class Glossary:
    name_parts: frozenset[str]  # no name contains one: `JobTold`, `told_by`
    whole_names: frozenset[str]  # no name is one, in the product
    prose: re.Pattern[str]  # no sentence contains one
    frozen: frozenset[str]  # names that stay as they are


@cache
def glossary() -> Glossary:
    text = GLOSSARY.read_text("utf-8")
    rows = re.findall(r"^\| .* \| .* \|(.*)\|$", text, re.MULTILINE)
    prose = "|".join(_words(_section(text, "Prose")))
    return Glossary(
        name_parts=frozenset(word for row in rows for word in _words(row)),
        whole_names=frozenset(_words(_section(text, "Names that say too little"), after=":")),
        prose=re.compile(rf"\b({prose})\b", re.IGNORECASE),
        frozen=frozenset(_words(_section(text, "Frozen names"), after=":")),
    )


def _section(text: str, heading: str) -> str:
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def _words(text: str, after: str = "") -> list[str]:
    """Return the `code` words of `text`, from the last `after` on."""
    return re.findall(r"`([^`]+)`", text.rpartition(after)[2] if after else text)
