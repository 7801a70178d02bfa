"""Answer files with every known problem: each has its code, none crashes the pipeline."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.aptitude import PIPELINE
from tests.support.step_harness import (
    check_and_run,
    error_of_tiny,
    run_tiny,
    scores_of,
    tiny_csv,
    tiny_kinds,
    write_parquet,
)

GOOD = tiny_csv([(f"r{n}", 1 + n % 5, 2, 3, 4, 5) for n in range(50)])
COLUMNS: dict[str, Any] = {"respondent_id": ["a", "b"], **{f"Q{n}": [n, 3] for n in range(1, 6)}}


HEADER = b"respondent_id,Q1,Q2,Q3,Q4,Q5\n"
SEEN_BY_BOTH = {
    "empty_file": [b"", b"  \n\n"],
    "no_rows": [HEADER, HEADER.strip(), HEADER + b"\n\n  \n"],
    "missing_columns": [
        b"respondent_id,Q1,Q2,Q3,Q4\na,1,2,3,4\n",
        b"respondent_id;Q1;Q2;Q3;Q4;Q5\na;1;2;3;4;5\n",
        b"\n" + HEADER + b"a,1,2,3,4,5\n",
        b"PK\x03\x04 a spreadsheet\n",
    ],
    "duplicate_columns": [b"respondent_id,Q1,Q2,Q3,Q4,Q5,Q5\na,1,2,3,4,5,5\n"],
    "too_many_columns": [HEADER.strip() + b"," * 20_000 + b"\na,1\n"],
    "line_too_long": [b"x" * 3_000_000],
    "open_quote": [
        b'"' + HEADER + b"a,1,2,3,4,5\n" * 200_000,
        b'"' + HEADER + b"a,1,2,3,4,5\n",
        HEADER + b'"a,1,2,3,4,5\nb,1,2,3,4,5\n',
    ],
    "binary_content": [HEADER + b"a,1,\x00,3,4,5\n", HEADER.decode().encode("utf-16")],
    "unknown_encoding": [HEADER + b"a,1,\xff\xfe,3,4,5\n"],
    "unreadable_file": [b"PAR1", b"PAR1" + b"\x07" * 500, b"PAR1" + HEADER + b"PAR1"],
}


@pytest.mark.parametrize(
    ("code", "content"),
    [(code, content) for code, contents in SEEN_BY_BOTH.items() for content in contents],
)
def test_a_file_that_the_check_rejects_fails_in_the_job_too(
    tmp_path: Path, code: str, content: bytes
) -> None:
    assert check_and_run(tmp_path, content) == (code, code)


PAST_THE_FIRST_BLOCK = GOOD.encode() * 1500  # headers in between are rows out of range; 1.3 MB


@pytest.mark.parametrize(
    ("code", "tail"),
    [
        ("binary_content", b"z,1,\x00,3,4,5\n"),
        ("unknown_encoding", b"z,1,\xff,3,4,5\n"),
        ("unknown_encoding", "이름,1,2,3,4,5\n".encode()[:2]),
        ("line_too_long", b"z," + b"1," * 2_000_000 + b"\n"),
        ("line_too_long", b'z,"' + b"1,\n" * 1_000_000 + b'"'),
        ("open_quote", b'z,"' + b"1,\n" * 1_000_000),
        ("open_quote", b'z,1,2,3,4,"5\nx\n'),
    ],
)
def test_the_job_finds_problems_beyond_the_head(tmp_path: Path, code: str, tail: bytes) -> None:
    assert check_and_run(tmp_path, PAST_THE_FIRST_BLOCK + tail) == ("fine", code)


def test_only_blank_rows_are_no_rows(tmp_path: Path) -> None:
    assert check_and_run(tmp_path, HEADER + b",,,,,\n , ,,,,\n") == ("fine", "no_rows")


def test_unknown_encoding_says_where(tmp_path: Path) -> None:
    content = GOOD.encode() + b"z,1,2,3,4,\xff\n"
    error = error_of_tiny(tmp_path, content)
    assert error.details == {"line": 52, "byte": content.index(b"\xff")}


def test_missing_columns_are_named(tmp_path: Path) -> None:
    error = error_of_tiny(tmp_path, "respondent_id,Q1,Q3,Q5,Nr\na,1,2,3,4\n")
    assert error.details["columns"] == ["Q2", "Q4"]
    assert error.details["found"] == ["respondent_id", "Q1", "Q3", "Q5", "Nr"]
    assert "Q2, Q4" in error.message


def test_the_error_of_an_unknown_kind_lists_the_others(tmp_path: Path) -> None:
    source = tmp_path / "answers.csv"
    source.write_text(GOOD)
    with pytest.raises(PipelineError) as caught:
        PIPELINE.check(source, "mbti", tiny_kinds(tmp_path))
    assert caught.value.code == "unknown_test_kind"
    assert caught.value.details["known"] == ["tiny", "big_five_50", "reasoning_4x10"]


def test_too_many_different_groups(tmp_path: Path) -> None:
    rows = "".join(f"r{n},team {n},1,2,3,4,5\n" for n in range(300))
    error = error_of_tiny(tmp_path, "respondent_id,group,Q1,Q2,Q3,Q4,Q5\n" + rows)
    assert error.code == "too_many_groups"


def test_malformed_rows_are_counted_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    content = (
        HEADER + b"a,1,2,3,4,5\n\nb,1,2,3,4,5,6\nc,1\nd,1,2,3,4,5\n,,,,,\ne,1,2,3,4,5\nf,,,,,\n"
    )
    outcome = run_tiny(tmp_path, content)
    assert outcome is not None
    assert outcome.statistics is not None
    scores = scores_of(outcome)
    assert dict(zip(scores["respondent_id"], scores["row"], strict=True)) == {
        "a": 2,
        "d": 6,
        "e": 8,
        "f": 9,
    }
    assert outcome.statistics.respondents.excluded == {"missing": 1, "malformed": 2}
    assert outcome.respondents == 6


def test_row_numbers_hold_over_blocks(tmp_path: Path) -> None:
    """The file has several blocks, with malformed rows throughout."""
    rows = 120_000
    lines = [f"r{n},1,2,3,4,5" + (",6" if n % 1000 == 17 else "") for n in range(2, rows + 2)]
    scores = scores_of(run_tiny(tmp_path, HEADER + "\n".join(lines).encode()))
    assert len(scores["row"]) == rows - rows // 1000
    assert scores["respondent_id"] == [f"r{row}" for row in scores["row"]]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_marks_quotes_and_other_columns(tmp_path: Path, line_end: str, mark: str) -> None:
    lines = [
        ' respondent_id ,"Q5",이름,Q4,Q3,Q2,Q1,,',
        '"a","5","홍, 길동",4,3.0, 2 ,1,,',
        '007,5,"say ""hi""\n twice",4,N/A,2,1,,',
    ]
    scores = scores_of(run_tiny(tmp_path, mark + line_end.join(lines)))
    assert scores["respondent_id"] == ["a", "007"]
    assert scores["calm_raw"] == [1 + 4 + 3, 7.5]
    assert scores["warm_raw"] == [9, 9]


FUZZ = settings(
    max_examples=int(os.environ.get("ETL_FUZZ_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FUZZ
@given(data=st.data())
@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_mutated_file_ends_in_a_result_or_a_code(
    tmp_path: Path, file_format: str, data: st.DataObject
) -> None:
    if file_format == "parquet":
        content = bytearray(write_parquet(tmp_path / "good", COLUMNS).read_bytes())
    else:
        content = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 8))
        content[place : place + length] = data.draw(st.binary(max_size=8))
        if not content:
            break
    check_and_run(tmp_path, bytes(content))
