"""Scores as workbooks: nothing is lost, nothing becomes a formula, memory does not grow."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.downloads.reply import file_stem
from etl_monitor.ui.result import export
from etl_monitor.ui.result.export import scores_as_xlsx

ROWS: Mapping[str, Sequence[Any]] = {
    "respondent_id": [
        "=1+1",
        "@x",
        "007",
        "<b>김</b>",
        "https://example.org",
        "x" * 40_000,
        "\x01",
    ],
    "usable": [True, False, True, True, True, True, True],
    "trust_raw": [12, None, 3, 4, 5, 6, 7],
    "trust_t": [50.5, float("nan"), 1.0, 2.0, 3.0, 4.0, 5.0],
}


def written(tmp_path: Path, rows: Mapping[str, Sequence[Any]] = ROWS) -> io.BytesIO:
    source = tmp_path / "scores.parquet"
    pq.write_table(pa.table({name: list(values) for name, values in rows.items()}), source)
    return io.BytesIO(b"".join(scores_as_xlsx(source, lambda done, total: None)))


def test_every_cell_keeps_its_value_and_type(tmp_path: Path) -> None:
    with ZipFile(written(tmp_path)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet, "no formula"
    assert "hyperlink" not in sheet
    for text in ("=1+1", "@x", "007", "&lt;b&gt;김&lt;/b&gt;", "https://example.org", "x" * 32_767):
        assert f">{text}</t>" in sheet
    assert "x" * 32_768 not in sheet
    assert '<c r="C3"' not in sheet, "a missing value is an empty cell"
    assert '<c r="D3"' not in sheet
    assert '<c r="B2" t="b"><v>1</v>' in sheet
    assert '<c r="D2"><v>50.5</v>' in sheet


def test_progress_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_BATCH", 10)
    monkeypatch.setattr(export, "_PROGRESS_INTERVAL", -1.0)
    source = tmp_path / "scores"
    pd.DataFrame({"a": range(35)}).to_parquet(source)
    progress: list[tuple[int, int]] = []
    list(scores_as_xlsx(source, lambda done, total: progress.append((done, total))))
    assert progress == [(10, 35), (20, 35), (30, 35)]


def test_more_rows_than_a_sheet_holds_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_ROWS", 6)
    with pytest.raises(EtlMonitorError) as raised:
        written(tmp_path)
    assert raised.value.code == "too_many_rows_for_xlsx"
    assert raised.value.details == {"rows": 7, "limit": 6}


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("2026 공채 인성검사 점수", "2026 공채 인성검사 점수"),
        ('../a<b>:"c"|d?*\\', "abcd"),
        ("a\r\nb\x00", "ab"),
        ("...", "scores"),
        ("가" * 200, "가" * 80),
    ],
)
def test_a_title_becomes_a_file_name(title: str, stem: str) -> None:
    assert file_stem(title) == stem
