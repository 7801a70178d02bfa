"""The table of everything that can be wrong with an answer file or a test kind.

Each message says what happened, why, and what to do. Programs and translations depend on the code
and the details; `docs/pipeline.md` lists them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from etl_monitor.errors import PipelineError, TemplatedError

SHOWN_COLUMNS = 20


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that cannot be used, as a person would look for it in the file."""

    row: int  # the header is row 1
    respondent: str
    reason: str  # a key of REASON_WORDS
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        where = f"row {self.row}" + (f" ({self.respondent})" if self.respondent else "")
        cell = f": {self.column} = {self.value!r}" if self.column is not None else ""
        return f"{where}, {REASON_WORDS[self.reason]}{cell}"


REASON_WORDS = {
    "no_respondent_id": "no respondent_id",
    "missing": "too many missing answers",
    "out_of_range": "an answer outside of the range",
    "duplicate": "a respondent who is in the file twice",
    "straight_lining": "the same answer to nearly every item",
    "malformed": "a wrong number of fields",
}


class EmptyFile(TemplatedError, PipelineError):
    code = "empty_file"
    template = (
        "The answer file is empty. Send a CSV or Parquet file with one row for each respondent."
    )


class NoRows(TemplatedError, PipelineError):
    code = "no_rows"
    template = (
        "The answer file has column names but no rows. Send a file with one row a respondent."
    )


class MissingColumns(TemplatedError, PipelineError):
    """`found`: the first 20 columns of the file."""

    code = "missing_columns"
    template = (
        "The answer file lacks {count} columns of the test kind {test_kind}: {named}. "
        "Name the columns in the first row exactly as in the test kind, separated by commas."
    )
    columns: Sequence[str]
    found: Sequence[str]
    test_kind: str

    def __init__(self, *, columns: Sequence[str], found: Sequence[str], test_kind: str) -> None:
        super().__init__(columns=list(columns), found=_shown(found), test_kind=test_kind)

    def computed_values(self) -> Mapping[str, str]:
        more = " …" if len(self.columns) > SHOWN_COLUMNS else ""
        named = ", ".join(self.columns[:SHOWN_COLUMNS]) + more
        return {"count": str(len(self.columns)), "named": named}


class DuplicateColumns(TemplatedError, PipelineError):
    code = "duplicate_columns"
    template = (
        "The answer file has more than one column named {named}, so it is not clear "
        "which one counts. Rename or remove the others."
    )
    columns: Sequence[str]

    def __init__(self, *, columns: Sequence[str]) -> None:
        super().__init__(columns=_shown(columns))

    def computed_values(self) -> Mapping[str, str]:
        return {"named": ", ".join(self.columns)}


class TooManyColumns(TemplatedError, PipelineError):
    code = "too_many_columns"
    template = (
        "The answer file has {columns:,} columns; at most {limit:,} are read. "
        "Send one row for each respondent and one column for each item."
    )
    columns: int
    limit: int


