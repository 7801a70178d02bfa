"""The summary of rows left out, of pipelines that count them and of those that do not."""

import io
import json
import math
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from etl_monitor.pipeline.base import REJECTED_SUMMARY
from etl_monitor.service.results.rejected_rows import as_json, as_xlsx, summary
from etl_monitor.service.results.scores_file import as_csv
from etl_monitor.wire.rejected import RejectedColumn, RejectedSummary

ROWS = {"row": [2, 3, 4], "column": ["Q1", "Q1", None], "reason": ["missing", "missing", None]}
COUNTED = RejectedSummary(
    rows=3,
    reasons={"missing": 2, "": 1},
    columns=(
        RejectedColumn(column="Q1", reasons={"missing": 2}),
        RejectedColumn(column=None, reasons={"": 1}),
    ),
)


def file_of(rows: Mapping[str, Any], metadata: Mapping[str, str] | None = None) -> io.BytesIO:
    file = io.BytesIO()
    table = pa.table(dict(rows))
    with parquet.ParquetWriter(file, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(dict(metadata or {}))
    file.seek(0)
    return file


def sheet_of(rows: Mapping[str, Any]) -> str:
    with zipfile.ZipFile(io.BytesIO(b"".join(as_xlsx(file_of(rows))))) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("metadata", [{}, {REJECTED_SUMMARY: '{"rows": "?"}'}, {"other": "1"}])
def test_rows_without_a_summary_are_counted_by_the_service(metadata: dict[str, str]) -> None:
    assert summary(file_of(ROWS, metadata)) == COUNTED


def test_what_the_pipeline_has_counted_is_believed() -> None:
    counted = RejectedSummary.of({"missing": 3}, {("Q1", "missing"): 2, ("Q2", "missing"): 3})
    text = counted.model_dump_json(by_alias=True)
    assert summary(file_of(ROWS, {REJECTED_SUMMARY: text})) == counted


def test_a_file_of_another_pipeline_may_lack_columns_or_have_other_types() -> None:
    assert summary(file_of({"line": [1, 2]})).rows == 2
    assert summary(file_of({"column": [7], "reason": ["x"]})).columns[0].column == "7"


ODD: Mapping[str, Any] = {
    "value": [{"x": [1]}, None],
    "reason": [[1, 2], []],
    "row": [Decimal("1.5"), None],
    "bytes": [b"\xff=1", b""],
    "time": pa.array([1, None], pa.timestamp("ns", "Asia/Seoul")),
    "number": [math.nan, math.inf],
    "text": ["=1+1", "\0"],
}


def test_cells_of_any_type_are_sent_in_each_format() -> None:
    reply = json.loads(b"".join(as_json(file_of(ODD))), parse_constant=pytest.fail)
    assert [row["value"] for row in reply["data"]] == [{"x": [1]}, None]
    assert [list(row) for row in reply["data"]] == [list(ODD)] * 2
    sheet = sheet_of(ODD)
    assert all(name in sheet for name in ODD)
    assert "=1+1" in sheet
    assert "<f>" not in sheet
    assert b"".join(as_csv(file_of(ODD))).count(b"\n") == 3


def test_no_rows_are_an_empty_list_and_a_sheet_with_a_heading() -> None:
    nothing = {"row": pa.array([], pa.int64())}
    assert json.loads(b"".join(as_json(file_of(nothing)))) == {"success": True, "data": []}
    assert "row" in sheet_of(nothing)
