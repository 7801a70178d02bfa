"""Stray quotation marks: marks that swallow rows.

A quoted cell may span lines. If a mark was opened by mistake, everything up to the next mark reads
as one such cell, and the rows inside it would be lost silently. Cells begin and end here exactly
where Arrow lets them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

IsRow = Callable[[str], bool]
"""Returns whether a line, its quotation marks aside, would be a row of the file by itself."""

_QUOTED = r'"[^"]*+(?:""[^"]*+)*+'
_CELL = rf'(?:{_QUOTED}"[^,\r\n]*+|[^",\r\n][^,\r\n]*+)?'
_LEAVES_OPEN = re.compile(rf'(?:"[^"]*+",|{_CELL},)*+{_QUOTED}\Z')  # the usual cell first: faster
_TO_THE_CLOSING_MARK = re.compile(r'[^"]*+(?:""[^"]*+)*+"')


@dataclass(frozen=True, kw_only=True)
class RowTest:
    """An `IsRow`: as many cells as the header, and an answer in at least half of the items. A text
    over several lines hardly ever looks like this."""

    cells: int
    items: Sequence[int]  # the indices of their cells
    is_answer: Callable[[str], bool]

    def __call__(self, line: str) -> bool:
        cells = line.rstrip("\r\n").split(",")
        if len(cells) != self.cells:
            return False
        answered = sum(self.is_answer(cells[index].strip('"')) for index in self.items)
        return 2 * answered >= len(self.items)


@dataclass(frozen=True, kw_only=True)
class _OpenCell:
    """A quoted cell that continues on the next line."""

    line: int
    opens_in_row: bool  # the line in which it opens would be a row by itself


def find_stray_quote(
    lines: Iterable[str], is_row: IsRow, *, is_complete: bool = True
) -> int | None:
    """Return the number of the first line with a mark that swallows the text after it, or None.

    `lines` have their ends and begin outside of any cell. `is_complete`: the file ends with them,
    so that a cell that is open at their end is never closed.
    """
    open_cell: _OpenCell | None = None
    number = 0
    for number, line in enumerate(lines, 1):
        if open_cell is None and '"' not in line:
            continue
        rest = line
        if open_cell is not None:
            closing = _TO_THE_CLOSING_MARK.match(line)
            if _is_stray(open_cell, line, closing, is_row):
                return open_cell.line
            if closing is None:
                continue
            rest = line[closing.end() :]
        leaves_open = _LEAVES_OPEN.match(rest)
        open_cell = _OpenCell(line=number, opens_in_row=is_row(line)) if leaves_open else None
    if open_cell is not None and is_complete and number > open_cell.line:
        return open_cell.line
    return None


def _is_stray(
    open_cell: _OpenCell, line: str, closing: re.Match[str] | None, is_row: IsRow
) -> bool:
    """Return whether `line`, which the open cell reaches, shows that the cell was opened by
    mistake: the line is a row, or the cell closes in the middle of a text."""
    if closing is None:
        return is_row(line)
    after = line[closing.end() : closing.end() + 1]
    return after not in ("", ",", "\r", "\n") or (open_cell.opens_in_row and is_row(line))
