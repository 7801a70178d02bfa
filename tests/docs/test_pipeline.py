"""docs/pipeline.md says what the code does."""

import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline import errors
from etl_monitor.pipeline.documents.writer import WRITERS
from etl_monitor.pipeline.exclusion import MALFORMED, ExclusionReason
from etl_monitor.pipeline.kinds.definition import find_kind
from etl_monitor.wire.statistics import ItemFlag

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "pipeline.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("definition", blocks("toml"))
def test_its_definitions_are_definitions(tmp_path: Path, definition: str) -> None:
    key = re.findall(r'^key = "(\w+)"', definition, re.MULTILINE)[0]
    (tmp_path / "any.toml").write_text(definition, "utf-8")
    assert find_kind(key, tmp_path).key == key


def test_it_shows_the_whole_example_in_about_thirty_lines() -> None:
    example = (ROOT / "examples" / "own_pipeline.py").read_text("utf-8")
    assert blocks("python") == [example]
    assert len(example.splitlines()) <= 35


def codes() -> set[str]:
    """One constructor each, named as its code."""
    made = inspect.getmembers(errors, inspect.isfunction)
    return {name for name, f in made if inspect.signature(f).return_annotation is PipelineError}


def test_it_lists_every_error_as_the_module_does() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \| .* \| .*\|$", TEXT.partition("## Errors")[2], re.M))
    docstring = errors.__doc__ or ""
    assert codes() == listed
    assert codes() == set(re.findall(r"^([a-z_]+)  +\S", docstring, re.MULTILINE)) - {"code"}


def test_it_names_every_reason_flag_and_document() -> None:
    named = set(re.findall(r"`(\w+)`", TEXT))
    assert {reason.reason for reason in ExclusionReason if reason} | {MALFORMED} <= named
    assert set(get_args(ItemFlag)) <= named
    assert set(WRITERS) <= named
