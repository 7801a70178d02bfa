"""Everything that can be wrong with an answer file or a test kind, one small constructor each.

Each makes a `PipelineError` whose message says what happened, why, and what to do; programs and
translations go by its code and details:

code                    details
empty_file              —
no_rows                 —
missing_columns         columns: [str], found: [str] (at most 20), test_kind: str
duplicate_columns       columns: [str]
too_many_columns        columns: int, limit: int
line_too_long           line: int | None, limit_bytes: int
open_quote              line: int
binary_content          byte: int (offset of the first NUL)
unknown_encoding        line: int, byte: int (offset of the first byte that cannot be read)
unreadable_file         reason: str
unreadable_column       column: str, type: str
too_many_groups         limit: int
too_many_invalid_rows   total: int, unusable: int, reason: "all" or "most", reasons: {reason: int},
                        rows: [{row, respondent, reason, column, value}] (the first ten; `row` is
                        the row of the file, its header being row 1; column and value may be null)
unknown_test_kind       test_kind: str, known: [str]
broken_definition       file: str, field: str, reason: str

Reasons for a row: no_respondent_id, missing, out_of_range, duplicate, straight_lining, malformed
(`etl_monitor.pipeline.exclusion`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from etl_monitor.errors import PipelineError

SHOWN_COLUMNS = 20


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that cannot be used, as a person would look for it in the file."""

    row: int  # the header is row 1
    respondent: str
    reason: str
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


def empty_file() -> PipelineError:
    return PipelineError(
        "empty_file",
        "The answer file is empty. Send a CSV or Parquet file with one row for each respondent.",
    )


def no_rows() -> PipelineError:
    return PipelineError(
        "no_rows",
        "The answer file has column names but no rows. Send a file with one row a respondent.",
    )


def missing_columns(columns: Sequence[str], found: Sequence[str], test_kind: str) -> PipelineError:
    named = ", ".join(columns[:SHOWN_COLUMNS]) + (" …" if len(columns) > SHOWN_COLUMNS else "")
    return PipelineError(
        "missing_columns",
        f"The answer file lacks {len(columns)} columns of the test kind {test_kind}: {named}. "
        "Name the columns in the first row exactly as in the test kind, separated by commas.",
        {
            "columns": list(columns),
            "found": [shortened(name) for name in found[:SHOWN_COLUMNS]],
            "test_kind": test_kind,
        },
    )


def duplicate_columns(columns: Sequence[str]) -> PipelineError:
    names = [shortened(name) for name in columns[:SHOWN_COLUMNS]]
    return PipelineError(
        "duplicate_columns",
        f"The answer file has more than one column named {', '.join(names)}, so it is not clear "
        "which one counts. Rename or remove the others.",
        {"columns": names},
    )


def too_many_columns(columns: int, limit: int) -> PipelineError:
    return PipelineError(
        "too_many_columns",
        f"The answer file has {columns:,} columns; at most {limit:,} are read. "
        "Send one row for each respondent and one column for each item.",
        {"columns": columns, "limit": limit},
    )


def line_too_long(line: int | None, limit_bytes: int) -> PipelineError:
    where = "A line" if line is None else f"Line {line:,}"
    return PipelineError(
        "line_too_long",
        f"{where} of the answer file is longer than {limit_bytes // 2**20} MiB. Usually a "
        "quotation mark is opened and never closed, or the file is not a CSV file.",
        {"line": line, "limit_bytes": limit_bytes},
    )


def open_quote(line: int) -> PipelineError:
    return PipelineError(
        "open_quote",
        f"A quotation mark in line {line:,} of the answer file opens a cell that does not end "
        "where it should, so the rows after it would be read as a part of it. Close or remove the "
        "mark; one that belongs to a text is written twice.",
        {"line": line},
    )


def binary_content(byte: int) -> PipelineError:
    return PipelineError(
        "binary_content",
        f"The answer file holds a NUL byte (at byte {byte:,}), so it is not a text file. Save it "
        "as CSV (UTF-8), or send a Parquet file.",
        {"byte": byte},
    )


def unknown_encoding(line: int, byte: int) -> PipelineError:
    return PipelineError(
        "unknown_encoding",
        f"The answer file is neither UTF-8 nor CP949 text: line {line:,} cannot be read (byte "
        f"{byte:,}). Save it as CSV (UTF-8).",
        {"line": line, "byte": byte},
    )


def unreadable_file(reason: str) -> PipelineError:
    return PipelineError(
        "unreadable_file",
        f"The answer file cannot be read; it may be cut off or damaged ({shortened(reason, 200)}). "
        "Write the file again and send it once more.",
        {"reason": shortened(reason, 200)},
    )


def unreadable_column(column: str, kind_of_data: str) -> PipelineError:
    told = shortened(kind_of_data)
    return PipelineError(
        "unreadable_column",
        f"The column {column} holds data of the type {told}, not one number or text for each row. "
        "Write one number or one text into each of its cells.",
        {"column": column, "type": told},
    )


def too_many_groups(limit: int) -> PipelineError:
    return PipelineError(
        "too_many_groups",
        f"The column group holds more than {limit:,} different values, so it does not name groups. "
        "Put a few group names into it, or leave the column out.",
        {"limit": limit},
    )


def too_many_invalid_rows(
    total: int, reasons: Mapping[str, int], rows: Sequence[BadRow]
) -> PipelineError:
    unusable = sum(reasons.values())
    counts = "; ".join(f"{REASON_WORDS[name]}: {count:,}" for name, count in reasons.items())
    first = "; ".join(str(row) for row in rows[:3])
    is_all = unusable == total
    none = f"None of the {total:,} rows can be used"
    some = f"{unusable:,} of {total:,} rows cannot be used, more than half"
    return PipelineError(
        "too_many_invalid_rows",
        f"{none if is_all else some} ({counts}). "
        f"The first ones: {first}. Mend the file, or choose the test kind that it belongs to.",
        {
            "total": total,
            "unusable": unusable,
            "reasons": dict(reasons),
            "rows": [asdict(row) for row in rows],
            "reason": "all" if is_all else "most",
        },
    )


def unknown_test_kind(test_kind: str, known: Sequence[str]) -> PipelineError:
    return PipelineError(
        "unknown_test_kind",
        f"There is no test kind {shortened(test_kind)!r}. Known are: {', '.join(known)}.",
        {"test_kind": shortened(test_kind), "known": list(known)},
    )


def broken_definition(file: Path, field: str, reason: str) -> PipelineError:
    where = f"{file.name}, {field}" if field else file.name
    return PipelineError(
        "broken_definition",
        f"The definition of a test kind cannot be used: {where}: {reason}. Mend the file.",
        {"file": file.name, "field": field, "reason": reason},
    )


def shortened(text: str, length: int = 60) -> str:
    """What came from a file may be megabytes long; messages are read by people."""
    return text if len(text) <= length else text[: length - 1] + "…"
