"""What `requirements.txt` installs: versions and licences.

`python -m tests.support.runtime_packages` (`make licences`) prints them.
"""

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_REQUIREMENTS = Path(__file__).parents[2] / "requirements.txt"
_LICENCE = "License :: "
_LONGEST = 60  # characters of a licence's name; the old field may hold the whole text


def requirements() -> Iterator[Requirement]:
    for line in _REQUIREMENTS.read_text("utf-8").splitlines():
        if text := line.partition("#")[0].strip():
            yield Requirement(text)


def installed() -> dict[str, metadata.Distribution]:
    """Return each requirement and all their dependencies, by name."""
    distributions: dict[str, metadata.Distribution] = {}
    waiting = list(requirements())
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        distributions[name] = metadata.distribution(requirement.name)
        waiting += _dependencies(distributions[name], extras)
    return distributions


def _dependencies(
    distribution: metadata.Distribution, extras: frozenset[str]
) -> Iterator[Requirement]:
    for text in distribution.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def licence(distribution: metadata.Distribution) -> str:
    """Return the licence that a package states: as an expression, by its classifiers, or in its
    old free field; empty if it states none."""
    expression = _field(distribution, "License-Expression")
    classifiers = distribution.metadata.get_all("Classifier") or []
    names = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith(_LICENCE)]
    free = _field(distribution, "License").strip().partition("\n")[0][:_LONGEST]
    return expression or " AND ".join(names) or free


def _field(distribution: metadata.Distribution, name: str) -> str:
    return next(iter(distribution.metadata.get_all(name) or []), "")


def main() -> None:
    for name, distribution in sorted(installed().items()):
        line = f"{name:<36}{distribution.version:<18}{licence(distribution) or '(none stated)'}"
        sys.stdout.write(f"{line.rstrip()}\n")


if __name__ == "__main__":
    main()
