"""An answer file, looked at before it is sent: what it seems to be, and what would be refused.

Quick and forgiving: only its beginning is read, beside a count of its lines. The service's own
check stays the judge; the codes of problems are its own, so the words are too.
"""

import codecs
import contextlib
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from etl_monitor.errors import EtlMonitorError, PipelineError
from etl_monitor.pipeline.answer_files.stray_quotes import RowTest, stray_quote
from etl_monitor.wire.result import TestKind

MB = 1_000_000
_HEAD = 1 << 20  # bytes
_PREVIEW_ROWS = 3
_COLUMNS_TOLD = 12
_ENCODINGS = {"utf-8": "UTF-8", "cp949": "CP949"}
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx, xls
_PARQUET = b"PAR1"
_ID = "respondent_id"


@dataclass(frozen=True, kw_only=True)
class FileLook:
    """`rows` is counted from line ends: too high where a quoted field spans lines (`is_about`)."""

    name: str
    size: int
    format: str = ""  # "CSV", "Parquet"; empty: not known
    encoding: str = ""
    columns: tuple[str, ...] = ()
    rows: int | None = None
    is_about: bool = False
    preview: tuple[tuple[str, ...], ...] = ()
    quoted: "CsvBody | None" = None  # where there are quotation marks in it
    problem: EtlMonitorError | None = None

    @property
    def is_misnamed(self) -> bool:
        """Its name says another format than its content; the content decides."""
        said = self.name.lower().endswith(".parquet")
        return bool(self.format) and said != (self.format == "Parquet")


@dataclass(frozen=True, kw_only=True)
class CsvBody:
    """The lines below the header, as far as they were read."""

    text: str = field(repr=False)
    first_line: int
    is_all: bool


def look_into(file: BinaryIO, name: str, size: int, limit_mb: int) -> FileLook:
    """Never raises: what is wrong is the look's `problem`."""
    plain = FileLook(name=name, size=size)
    try:
        return _look(file, plain, limit_mb)
    except PipelineError as error:
        return FileLook(name=name, size=size, problem=error)
    finally:
        file.seek(0)


def kind_problem(ctx: FileLook, kind: TestKind) -> EtlMonitorError | None:
    """Why this file cannot be scored as `kind`, as far as its header tells."""
    if not kind.columns or not ctx.columns:
        return ctx.problem
    counts = Counter(ctx.columns)
    missing = [name for name in kind.columns if name not in counts]
    if missing:
        return _missing(missing)
    wanted = {*kind.columns, *kind.optional_columns}
    twice = [name for name, count in counts.items() if count > 1 and name in wanted]
    if twice:
        return PipelineError("duplicate_columns", "Columns are named twice.", {"columns": twice})
    return ctx.problem or _stray_quote(ctx, kind)


def _stray_quote(ctx: FileLook, kind: TestKind) -> EtlMonitorError | None:
    """As the service finds it, where it told what an answer may be."""
    if ctx.quoted is None or not kind.answers:
        return None
    answers = {answer.upper() for answer in kind.answers}
    is_row = RowTest(
        cells=len(ctx.columns),
        items=[ctx.columns.index(name) for name in kind.columns if name != _ID],
        is_answer=lambda cell: cell.strip().upper() in answers,
    )
    lines = io.StringIO(ctx.quoted.text, newline="")
    line = stray_quote(lines, is_row, to_the_end=ctx.quoted.is_all)
    return None if line is None else _problem("open_quote", line=ctx.quoted.first_line + line - 1)


def fitting(ctx: FileLook, kinds: Iterable[TestKind]) -> tuple[TestKind, ...]:
    """The kinds whose columns the file has."""
    columns = set(ctx.columns)
    return tuple(kind for kind in kinds if kind.columns and columns.issuperset(kind.columns))


def _missing(names: Sequence[str]) -> PipelineError:
    shown = [*names[:_COLUMNS_TOLD], "…"] if len(names) > _COLUMNS_TOLD else list(names)
    return PipelineError("missing_columns", "Columns are missing.", {"columns": shown})


