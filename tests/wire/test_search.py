"""What a search text means while it is being typed; the rest: service/jobs/test_search.py."""

import pytest

from etl_monitor.wire.search import without_open_fields


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("status:", ""),
        ("부산 Person: 인턴", "부산 인턴"),
        ("kind:big status:", "kind:big"),
        ("status:f", "status:f"),
        ("other: x", "other: x"),
        ("st", "st"),
    ],
)
def test_a_field_whose_value_is_still_to_be_typed_narrows_nothing(
    typed: str, searched: str
) -> None:
    assert without_open_fields(typed) == searched
