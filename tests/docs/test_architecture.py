"""The files that docs/architecture.md names exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`((?:\w+/)*(?:\w+\.(?:py|js)|\w+/))`", TEXT)))


@pytest.mark.parametrize("name", NAMED)
def test_a_named_file_or_folder_exists(name: str) -> None:
    assert (ROOT / "etl_monitor" / name).exists() or (ROOT / name).exists()
