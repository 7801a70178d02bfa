"""A template of an answer file: the columns of a test kind and two invented respondents."""

import csv
import io
from collections.abc import Iterator
from itertools import cycle, islice

from etl_monitor.i18n.translator import Translator
from etl_monitor.pipeline.kinds.definition import GROUP, ID, TAKEN_AT
from etl_monitor.wire.result import TestKind

_BYTE_ORDER_MARK = "\ufeff"  # without it, Excel reads a CSV in the local 8-bit encoding
_TIMES = ("2026-03-02T09:00:00+09:00", "2026-03-02T09:04:00+09:00")


def template_csv(kind: TestKind, t: Translator) -> bytes:
    """Return a CSV file in UTF-8 that Excel reads correctly."""
    columns = _columns(kind)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for number in (1, 2):
        writer.writerow(_row(number, columns, kind, t))
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()


def _columns(kind: TestKind) -> tuple[str, ...]:
    """Return the respondent's columns first, then the items."""
    respondent = tuple(name for name in kind.columns if name == ID)
    items = tuple(name for name in kind.columns if name != ID)
    return respondent + kind.optional_columns + items


def _row(number: int, columns: tuple[str, ...], kind: TestKind, t: Translator) -> Iterator[str]:
    respondent = {
        ID: f"R{number:04}",
        GROUP: t("template-group-a") if number == 1 else t("template-group-b"),
        TAKEN_AT: _TIMES[number - 1],
    }
    answers = islice(cycle(kind.answers or ("",)), number, None)
    for name in columns:
        yield respondent[name] if name in respondent else next(answers)
