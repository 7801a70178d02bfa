"""A file to begin with: the columns of a test kind and two invented respondents."""

import csv
import io
from collections.abc import Iterator
from itertools import cycle, islice

from etl_monitor.i18n.translator import Translator
from etl_monitor.wire.result import TestKind

_BYTE_ORDER_MARK = "\ufeff"  # Excel takes a CSV without it for the local 8-bit encoding
_ID, _GROUP, _TIME = "respondent_id", "group", "taken_at"
_TIMES = ("2026-03-02T09:00:00+09:00", "2026-03-02T09:04:00+09:00")


def template_csv(kind: TestKind, t: Translator) -> bytes:
    """UTF-8 that Excel shows right. Needed columns first, then those that may be left out."""
    columns = _columns(kind)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for number in (1, 2):
        writer.writerow(_row(number, columns, kind, t))
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()


def _columns(kind: TestKind) -> tuple[str, ...]:
    begins = tuple(name for name in kind.columns if name == _ID)
    items = tuple(name for name in kind.columns if name != _ID)
    return begins + kind.optional_columns + items


def _row(number: int, columns: tuple[str, ...], kind: TestKind, t: Translator) -> Iterator[str]:
    own = {
        _ID: f"R{number:04}",
        _GROUP: t("template-group-a") if number == 1 else t("template-group-b"),
        _TIME: _TIMES[number - 1],
    }
    answers = islice(cycle(kind.answers or ("",)), number, None)
    for name in columns:
        yield own[name] if name in own else next(answers)
