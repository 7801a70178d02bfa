"""What is seen of an answer file before it is sent."""

import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.answer_files.csv_header import read_head
from etl_monitor.pipeline.kinds.definition import find_kind, offered_kinds
from etl_monitor.ui.upload.file_check import FileLook, fitting, kind_problem, look_into

KINDS = offered_kinds(None)
BIG_FIVE = next(kind for kind in KINDS if kind.key == "big_five_50")
HEADER = ",".join(BIG_FIVE.columns)
ROW = ",".join(["응시자1", *["3"] * 50])


def looked(content: bytes, name: str = "answers.csv", limit_mb: int = 200) -> FileLook:
    return look_into(io.BytesIO(content), name, len(content), limit_mb)


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp949", "CP949")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_good_csv(encoding: str, told: str, end: str) -> None:
    ctx = looked(end.join([HEADER, ROW, ROW, ROW, ROW]).encode(encoding))
    assert ctx.problem is None
    assert (ctx.format, ctx.encoding, ctx.rows, ctx.is_about) == ("CSV", told, 4, False)
    assert ctx.columns == BIG_FIVE.columns
    assert [row[0] for row in ctx.preview] == ["응시자1"] * 3
    assert fitting(ctx, KINDS) == (BIG_FIVE,)
    assert kind_problem(ctx, BIG_FIVE) is None


def test_a_good_parquet_whatever_its_name() -> None:
    table = pd.DataFrame({name: [1, 2] for name in BIG_FIVE.columns})
    ctx = looked(table.to_parquet(index=False), "answers.csv")
    assert (ctx.format, ctx.encoding, ctx.rows) == ("Parquet", "", 2)
    assert ctx.is_misnamed
    assert ctx.preview[1][:2] == ("2", "2")
    assert fitting(ctx, KINDS) == (BIG_FIVE,)


def test_quotation_marks_make_the_count_a_guess() -> None:
    ctx = looked(f'{HEADER}\n{ROW}\n"a\nb",1\n'.encode())
    assert ctx.is_about


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \r\n\n", "empty_file"),
        (b"PK\x03\x04 a workbook", "excel_workbook"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "excel_workbook"),
        (HEADER.encode("utf-16"), "binary_content"),
        (f"{HEADER}\n".encode() + b"\xff\xff\xff", "unknown_encoding"),
        (HEADER.encode(), "no_rows"),
        (b"PAR1" + b"\0" * 40, "unreadable_file"),
        (b'"' + b"x" * 200_000, "line_too_long"),
    ],
)
def test_what_would_be_refused(content: bytes, code: str) -> None:
    ctx = looked(content)
    assert ctx.problem is not None
    assert ctx.problem.code == code


def test_a_mark_that_swallows_rows_is_told_with_its_line() -> None:
    """Where it opens, in a file that ends and in one that goes on behind what is read; and not
    where a text has them for a reason, nor in a file of a kind whose answers are not known."""
    stray = ROW + ',"5 apples'
    for more in (0, 20_000):
        lines = [f"{HEADER},note", ROW + ",", stray, *[ROW + ","] * (2 + more)]
        found = kind_problem(looked("\n".join(lines).encode()), BIG_FIVE)
        assert found is not None
        assert (found.code, found.details) == ("open_quote", {"line": 3})
    assert kind_problem(looked(f'{HEADER},note\n{ROW},"a\nb"\n'.encode()), BIG_FIVE) is None
    unknown = BIG_FIVE.model_copy(update={"answers": ()})
    assert kind_problem(looked("\n".join(lines).encode()), unknown) is None


def test_a_mark_in_the_header_that_is_never_closed() -> None:
    ctx = looked(f'"{HEADER}\n{ROW}\n'.encode())
    assert ctx.problem is not None
    assert (ctx.problem.code, ctx.problem.details) == ("open_quote", {"line": 1})
    assert looked(f'"respondent_id","two\nlines"\n{ROW}\n'.encode()).problem is None


def test_a_cell_that_is_too_long_to_be_shown_is_no_problem() -> None:
    ctx = looked(f'{HEADER},note\n{ROW},"{"x" * 200_000}"\n{ROW},\n'.encode())
    assert kind_problem(ctx, BIG_FIVE) is None
    assert ctx.preview == ()


def test_too_large_is_told_with_the_limit() -> None:
    ctx = look_into(io.BytesIO(b"a"), "a.csv", 5_000_001, 5)
    assert ctx.problem is not None
    assert (ctx.problem.code, ctx.problem.details) == ("file_too_large", {"limitMb": 5})


def test_columns_that_are_missing_or_there_twice() -> None:
    missing = kind_problem(looked(b"respondent_id,EXT1\n1,2\n"), BIG_FIVE)
    assert missing is not None
    assert missing.code == "missing_columns"
    assert missing.details["columns"][:2] == ["EXT2", "EXT3"]
    assert missing.details["columns"][-1] == "…"
    twice = kind_problem(looked(f"{HEADER},group,group\n{ROW},a,b\n".encode()), BIG_FIVE)
    assert twice is not None
    assert (twice.code, twice.details) == ("duplicate_columns", {"columns": ["group"]})


def test_the_file_is_left_at_its_beginning() -> None:
    file = io.BytesIO(f"{HEADER}\n{ROW}\n".encode())
    look_into(file, "a.csv", 1, 1)
    assert file.tell() == 0


def test_a_character_cut_at_the_end_of_what_is_read(tmp_path: Path) -> None:
    rows = (ROW + "\n").encode("cp949") * 14_000
    ctx = looked(HEADER.encode() + b"\n" + rows)
    assert (ctx.problem, ctx.encoding, ctx.rows) == (None, "CP949", 14_000)


@given(some.binary(max_size=200))
def test_whatever_it_is_it_is_told_and_never_raised(content: bytes) -> None:
    looked(content)
    looked(b"PAR1" + content)


@given(
    some.one_of(some.text(max_size=60), some.text(alphabet='"\n,1', max_size=60)),
    some.sampled_from(["utf-8", "cp949"]),
)
def test_nothing_that_the_service_takes_is_refused_here(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    content = f"{HEADER}\n{ROW}\n{text}".encode(encoding, errors="ignore")
    path = tmp_path_factory.getbasetemp() / "answers.csv"
    path.write_bytes(content)
    try:
        read_head(path, find_kind("big_five_50", None))
    except PipelineError:
        return
    assert kind_problem(looked(content), BIG_FIVE) is None


_LINES = [ROW, f'{ROW}"', f'"{ROW}', ROW.replace("3", '"3"'), '"', 'a text, said "here"', '"",']


@given(some.lists(some.sampled_from(_LINES), min_size=1, max_size=8))
def test_marks_are_judged_as_by_the_service(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    content = "\n".join([HEADER, *lines]).encode()
    path = tmp_path_factory.getbasetemp() / "marks.csv"
    path.write_bytes(content)
    try:
        read_head(path, find_kind("big_five_50", None))
        judged = None
    except PipelineError as error:
        judged = (error.code, error.details)
    found = kind_problem(looked(content), BIG_FIVE)
    assert (found and (found.code, found.details)) == judged
