"""Objects that a company's own pipeline may hand over, and a Hypothesis strategy of them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class MuteText(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError("no text")


class Hostile(Mapping[str, Any]):
    """A mapping that fails wherever it is read."""

    def __getitem__(self, key: str) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Any:
        raise OSError("no items")

    def __len__(self) -> int:
        raise ValueError("no length")


class Endless(Mapping[str, Any]):
    """A mapping with more items than can be counted."""

    def __getitem__(self, key: str) -> Any:
        return self

    def __iter__(self) -> Any:
        number = 0
        while True:
            number += 1
            yield str(number)

    def __len__(self) -> int:
        return 2**62


class Colour(Enum):
    RED = "red"


@dataclass
class Record:
    row: Any
    value: Any = 1.5


def cyclic() -> list[Any]:
    items: list[Any] = []
    items.append(items)
    return items


def nested(depth: int) -> list[Any]:
    items: list[Any] = []
    for _ in range(depth):
        items = [items]
    return items


OBJECTS: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**70, 10**10_000, 1.5, float("nan"), float("inf"), -0.0, 1 + 2j),
    *(np.int64(7), np.float32(1.5), np.bool_(True), np.str_("x"), np.uint64(2**64 - 1)),
    *(np.datetime64("2026-11-27"), np.timedelta64(3, "s"), np.array([1, 2]), np.zeros((300, 300))),
    *(
        pd.NA,
        pd.NaT,
        pd.Timestamp("2026-11-27"),
        pd.Timedelta("1s"),
        pd.Series([1]),
        pd.DataFrame(),
    ),
    *(Decimal("1.10"), Decimal("NaN"), Decimal("1e999999"), Fraction(1, 3)),
    *(datetime(2026, 11, 27, tzinfo=UTC), date(2026, 11, 27), timedelta(days=1)),
    *(
        Path("answers.csv"),
        b"\xb0\xa1",
        bytearray(b"x"),
        memoryview(b"x"),
        os.fsdecode(b"\xb0\xa1"),
    ),
    *("\ud800", "a\0b", "\x1b[31mred\x1b[0m", "x" * 100_000, "\u1100\u1161", ""),
    *({1, "a"}, frozenset(), (1, 2), [], {}, {1: {2: {3}}}, range(10**12), iter([1]), object()),
    *(Mute(), MuteText("x"), Hostile(), Endless(), Colour.RED, Record(row=np.int64(7)), Record),
    *(cyclic(), nested(50_000), ValueError(Mute()), len, [Mute()] * 10_000, {"a": Hostile()}),
)

# By index: Hypothesis asks a strategy's values for their `repr`.
_objects = st.integers(0, len(OBJECTS) - 1).map(lambda index: OBJECTS[index])

anything = st.one_of(
    _objects,
    st.text(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.recursive(
        _objects | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
        ),
        max_leaves=10,
    ),
)
