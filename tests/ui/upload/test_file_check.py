"""The check of an answer file before it is sent."""

import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.answer_files.open import check as check_for_service
from etl_monitor.pipeline.kinds.definition import offered_kinds
from etl_monitor.ui.upload.file_check import FileCheck, check_file, find_problem, matching_kinds
from tests.pipeline.answer_files.test_open import SEEN_BY_BOTH
from tests.support.step_harness import tiny_kinds

KINDS = offered_kinds(None)
BIG_FIVE = next(kind for kind in KINDS if kind.key == "big_five_50")
HEADER = ",".join(BIG_FIVE.columns)
ROW = ",".join(["응시자1", *["3"] * 50])


def checked(content: bytes, name: str = "answers.csv", limit_mb: int = 200) -> FileCheck:
    return check_file(io.BytesIO(content), name, len(content), limit_mb)


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp949", "CP949")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_good_csv(encoding: str, shown: str, end: str) -> None:
    check = checked(end.join([HEADER, ROW, ROW, ROW, ROW]).encode(encoding))
    assert check.problem is None
    assert (check.format, check.encoding, check.rows, check.is_estimate) == ("CSV", shown, 4, False)
    assert check.columns == BIG_FIVE.columns
    assert [row[0] for row in check.first_rows] == ["응시자1"] * 3
    assert matching_kinds(check, KINDS) == (BIG_FIVE,)
    assert find_problem(check, BIG_FIVE) is None


def test_a_good_parquet_whatever_its_name() -> None:
    table = pd.DataFrame({name: [1, 2] for name in BIG_FIVE.columns})
    check = checked(table.to_parquet(index=False), "answers.csv")
    assert (check.format, check.encoding, check.rows) == ("Parquet", "", 2)
    assert check.is_misnamed
    assert check.first_rows[1][:2] == ("2", "2")
    assert matching_kinds(check, KINDS) == (BIG_FIVE,)


def test_quotation_marks_make_the_count_an_estimate() -> None:
    check = checked(f'{HEADER}\n{ROW}\n"a\nb",1\n'.encode())
    assert check.is_estimate


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
def test_files_that_no_kind_accepts(content: bytes, code: str) -> None:
    check = checked(content)
    assert check.problem is not None
    assert check.problem.code == code


def test_a_mark_that_swallows_rows_is_reported_with_its_line() -> None:
    """The line is the one that opens the cell, also if the file is longer than its head. Marks that
    belong to a text are no problem, nor are any if the answers of the kind are unknown."""
    stray = ROW + ',"5 apples'
    for more in (0, 20_000):
        lines = [f"{HEADER},note", ROW + ",", stray, *[ROW + ","] * (2 + more)]
        problem = find_problem(checked("\n".join(lines).encode()), BIG_FIVE)
        assert problem is not None
        assert (problem.code, problem.details) == ("open_quote", {"line": 3})
    assert find_problem(checked(f'{HEADER},note\n{ROW},"a\nb"\n'.encode()), BIG_FIVE) is None
    unknown = BIG_FIVE.model_copy(update={"answers": ()})
    assert find_problem(checked("\n".join(lines).encode()), unknown) is None


@pytest.mark.parametrize(
    ("code", "content"),
    [(code, content) for code, contents in SEEN_BY_BOTH.items() for content in contents],
)
def test_each_problem_has_the_code_that_the_service_gives_it(
    tmp_path: Path, code: str, content: bytes
) -> None:
    tiny = offered_kinds(tiny_kinds(tmp_path))[0]
    problem = find_problem(checked(content), tiny)
    assert problem is not None
    assert problem.code == ("excel_workbook" if content.startswith(b"PK") else code)


def test_a_byte_order_mark_alone_is_an_empty_file() -> None:
    problem = checked("\ufeff".encode()).problem
    assert problem is not None
    assert problem.code == "empty_file"


def test_a_mark_in_the_header_that_is_never_closed() -> None:
    check = checked(f'"{HEADER}\n{ROW}\n'.encode())
    assert check.problem is not None
    assert (check.problem.code, check.problem.details) == ("open_quote", {"line": 1})
    assert checked(f'"respondent_id","two\nlines"\n{ROW}\n'.encode()).problem is None


def test_a_cell_that_is_too_long_to_be_shown_is_no_problem() -> None:
    check = checked(f'{HEADER},note\n{ROW},"{"x" * 200_000}"\n{ROW},\n'.encode())
    assert find_problem(check, BIG_FIVE) is None
    assert check.first_rows == ()


def test_a_file_that_is_too_large_names_the_limit() -> None:
    check = check_file(io.BytesIO(b"a"), "a.csv", 5_000_001, 5)
    assert check.problem is not None
    assert (check.problem.code, check.problem.details) == ("file_too_large", {"limitMb": 5})


def test_columns_that_are_missing_or_repeated() -> None:
    missing = find_problem(checked(b"respondent_id,EXT1\n1,2\n"), BIG_FIVE)
    assert missing is not None
    assert missing.code == "missing_columns"
    assert missing.details["columns"][:2] == ["EXT2", "EXT3"]
    assert missing.details["columns"][-1] == "…"
    repeated = find_problem(checked(f"{HEADER},group,group\n{ROW},a,b\n".encode()), BIG_FIVE)
    assert repeated is not None
    assert (repeated.code, repeated.details) == ("duplicate_columns", {"columns": ["group"]})


def test_the_file_is_left_at_its_beginning() -> None:
    content = f"{HEADER}\n{ROW}\n".encode()
    file = io.BytesIO(content)
    check_file(file, "a.csv", 1, 1)
    assert file.read() == content


def test_a_character_cut_at_the_end_of_the_head() -> None:
    rows = (ROW + "\n").encode("cp949") * 14_000
    check = checked(HEADER.encode() + b"\n" + rows)
    assert (check.problem, check.encoding, check.rows) == (None, "CP949", 14_000)


@given(some.binary(max_size=200))
def test_no_content_makes_the_check_raise(content: bytes) -> None:
    checked(content)
    checked(b"PAR1" + content)


@given(
    some.one_of(some.text(max_size=60), some.text(alphabet='"\n,1', max_size=60)),
    some.sampled_from(["utf-8", "cp949"]),
)
def test_a_file_that_the_service_accepts_has_no_problem_here(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    content = f"{HEADER}\n{ROW}\n{text}".encode(encoding, errors="ignore")
    path = tmp_path_factory.getbasetemp() / "answers.csv"
    path.write_bytes(content)
    try:
        check_for_service(path, "big_five_50", None)
    except PipelineError:
        return
    assert find_problem(checked(content), BIG_FIVE) is None


_LINES = [ROW, f'{ROW}"', f'"{ROW}', ROW.replace("3", '"3"'), '"', 'a text, said "here"', '"",']


@given(some.lists(some.sampled_from(_LINES), min_size=1, max_size=8))
def test_marks_are_judged_as_the_service_judges_them(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    content = "\n".join([HEADER, *lines]).encode()
    path = tmp_path_factory.getbasetemp() / "marks.csv"
    path.write_bytes(content)
    try:
        check_for_service(path, "big_five_50", None)
        expected = None
    except PipelineError as error:
        expected = (error.code, error.details)
    problem = find_problem(checked(content), BIG_FIVE)
    assert (problem and (problem.code, problem.details)) == expected
