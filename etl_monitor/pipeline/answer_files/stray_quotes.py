"""Quotation marks that swallow rows.

A quoted cell may span lines. Where a mark was opened by mistake, everything up to the next mark
reads as one such cell, and the rows inside of it would be lost without a word. Cells begin and end
here exactly where Arrow lets them.

The portal looks for them too, before a file is sent: nothing else of the pipeline is known there.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

IsRow = Callable[[str], bool]
"""Whether a line, its quotation marks aside, would be a row of the file by itself."""

_QUOTED = r'"[^"]*+(?:""[^"]*+)*+'
_CELL = rf'(?:{_QUOTED}"[^,\r\n]*+|[^",\r\n][^,\r\n]*+)?'
_LEAVES_OPEN = re.compile(rf'(?:"[^"]*+",|{_CELL},)*+{_QUOTED}\Z')  # the usual cell first: faster
_TO_THE_CLOSING_MARK = re.compile(r'[^"]*+(?:""[^"]*+)*+"')


@dataclass(frozen=True, kw_only=True)
class RowTest:
    """An `IsRow`: as many cells as the header, and an answer in at least half of the items. What
    people write into a text over several lines hardly ever looks like this."""

    cells: int
    items: Sequence[int]  # their places
    is_answer: Callable[[str], bool]

    def __call__(self, line: str) -> bool:
        cells = line.rstrip("\r\n").split(",")
        if len(cells) != self.cells:
            return False
        answered = sum(self.is_answer(cells[place].strip('"')) for place in self.items)
        return 2 * answered >= len(self.items)


@dataclass(frozen=True, kw_only=True)
class _Opened:
    """A quoted cell that goes on in the next line."""

    line: int
    in_row: bool  # the line in which it opens would be a row by itself


def stray_quote(lines: Iterable[str], is_row: IsRow, *, to_the_end: bool = True) -> int | None:
    """The number of the first line with a quotation mark that swallows what comes after it.

    `lines` keep their ends and begin outside of any cell; `to_the_end`: they are all that there is,
    so that a cell open at their end is never closed.
    """
    opened: _Opened | None = None
    number = 0
    for number, line in enumerate(lines, 1):
        if opened is None and '"' not in line:
            continue
        rest = line
        if opened is not None:
            closing = _TO_THE_CLOSING_MARK.match(line)
            if _swallows(opened, line, closing, is_row):
                return opened.line
            if closing is None:
                continue
            rest = line[closing.end() :]
        opened = _Opened(line=number, in_row=is_row(line)) if _LEAVES_OPEN.match(rest) else None
    return opened.line if opened is not None and to_the_end and number > opened.line else None


def _swallows(opened: _Opened, line: str, closing: re.Match[str] | None, is_row: IsRow) -> bool:
    """Whether `line`, reached by the open cell, tells that the cell was opened by mistake: the line
    is a row, or the cell closes in the middle of a text."""
    if closing is None:
        return is_row(line)
    after = line[closing.end() : closing.end() + 1]
    return after not in ("", ",", "\r", "\n") or (opened.in_row and is_row(line))
