"""Both catalogues have the same keys, and exactly those that the code uses."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent
from fluent.syntax.visitor import Visitor

from etl_monitor.i18n.translator import LANGUAGES, Translator, catalogue_text
from tests.support.message_families import FAMILIES, OPTIONAL, VARIABLES
from tests.support.used_messages import ROOT, SOURCES, UsedMessages, used_in

_HANGUL = re.compile("[가-힣]")


class _Arguments(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: fluent.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


@cache
def catalogue(language: str) -> Mapping[str, fluent.Message]:
    body = FluentParser().parse(catalogue_text(language)).body
    assert not [entry for entry in body if isinstance(entry, fluent.Junk)]
    messages = [entry for entry in body if isinstance(entry, fluent.Message)]
    assert len({m.id.name for m in messages}) == len(messages), "a key is defined twice"
    return {m.id.name: m for m in messages}


def arguments(message: fluent.Message) -> set[str]:
    found = _Arguments()
    found.visit(message)
    return found.names


@cache
def used_messages() -> tuple[UsedMessages, ...]:
    return tuple(used_in(path) for path in SOURCES)


def test_same_keys_in_both() -> None:
    assert catalogue("ko").keys() == catalogue("en").keys()


def test_same_arguments_in_both() -> None:
    korean, english = catalogue("ko"), catalogue("en")
    # Where English shows no plural, Korean may still count: only names that do not exist are wrong.
    odd = {k for k in korean if not arguments(korean[k]) <= arguments(english[k])}
    assert not odd


def test_each_family_and_each_variable_is_registered() -> None:
    """They are in message_families.py, so that their keys are checked too."""
    assert {family for used in used_messages() for family in used.families} == {
        *FAMILIES,
        *OPTIONAL,
    }
    assert {name for used in used_messages() for name in used.variables} == set(VARIABLES)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_text_that_a_source_names_is_missing(path: Path) -> None:
    assert used_in(path).keys - catalogue("en").keys() == set()


@pytest.mark.parametrize("family", [*FAMILIES, *VARIABLES])
def test_no_text_of_a_family_is_missing(family: str) -> None:
    keys = (FAMILIES | VARIABLES)[family]
    assert keys, "a family without members"
    assert keys - catalogue("en").keys() == set()


def test_nothing_in_the_catalogue_is_unused() -> None:
    families = [*FAMILIES.values(), *OPTIONAL.values(), *VARIABLES.values()]
    used = {key for used in used_messages() for key in used.keys}.union(*families)
    assert catalogue("en").keys() - used == set()


def test_korean_is_korean() -> None:
    t = Translator("ko")
    same = {k for k in catalogue("ko") if not arguments(catalogue("ko")[k])}
    latin = {k for k in same if not _HANGUL.search(t(k))}
    assert latin == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_can_be_formatted(language: str) -> None:
    for key, message in catalogue(language).items():
        assert Translator(language)(key, **dict.fromkeys(arguments(message), 3))