class LineTooLong(TemplatedError, PipelineError):
    """`line` from 1; None if it is not known which."""

    code = "line_too_long"
    template = (
        "{where} of the answer file is longer than {mebibytes} MiB. Usually a "
        "quotation mark is opened and never closed, or the file is not a CSV file."
    )
    line: int | None
    limit_bytes: int

    def computed_values(self) -> Mapping[str, str]:
        where = "A line" if self.line is None else f"Line {self.line:,}"
        return {"where": where, "mebibytes": str(self.limit_bytes // 2**20)}


class OpenQuote(TemplatedError, PipelineError):
    code = "open_quote"
    template = (
        "A quotation mark in line {line:,} of the answer file opens a cell that does not end "
        "where it should, so the rows after it would be read as a part of it. Close or remove the "
        "mark; one that belongs to a text is written twice."
    )
    line: int


class BinaryContent(TemplatedError, PipelineError):
    """`byte`: the offset of the first NUL."""

    code = "binary_content"
    template = (
        "The answer file holds a NUL byte (at byte {byte:,}), so it is not a text file. Save it "
        "as CSV (UTF-8), or send a Parquet file."
    )
    byte: int


class UnknownEncoding(TemplatedError, PipelineError):
    """`byte`: the offset of the first byte that cannot be read."""

    code = "unknown_encoding"
    template = (
        "The answer file is neither UTF-8 nor CP949 text: line {line:,} cannot be read (byte "
        "{byte:,}). Save it as CSV (UTF-8)."
    )
    line: int
    byte: int


class UnreadableFile(TemplatedError, PipelineError):
    code = "unreadable_file"
    template = (
        "The answer file cannot be read; it may be cut off or damaged ({reason}). "
        "Write the file again and send it once more."
    )
    reason: str

    def __init__(self, *, reason: str) -> None:
        super().__init__(reason=shortened(reason, 200))


class UnreadableColumn(TemplatedError, PipelineError):
    """`type`: what the column holds, in the words of Arrow."""

    code = "unreadable_column"
    template = (
        "The column {column} holds data of the type {type}, not one number or text for each row. "
        "Write one number or one text into each of its cells."
    )
    column: str
    type: str

    def __init__(self, *, column: str, type: str) -> None:  # the detail's name on the wire
        super().__init__(column=column, type=shortened(type))


class CellTooLong(TemplatedError, PipelineError):
    code = "cell_too_long"
    template = (
        "The cell of the column {column} in row {row:,} is longer than {limit_bytes:,} bytes. "
        "Put one answer, id or time into each cell."
    )
    column: str
    row: int
    limit_bytes: int


class TooManyRows(TemplatedError, PipelineError):
    code = "too_many_rows"
    template = (
        "The answer file has {rows:,} rows; at most {limit:,} are read. Send it in several files."
    )
    rows: int
    limit: int


class ExpandsTooMuch(TemplatedError, PipelineError):
    """`unpacked_bytes`: of one part (row group) of the column."""

    code = "expands_too_much"
    template = (
        "The column {column} takes {unpacked_bytes:,} bytes when it is unpacked, the whole file "
        "{file_bytes:,}. Write the file with smaller row groups, or send it as CSV."
    )
    column: str
    file_bytes: int
    unpacked_bytes: int


class TooManyGroups(TemplatedError, PipelineError):
    code = "too_many_groups"
    template = (
        "The column group holds more than {limit:,} different values, so it does not name groups. "
        "Put a few group names into it, or leave the column out."
    )
    limit: int


class TooManyInvalidRows(TemplatedError, PipelineError):
    """`reason` is "all" or "most"; `reasons` counts the rows by reason; `rows` are the first ones,
    as dicts of BadRow."""

    code = "too_many_invalid_rows"
    template = (
        "{share} ({counts}). "
        "The first ones: {first}. Mend the file, or choose the test kind that it belongs to."
    )
    total: int
    unusable: int
    reasons: Mapping[str, int]
    rows: Sequence[Mapping[str, Any]]
    reason: str

    def __init__(self, *, total: int, reasons: Mapping[str, int], rows: Sequence[BadRow]) -> None:
        unusable = sum(reasons.values())
        super().__init__(
            total=total,
            unusable=unusable,
            reasons=dict(reasons),
            rows=[asdict(row) for row in rows],
            reason="all" if unusable == total else "most",
        )

    def computed_values(self) -> Mapping[str, str]:
        counts = (f"{REASON_WORDS[name]}: {count:,}" for name, count in self.reasons.items())
        first = "; ".join(str(BadRow(**row)) for row in self.rows[:3])
        if self.reason == "all":
            share = f"None of the {self.total:,} rows can be used"
        else:
            share = f"{self.unusable:,} of {self.total:,} rows cannot be used, more than half"
        return {"share": share, "counts": "; ".join(counts), "first": first}


class UnknownTestKind(TemplatedError, PipelineError):
    code = "unknown_test_kind"
    template = "There is no test kind {test_kind!r}. Known are: {listed}."
    test_kind: str
    valid_kinds: Sequence[str]

    def __init__(self, *, test_kind: str, valid_kinds: Sequence[str]) -> None:
        super().__init__(test_kind=shortened(test_kind), valid_kinds=list(valid_kinds))

    def computed_values(self) -> Mapping[str, str]:
        return {"listed": ", ".join(self.valid_kinds)}

    @classmethod
    def detail_name(cls, field: str) -> str:
        return "known" if field == "valid_kinds" else field


class BrokenDefinition(TemplatedError, PipelineError):
    """`file`: the name without its folder; `field` is empty if it is not about one field."""

    code = "broken_definition"
    template = "The definition of a test kind cannot be used: {where}: {reason}. Mend the file."
    file: str
    field: str
    reason: str

    def computed_values(self) -> Mapping[str, str]:
        return {"where": f"{self.file}, {self.field}" if self.field else self.file}


def shortened(text: str, length: int = 60) -> str:
    """Return at most `length` characters: a file's cell may hold megabytes."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _shown(columns: Sequence[str]) -> list[str]:
    return [shortened(name) for name in columns[:SHOWN_COLUMNS]]
