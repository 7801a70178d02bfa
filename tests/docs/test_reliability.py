"""What docs/reliability.md promises to be tested is tested."""

import pytest

from tests.support.named_tests import is_there, named_tests, rows_under


@pytest.mark.parametrize(("file", "test"), named_tests("reliability.md"))
def test_a_named_test_is_there(file: str, test: str) -> None:
    assert is_there(file, test)


def test_every_row_names_a_test() -> None:
    faults = rows_under("reliability.md", "fault")
    assert len(faults) > 100
    assert [row for row in faults if "::" not in row] == []
