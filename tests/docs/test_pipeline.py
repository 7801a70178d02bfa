"""docs/pipeline.md says what the code does."""

import re
from pathlib import Path
from typing import get_args

import pytest

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.documents.writer import WRITERS
from etl_monitor.pipeline.exclusion import MALFORMED, ExclusionReason
from etl_monitor.pipeline.kinds.definition import find_kind
from etl_monitor.wire.statistics import ItemFlag
from tests.support.error_tables import table_of

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


def test_it_lists_every_error_with_its_details() -> None:
    section = TEXT.partition("## Errors")[2]
    listed = {
        code: set(re.findall(r"`(\w+)`", details.partition("(")[0]))
        for code, details in re.findall(r"^\| `(\w+)` \| .* \| (.*)\|$", section, re.MULTILINE)
    }
    assert listed.keys() == {error.code for error in table_of(errors)}
    for error in table_of(errors):
        assert listed[error.code] <= {error.detail_name(field) for field in error.fields()}


def test_it_names_every_reason_flag_and_document() -> None:
    named = set(re.findall(r"`(\w+)`", TEXT))
    assert {reason.reason for reason in ExclusionReason if reason} | {MALFORMED} <= named
    assert set(get_args(ItemFlag)) <= named
    assert set(WRITERS) <= named
