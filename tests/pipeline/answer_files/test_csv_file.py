"""CSV files as spreadsheets and people write them: no row of them is lost silently."""

from itertools import pairwise
from pathlib import Path

import pytest

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.aptitude import PIPELINE
from tests.support.step_harness import (
    RecordingReport,
    a_job,
    error_of_tiny,
    run_tiny,
    scores_of,
    tiny_csv,
    tiny_kinds,
)

HEADER = "respondent_id,Q1,Q2,Q3,Q4,Q5\n"
WITH_REMARK = "respondent_id,Q1,Q2,Q3,Q4,Q5,remark\n"


def rows(count: int, first: int = 1) -> str:
    return "".join(f"r{n},1,2,3,4,5\n" for n in range(first, first + count))


FAR = 120_000  # rows that fill more than one block


@pytest.mark.parametrize("good", [10, FAR])
@pytest.mark.parametrize(
    "spoilt",
    [
        '"r,1,2,3,4,5\n' + rows(300),
        'r,1,2,3,4,"5\n' + rows(300),
        '"r,1,2,3,4,5\n' + rows(300) + '"s,1,2,3,4,5\n',
        'r,",2,3,4,5\n' + rows(300) + 's,",2,3,4,5\n',
        'r,",2,3,4,5\ns,",2,3,4,5\n',
        '"r,1,2,3,4,5\n' + rows(FAR),
    ],
    ids=["first cell", "last cell", "two", "two alone", "side by side", "a block and more"],
)
def test_a_mark_that_swallows_rows_is_reported_with_its_line(
    tmp_path: Path, good: int, spoilt: str
) -> None:
    error = error_of_tiny(tmp_path, HEADER + rows(good) + spoilt + rows(5))
    assert (error.code, error.details) == ("open_quote", {"line": good + 2})
    assert f"line {good + 2:,} " in error.message


def test_a_mark_in_the_head_is_reported_before_the_file_is_accepted(tmp_path: Path) -> None:
    source = tmp_path / "answers.csv"
    source.write_text(HEADER + rows(1600) + '"x,1,2,3,4,5\n' + rows(1400))
    with pytest.raises(PipelineError) as caught:
        PIPELINE.check(source, "tiny", tiny_kinds(tmp_path))
    assert (caught.value.code, caught.value.details) == ("open_quote", {"line": 1602})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_the_line_is_right_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    named = "".join(f"홍길동 {n},1,2,3,4,5\n" for n in range(FAR))
    content = HEADER + named + 'x,1,2,3,4,"5\n' + rows(5)
    error = error_of_tiny(tmp_path, content.encode(encoding))
    assert (error.code, error.details) == ("open_quote", {"line": FAR + 2})


@pytest.mark.parametrize("count", [10, FAR])
def test_a_text_over_several_lines_is_one_cell(tmp_path: Path, count: int) -> None:
    spans = '"좋아요,\r\n정말 ""아주"" 좋아요\n\n1,2,3,4,5"'
    lines = [f"r{n},1,2,3,4,5,{spans if n % 7 == 0 else 'x'}" for n in range(2, count + 2)]
    scores = scores_of(run_tiny(tmp_path, WITH_REMARK + "\n".join(lines)))
    assert scores["respondent_id"] == [f"r{n}" for n in scores["row"]]
    assert len(scores["row"]) == count


def test_a_malformed_row_over_several_lines_is_one_row(tmp_path: Path) -> None:
    content = WITH_REMARK + 'a,1,2,3,4,"over\nlines"\nb,1,2,3,4,5,\n'
    outcome = run_tiny(tmp_path, content)
    assert outcome is not None
    assert outcome.statistics is not None
    assert outcome.statistics.respondents.excluded == {"malformed": 1}
    assert scores_of(outcome)["row"] == [3]


HEADERS = {
    "in the first column": '"번호\n(사내)",respondent_id,Q1,Q2,Q3,Q4,Q5\n',
    "in the last column": 'respondent_id,Q1,Q2,Q3,Q4,Q5,"비고\r\n(선택)\r\n"\r\n',
    "around a needed name": '"respondent_id\n",Q1,"\nQ2",Q3,Q4,"\n\nQ5"\n',
    "with commas and marks": 'respondent_id,Q1,"a,\n""b"",\nc",Q2,Q3,Q4,Q5\n',
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_column_names_may_hold_line_breaks(tmp_path: Path, header: str, mark: str) -> None:
    names = [name.strip(' "\r\n') for name in header.replace('"a,\n""b"",\nc"', "x").split(",")]
    answers = {"respondent_id": "r", "Q1": "1", "Q2": "2", "Q3": "3", "Q4": "4", "Q5": "5"}
    row = ",".join(answers.get(name, "x") for name in names)
    content = f"{mark}{header}{row}\n{row.replace('r', 's')},malformed\n{row.replace('r', 't')}\n"
    source = tmp_path / "answers.csv"
    source.write_bytes(content.encode())
    PIPELINE.check(source, "tiny", tiny_kinds(tmp_path))
    scores = scores_of(run_tiny(tmp_path, content))
    assert scores["respondent_id"] == ["r", "t"]
    assert scores["row"] == [2, 4]
    assert scores["calm_raw"] == [1 + 4 + 3] * 2


@pytest.mark.parametrize(
    "content",
    [
        tiny_csv([(f"r{n}", 1, 2, 3, 4, 5) for n in range(20)]),
        tiny_csv([(f"r{n}", 1, 2, 3, 4, 5) for n in range(20)]).rstrip("\n"),
        tiny_csv([(f"r{n}", 1, 2, 3, 4, 5) for n in range(20)]).replace("\n", "\r\n"),
        tiny_csv([(f"r{n}", 1, 2, 3, 4, 5) for n in range(20)]).replace("\n", "\r"),
        tiny_csv([(f"r{n}", 1, 2, 3, 4, 5) for n in range(20)]).replace("Q5", '"Q5\n"'),
    ],
    ids=["as usual", "no end of the last line", "Windows", "old Macs", "header over two lines"],
)
def test_the_number_of_rows_is_known_from_the_start(tmp_path: Path, content: str) -> None:
    assert progress_of_extract(tmp_path, content) == [(0, 20), (20, 20), (20, 20)]


def test_if_cells_span_lines_the_number_of_rows_is_known_in_the_end(tmp_path: Path) -> None:
    content = WITH_REMARK + 'r,1,2,3,4,5,"a\nb\nc"\n' * 20
    progress = progress_of_extract(tmp_path, content)
    assert progress == [(0, 60), (20, 60), (20, 20)]
    assert all(before[0] <= after[0] for before, after in pairwise(progress))


def progress_of_extract(folder: Path, content: str) -> list[tuple[int, int]]:
    source, report = folder / "answers.csv", RecordingReport()
    source.write_bytes(content.encode())
    job = a_job(folder, source, "tiny", tiny_kinds(folder))
    PIPELINE.steps[0].run(job, report, lambda: False)
    return report.progress


@pytest.mark.parametrize("line", ['","\n', "x\n", '""\n', '"""\n'])
def test_a_file_of_malformed_rows_is_read_with_signs_of_life(tmp_path: Path, line: str) -> None:
    """Arrow reads them all before it returns the first row."""
    source, signs = tmp_path / "answers.csv", 0

    def cancelled() -> bool:
        nonlocal signs
        signs += 1
        return signs > 5

    source.write_text(HEADER + line * 60_000)
    job = a_job(tmp_path, source, "tiny", tiny_kinds(tmp_path))
    assert PIPELINE.steps[0].run(job, RecordingReport(), cancelled) is None
    assert signs == 6, "stopped at once, among the malformed rows"
