"""What docs/security.md promises is tested."""

import pytest

from tests.support.named_tests import is_there, named_tests, rows_under


@pytest.mark.parametrize(("file", "test"), named_tests("security.md"))
def test_a_named_test_is_there(file: str, test: str) -> None:
    assert is_there(file, test)


def test_every_attack_names_a_test() -> None:
    attacks = rows_under("security.md", "attack")
    assert len(attacks) > 20
    assert [row for row in attacks if "::" not in row] == []