def _look(file: BinaryIO, plain: FileLook, limit_mb: int) -> FileLook:
    head = file.read(_HEAD)
    if plain.size > limit_mb * MB:
        raise _problem("file_too_large", limitMb=limit_mb)
    if not head.strip():
        raise _problem("empty_file")
    if head.startswith(_WORKBOOKS):
        raise _problem("excel_workbook")
    if head.startswith(_PARQUET):
        return _look_into_parquet(file, plain)
    return _look_into_csv(file, head, plain)


def _look_into_parquet(file: BinaryIO, plain: FileLook) -> FileLook:
    try:
        file.seek(0)
        table = pq.ParquetFile(file)
        rows = table.metadata.num_rows
        columns = tuple(name.strip() for name in table.schema_arrow.names)
        first = next(table.iter_batches(batch_size=_PREVIEW_ROWS), None)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _problem("unreadable_file", reason=str(error)[:200]) from None
    values = (
        [] if first is None else list(zip(*(c.to_pylist() for c in first.columns), strict=True))
    )
    preview = tuple(tuple("" if v is None else str(v) for v in row) for row in values)
    return FileLook(
        name=plain.name,
        size=plain.size,
        format="Parquet",
        columns=columns,
        rows=rows,
        preview=preview[:_PREVIEW_ROWS],
        problem=None if rows else _problem("no_rows"),
    )


def _look_into_csv(file: BinaryIO, head: bytes, plain: FileLook) -> FileLook:
    is_all = not file.read(1)
    encoding, text = _decoded(head)
    columns, below = _header(text, is_all)
    rows, has_quotes = _lines_below_the_first(file)
    return FileLook(
        name=plain.name,
        size=plain.size,
        format="CSV",
        encoding=_ENCODINGS[encoding],
        columns=columns,
        rows=rows,
        is_about=has_quotes,
        preview=_first_rows(below),
        quoted=below if '"' in below.text else None,
        problem=None if rows else _problem("no_rows"),
    )


def _header(text: str, is_all: bool) -> tuple[tuple[str, ...], CsvBody]:
    """The names in it, which may span lines, and what is below."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines)
    try:
        names, header = next(reader, []), text[: lines.tell()]
    except csv.Error:  # a cell that is too long
        names, header = [], text
    line = stray_quote(io.StringIO(header, newline=""), lambda line: False)
    if line is not None:
        raise _problem("open_quote", line=line)
    if not names and header == text:
        raise _problem("line_too_long")
    below = CsvBody(text=text[len(header) :], first_line=reader.line_num + 1, is_all=is_all)
    return tuple(name.strip() for name in names), below


def _first_rows(below: CsvBody) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    reader = csv.reader(io.StringIO(below.text, newline=""))
    with contextlib.suppress(csv.Error):  # a cell that is too long to be shown
        rows += (tuple(row) for row in itertools.islice(reader, _PREVIEW_ROWS))
    return tuple(row for row in rows if row)


def _decoded(head: bytes) -> tuple[str, str]:
    """The encoding of a file's beginning, and its text but for a character cut at the end."""
    if b"\0" in head:
        raise _problem("binary_content")
    furthest = 0
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            text = decoder.decode(head, final=len(head) < _HEAD)
            return encoding, text.removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            furthest = max(furthest, error.start)
    raise _problem("unknown_encoding", line=head[:furthest].count(b"\n") + 1)


def _lines_below_the_first(file: BinaryIO) -> tuple[int, bool]:
    """How many, and whether a quotation mark was among them. Ends of any kind."""
    file.seek(0)
    feeds = returns = 0
    has_quotes, last = False, b""
    while block := file.read(_HEAD):
        feeds += block.count(b"\n")
        returns += block.count(b"\r")
        has_quotes = has_quotes or b'"' in block
        last = block[-1:]
    ends = feeds or returns
    return max(0, ends - 1 + (last not in (b"\n", b"\r"))), has_quotes


def _problem(code: str, **details: object) -> PipelineError:
    return PipelineError(code, code.replace("_", " "), details)
