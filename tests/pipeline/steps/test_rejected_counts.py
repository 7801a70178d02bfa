"""Rows left out are counted by column and reason: all of them, not the first cell of each."""

from contextlib import suppress
from pathlib import Path

from pyarrow import parquet

from etl_monitor.pipeline.base import REJECTED_ROWS, REJECTED_SUMMARY
from etl_monitor.pipeline.errors import TooManyInvalidRows
from etl_monitor.wire.rejected import MOST_COLUMNS, RejectedColumn, RejectedSummary
from tests.support.step_harness import run_tiny, tiny_csv


def summary_of(folder: Path, content: str) -> RejectedSummary:
    with suppress(TooManyInvalidRows):
        run_tiny(folder, content, until="validate")
    with parquet.ParquetFile(folder / "work" / REJECTED_ROWS) as file:
        return RejectedSummary.model_validate_json(
            file.metadata.metadata[REJECTED_SUMMARY.encode()]
        )


def columns_of(summary: RejectedSummary) -> dict[str | None, dict[str, int]]:
    return {column.column: column.reasons for column in summary.columns}


def test_each_column_at_fault_is_counted_not_only_the_first(tmp_path: Path) -> None:
    rows = [[f"R{n}", 1, 9, 3, 9 if n < 2 else 4, 5] for n in range(3)]
    summary = summary_of(tmp_path, tiny_csv(rows))
    assert (summary.rows, summary.reasons) == (3, {"out_of_range": 3})
    assert columns_of(summary) == {"Q2": {"out_of_range": 3}, "Q4": {"out_of_range": 2}}
    assert [column.column for column in summary.columns] == ["Q2", "Q4"], "the worst one first"


def test_every_reason_has_the_column_that_a_person_should_check(tmp_path: Path) -> None:
    rows = [
        ["R1", 1, 2, 3, 4, 5],
        ["R1", 1, 2, 3, 4, 5],  # repeated
        ["", 1, 2, 3, 4, 5],  # no id
        ["R2", "", "", "", 4, 5],  # three of five missing
        ["R3", 3, 3, 3, 3, 3],  # the same throughout
        ["R4", 1, 2],  # malformed
        ["R5", "?", 2, 3, 4, 5],
    ]
    summary = summary_of(tmp_path, tiny_csv(rows))
    assert summary.rows == sum(summary.reasons.values()) == 6
    assert columns_of(summary) == {
        "respondent_id": {"no_respondent_id": 1, "duplicate": 1},
        None: {"straight_lining": 1, "malformed": 1},
        "Q1": {"missing": 1, "out_of_range": 1},
        "Q2": {"missing": 1},
        "Q3": {"missing": 1},
    }


def test_rows_beyond_one_chunk_are_all_counted(tmp_path: Path) -> None:
    rows = [[f"R{n}", 1, 2, 3, 4, 9 if n % 2 else 5] for n in range(20_000)]
    summary = summary_of(tmp_path, tiny_csv(rows))
    assert columns_of(summary) == {"Q5": {"out_of_range": 10_000}}


def test_a_file_without_faults_has_an_empty_summary(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, tiny_csv([["R1", 1, 2, 3, 4, 5]]))
    assert summary == RejectedSummary(rows=0, reasons={})


def test_the_worst_column_of_a_rare_reason_is_not_behind_many_of_a_frequent_one() -> None:
    cells: dict[tuple[str | None, str], int] = {(f"Q{n}", "missing"): 900 for n in range(1, 151)}
    cells |= {("respondent_id", "duplicate"): 2, (None, "malformed"): 1}
    summary = RejectedSummary.of({"missing": 900, "duplicate": 2, "malformed": 1}, cells)
    assert [column.column for column in summary.columns[:4]] == ["Q1", "respondent_id", None, "Q2"]
    assert summary.more_columns == 52


def test_a_summary_is_bounded_and_says_what_it_leaves_out() -> None:
    cells: dict[tuple[str | None, str], int] = {(f"Q{n}", "missing"): n for n in range(1, 151)}
    summary = RejectedSummary.of({"missing": 150}, cells)
    assert (len(summary.columns), summary.more_columns) == (MOST_COLUMNS, 50)
    assert summary.columns[0] == RejectedColumn(column="Q150", reasons={"missing": 150})
    of_many_reasons = RejectedSummary.of({f"r{n}": n for n in range(100)}, {})
    assert (of_many_reasons.rows, len(of_many_reasons.reasons)) == (4950, 20)
