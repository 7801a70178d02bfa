"""Any object becomes JSON of bounded size that every database, log and page can hold."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from etl_monitor.service.border.values import MOST_ITEMS, plain_details, plain_text, plain_value
from tests.support.foreign_objects import Colour, Mute, MuteText, Record, anything, cyclic


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.int64(7), 7),
        (np.float32(1.5), 1.5),
        (np.bool_(True), True),
        (np.array([1, 2]), [1, 2]),
        (Decimal("1.5"), 1.5),
        (Path("answers.csv"), "answers.csv"),
        ({2, 1}, [1, 2]),
        (pd.Timestamp("2026-11-27"), "2026-11-27T00:00:00"),
        (pd.NaT, None),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (Colour.RED, "red"),
        (Record(row=np.int64(7)), {"row": 7, "value": 1.5}),
        (b"\xb0ab", "\\xb0ab"),
        (Mute(), "(Mute without a text)"),
        (MuteText("text"), "text"),
        ({1: {"a": np.int8(1)}}, {"1": {"a": 1}}),
    ],
)
def test_common_values_keep_their_meaning(value: object, plain: Any) -> None:
    assert plain_value(value) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\x1b[1;31mred\x1b[0m and \x1b]8;;http://x\x07link\x1b]8;;\x07", "red and link"),
        ("a\0b\x07", "a␀b␇"),
        (os.fsdecode(b"answers_\xb0\xa1.csv"), "answers_\\xb0\\xa1.csv"),
        ("10 %\r20 %\r\nend\n\tx", "10 %\n20 %\nend\n\tx"),
        ("\ud800", "\\ud800"),
        ("\u1109\u1165\u110b\u116e\u11af", "서울"),
    ],
)
def test_text_is_made_readable(text: str, plain: str) -> None:
    assert plain_text(text) == plain


def test_large_and_cyclic_values_end() -> None:
    assert len(plain_value(range(10**12))) == MOST_ITEMS + 1
    assert json.dumps(plain_value(cyclic())).count("[") < 20
    assert plain_value(10**10_000) == "(whole number of 33,220 bits)"


@given(anything)
def test_any_object_becomes_json(value: object) -> None:
    text = json.dumps(plain_details(value), allow_nan=False)
    assert "\\u0000" not in text
    assert json.loads(text) == plain_details(value)
    plain_text(value).encode("utf-8")
