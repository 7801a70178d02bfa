"""Single values as back ends of many makes send them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from etl_monitor.wire import values

AT = datetime(2026, 11, 27, 1, 2, 3, 456000, tzinfo=UTC)


@pytest.mark.parametrize(
    "sent",
    [
        "2026-11-27T01:02:03.456Z",
        "2026-11-27T01:02:03.456+00:00",
        "2026-11-27 01:02:03.456",
        "2026-11-27 01:02:03,456",
        "2026-11-27T10:02:03.456000789+09:00",
        "2026-11-27T10:02:03.456+0900",
        "2026-11-27 10:02:03.456 +0900",
        "2026-11-27T10:02:03.456+09:00[Asia/Seoul]",
        "2026-11-27T10:02:03.456[Asia/Seoul]",
        "2026-11-27T01:02:03.456Z[UTC]",
        "2026-11-27 01:02:03.456 UTC",
        " 20261127T010203.456Z ",
        "2026-11-27 10:02:03.456 +09",
        "2026/11/27 01:02:03.456",
        "2026.11.27 01:02:03.456",
        1795741323.456,
        1795741323456,
        "1795741323456",
        1795741323456000,
        1795741323456000000,
        [2026, 11, 27, 1, 2, 3, 456_000_000],
    ],
)
def test_a_moment(sent: Any) -> None:
    read = values.moment(sent)
    assert read is not None
    assert abs((read - AT).total_seconds()) < 0.000_001 or isinstance(sent, float)
    assert abs((read - AT).total_seconds()) < 0.001


@pytest.mark.parametrize(
    "sent",
    [
        *("2026-11-27T10:02+09:00[Asia/Seoul]", "Fri, 27 Nov 2026 01:02:00 GMT"),
        *("2026-11-27T01:02", "2026-11-27 01:02", [2026, 11, 27, 1, 2], 1795741320, "1795741320"),
    ],
)
def test_a_moment_in_minutes(sent: Any) -> None:
    assert values.moment(sent) == AT.replace(second=0, microsecond=0)


@pytest.mark.parametrize("sent", ["20261127010203", 20261127010203, " 20261127010203 "])
def test_fourteen_digits_are_a_moment(sent: Any) -> None:
    """As a number of milliseconds they would be in the year 2612."""
    assert values.moment(sent) == AT.replace(microsecond=0)


@pytest.mark.parametrize(
    "sent", ["2026-11-26T24:00:00Z", "2026-11-26 24:00", "2026/11/27 09:00 +09", "20261126T240000Z"]
)
def test_the_end_of_a_day_is_the_beginning_of_the_next(sent: str) -> None:
    assert values.moment(sent) == datetime(2026, 11, 27, tzinfo=UTC)


@pytest.mark.parametrize("sent", [None, "", 0, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_no_moment(sent: Any) -> None:
    assert values.moment(sent) is None


@pytest.mark.parametrize(
    "sent",
    [
        "soon",
        "2026-13-01",
        [2026],
        [2026, 2, 30],
        ["a", 1, 1],
        {},
        True,
        float("nan"),
        "1e400",
        "2026-11-26T24:01",
        "20261327010203.5.1",
        "2026-11-27T10:02[Nowhere/City]",
        "2026-11-27T10:02[../../etc/passwd]",
    ],
)
def test_what_is_no_moment_is_rejected(sent: Any) -> None:
    with pytest.raises((ValueError, OverflowError)):
        values.moment(sent)


@pytest.mark.parametrize(
    ("sent", "percent"),
    [
        (45, 45),
        (45.9, 45),
        ("45%", 45),
        ("45.5 %", 45),
        ("45", 45),
        ("45,5", 45),
        ("45,50 %", 45),
        ("4.5e1", 45),
        (-3, 0),
        (1e309, 100),
        (None, None),
        ("", None),
    ],
)
def test_progress(sent: Any, percent: int | None) -> None:
    assert values.percent(sent) == percent


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        (12, 12),
        ("12", 12),
        ("1,234", 1234),
        ("1,23,456.7", 123456),
        ("0,5", 0),
        (12.0, 12),
        ("12.7", 12),
        (None, None),
        ("", None),
    ],
)
def test_a_whole_number(sent: Any, number: int | None) -> None:
    assert values.whole_number(sent) == number


@pytest.mark.parametrize(
    "sent", [True, "twelve", "1.234,5", "1,2,3", [], {}, float("nan"), 10**40, 1e300]
)
def test_what_is_no_number_is_rejected(sent: Any) -> None:
    with pytest.raises(ValueError, match=r"number|float"):
        values.whole_number(sent)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("작업", "작업"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (None, None),
        (True, "true"),
        ({"message": "no rows"}, "no rows"),
        ({"code": 1}, '{"code": 1}'),
        ([1], "[1]"),
    ],
)
def test_a_text(sent: Any, text: str | None) -> None:
    assert values.text(sent) == text


def test_a_long_text_is_cut_and_a_long_id_or_detail_is_rejected() -> None:
    assert len(values.text("x" * 900_000) or "") == 10_000
    with pytest.raises(ValueError, match="1,000"):
        values.identifier("x" * 900_000)
    with pytest.raises(ValueError, match="100,000"):
        values.details({"x": "x" * 900_000})


@pytest.mark.parametrize("sent", ["", True, {}, []])
def test_what_is_no_id_is_rejected(sent: Any) -> None:
    with pytest.raises(ValueError, match="should be"):
        values.identifier(sent)


@pytest.mark.parametrize(("sent", "flag"), [("true", True), (1, True), ("No", False), (None, None)])
def test_a_truth_value(sent: Any, flag: bool | None) -> None:
    assert values.flag(sent) is flag
