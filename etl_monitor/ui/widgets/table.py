"""Tables and facts of texts and links, as `assets/table.js` draws them: HTML, not a canvas."""

from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, TypedDict

from etl_monitor.i18n.translator import Translator
from etl_monitor.plain_text import visible
from etl_monitor.wire.base import iso

NO_VALUE = "–"


class Tick(TypedDict):
    """A label of an axis. `at`: its position in per cent of the axis."""

    at: float
    text: str


class Plot(TypedDict):
    """A mean (`at`) with its spread (`low` to `high`) and everybody's mean (`all`), in per cent of
    the column's width."""

    at: float
    all: float | None
    low: float | None
    high: float | None


class Part(TypedDict):
    """A piece of text: plain, with an address, or with a `tone` (a job status, or good, fair, poor,
    none). A moment is shown as it stands (`at`, ISO 8601) or as the time since then (`since`).

    The first part of a cell has the cell's `value` to sort by, and its `heat`: how strong the cell
    is coloured, in per cent.
    """

    text: str
    href: NotRequired[str | None]
    tone: NotRequired[str | None]
    at: NotRequired[str]
    since: NotRequired[str]
    faint: NotRequired[bool]
    block: NotRequired[bool]  # on a line of its own
    value: NotRequired[float | str | None]
    plot: NotRequired[Plot]
    heat: NotRequired[float]


Cell = Sequence[Part]
"""May be empty."""


class Column(TypedDict):
    """`width` in CSS; if missing, the content decides. `tight`: texts stay on one line."""

    text: str
    width: NotRequired[str]
    sortable: NotRequired[bool]
    numeric: NotRequired[bool]
    tight: NotRequired[bool]
    ticks: NotRequired[Sequence[Tick]]


class Row(TypedDict):
    """`id` identifies the row over updates."""

    id: str
    cells: Sequence[Cell]
    faint: NotRequired[bool]


class Table(TypedDict):
    """A table.

    `stacked`: on a narrow page its rows become blocks; else it scrolls sideways, and each row's
    first cell is its heading. `captioned`: the label is seen, too. `compact`: no wider than its
    texts, and its columns' headings are on several lines. A button with the text `more`
    shows the rows beyond `limit`. `height`: CSS; a higher table scrolls. `waiting`: the text of a
    button that stands for `{n}` new rows while the pointer is among the old ones; without it, new
    rows never wait. `filterKey` changes with the filter: then no row is held in place.
    """

    label: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    stacked: NotRequired[bool]
    captioned: NotRequired[bool]
    compact: NotRequired[bool]
    limit: NotRequired[int]
    more: NotRequired[str]
    height: NotRequired[str]
    notes: NotRequired[Sequence[str]]
    waiting: NotRequired[str]
    filterKey: NotRequired[str]


class Fact(TypedDict):
    name: str
    parts: Sequence[Part]
    note: NotRequired[str]
    wide: NotRequired[bool]


class Section(TypedDict):
    heading: str
    facts: NotRequired[Sequence[Fact]]
    table: NotRequired[Table]
    note: NotRequired[str]


class TablePayload(TypedDict):
    """A live page that is one table."""

    problem: str
    emptyText: str
    table: Table


class SectionsPayload(TypedDict):
    """A live page of facts and tables."""

    problem: str
    sections: Sequence[Section]


def moment(value: datetime | None, t: Translator) -> list[Part]:
    """Return a cell with a moment in the reader's time zone; an empty one for None."""
    return [Part(text=t.date_time(value), at=iso(value))] if value else []


def since(value: datetime | None, t: Translator) -> list[Part]:
    """Return a cell with the time since then, which the browser keeps up to date."""
    return [Part(text=t.date_time(value), since=iso(value))] if value else []


def column(
    text: str, *, numeric: bool = False, sortable: bool = True, tight: bool = False
) -> Column:
    return Column(text=text, numeric=numeric, sortable=sortable, tight=tight)


def cell(
    text: str,
    value: float | str | None = None,
    *,
    tone: str | None = None,
    href: str | None = None,
    notes: Sequence[str] = (),
) -> list[Part]:
    """Return a cell of a table that can be sorted. Without a `value`, its text is sorted by."""
    first = Part(
        text=visible(text), value=text or None if value is None else value, tone=tone, href=href
    )
    return [first, *(Part(text=note, faint=True, block=True) for note in notes)]


def number(value: float | None, t: Translator, digits: int = 0) -> list[Part]:
    if value is None:
        return [Part(text=NO_VALUE, value=None)]
    rounded = round(value, digits) + 0.0  # no minus before a zero
    return [Part(text=t.number(rounded, digits), value=value)]
