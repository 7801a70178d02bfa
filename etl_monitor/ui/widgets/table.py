"""Tables and facts of texts and links, as `assets/table.js` draws them: HTML, not a canvas."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from etl_monitor.i18n.translator import Translator
from etl_monitor.wire.base import iso


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of text: plain, or with an address, a job status's colour and sign (`tone`), or a
    moment, which is shown as it stands (`at`) or as what has passed since (`since`)."""

    text: str
    href: str | None = None
    tone: str | None = None
    at: str | None = None
    since: str | None = None
    faint: bool = False
    block: bool = False  # on a line of its own


@dataclass(frozen=True, kw_only=True)
class Row:
    """A cell may be empty; `id` keeps a row the same over news."""

    id: str
    cells: Sequence[Sequence[Part]]


@dataclass(frozen=True, kw_only=True)
class Table:
    """`widths`: of the columns, in CSS; empty where the contents decide. `question`: what the rows
    answer; with another one they are not the same list any more. `waiting`: what a button says
    while `{n}` new rows wait for the pointer to leave."""

    label: str
    columns: Sequence[str]
    rows: Sequence[Row]
    waiting: str
    question: str = ""
    widths: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Fact:
    name: str
    parts: Sequence[Part]
    note: str = ""
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    heading: str
    facts: Sequence[Fact] = ()
    table: Table | None = None
    note: str = ""


def moment(value: datetime | None, t: Translator) -> list[Part]:
    """In the reader's time zone; nothing for None."""
    return [Part(text=t.date_time(value), at=iso(value))] if value else []


def since(value: datetime | None, t: Translator) -> list[Part]:
    """What has passed since then; goes on by itself."""
    return [Part(text=t.date_time(value), since=iso(value))] if value else []


def as_json(drawn: Table | Section) -> dict[str, Any]:
    return asdict(drawn)
