"""An answer file is read by its bytes: what is small on the disk may be large as rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from etl_monitor.pipeline.answer_files import parquet_head, parquet_pages
from etl_monitor.pipeline.answer_files.head import check_head, read_head
from etl_monitor.pipeline.answer_files.open import check, open_answers
from etl_monitor.pipeline.answer_files.parquet_file import CHUNK_BYTES, ParquetFile
from etl_monitor.pipeline.answer_files.parquet_head import ParquetHead
from etl_monitor.pipeline.base import PipelineError
from etl_monitor.pipeline.kinds.definition import find_kind
from tests.support.step_harness import error_of_tiny, tiny_csv, tiny_kinds

ROWS = 8192


def repeated(text: str, rows: int = ROWS) -> Any:
    """Return a column that stores the text once."""
    return pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(rows, dtype=np.int32)), pa.array([text])
    )


def written(folder: Path, column: str, cells: Any, **options: Any) -> Path:
    columns: dict[str, Any] = {"respondent_id": [f"r{n}" for n in range(len(cells))]}
    columns |= {f"Q{n}": ["3"] * len(cells) for n in range(1, 6)}
    path = folder / "answers.parquet"
    table = pa.table(columns | {column: cells})
    parquet.write_table(table, path, compression="zstd", store_schema=False, **options)
    return path


def chunks(path: Path, folder: Path) -> list[Any]:
    return list(iter_chunks(path, folder))


def iter_chunks(path: Path, folder: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        head = read_head(file)
    assert isinstance(head, ParquetHead)
    columns = check_head(head, find_kind("tiny", tiny_kinds(folder)).offered)
    return ParquetFile(path, head, columns).chunks()


@pytest.mark.parametrize("column", ["group", "Q1"])
def test_a_long_text_that_repeats_is_read_once(tmp_path: Path, column: str) -> None:
    """As rows it would be 7 GB."""
    path = written(tmp_path, column, repeated("x" * 900_000))
    assert path.stat().st_size < 50_000
    read = chunks(path, tmp_path)
    assert sum(len(chunk) for chunk in read) == ROWS
    assert max(len(chunk) for chunk in read) * 900_000 < 2 * CHUNK_BYTES
    assert [int(chunk.numbers[0]) for chunk in read[:2]] == [2, 2 + len(read[0])]


@pytest.mark.parametrize(
    ("column", "size", "limit"),
    [("group", 2_000_000, 2**20), ("Q1", 2_000_000, 2**20), ("respondent_id", 5_000, 4_000)],
)
def test_a_cell_that_is_too_long_is_refused_at_the_door(
    tmp_path: Path, column: str, size: int, limit: int
) -> None:
    path = written(tmp_path, column, repeated("x" * size))
    with pytest.raises(PipelineError) as caught:
        check(path, "tiny", tiny_kinds(tmp_path))
    assert caught.value.code == "cell_too_long"
    assert caught.value.details == {"column": column, "row": 2, "limit_bytes": limit}


def test_texts_that_share_parts_are_read_a_few_at_a_time(tmp_path: Path) -> None:
    options = {"use_dictionary": False, "column_encoding": {"group": "DELTA_BYTE_ARRAY"}}
    path = written(tmp_path, "group", pa.array(["x" * 500_000] * 200), **options)
    assert path.stat().st_size < 10_000
    read = chunks(path, tmp_path)
    assert sum(len(chunk) for chunk in read) == 200
    assert max(len(chunk) for chunk in read) * 500_000 < 2 * CHUNK_BYTES


def test_texts_that_share_parts_take_little_memory(tmp_path: Path) -> None:
    """Their bytes are known only when they are read: as rows these are 500 MB."""
    options = {"use_dictionary": False, "column_encoding": {"group": "DELTA_BYTE_ARRAY"}}
    path = written(tmp_path, "group", pa.array(["x" * 500_000] * 1_000), **options)
    assert path.stat().st_size < 100_000
    usual, pool = pa.default_memory_pool(), pa.proxy_memory_pool(pa.default_memory_pool())
    pa.set_memory_pool(pool)
    try:
        rows = sum(len(chunk) for chunk in iter_chunks(path, tmp_path))
    finally:
        pa.set_memory_pool(usual)
    assert rows == 1_000
    assert pool.max_memory() < 200_000_000


def test_a_long_file_of_texts_that_share_parts_shows_signs_of_life(tmp_path: Path) -> None:
    options = {"use_dictionary": False, "column_encoding": {"group": "DELTA_BYTE_ARRAY"}}
    texts = pa.array([f"group {number}" for number in range(20_000)])
    path = written(tmp_path, "group", texts, **options)
    signs: list[int] = []
    kind = find_kind("tiny", tiny_kinds(tmp_path))
    read = list(open_answers(path, kind, lambda: signs.append(1)).chunks())
    assert sum(len(chunk.numbers) for chunk in read) == 20_000
    assert max(len(chunk.numbers) for chunk in read) > 1_000, "short texts are read many at a time"
    assert len(signs) >= 4


def test_what_unpacks_to_far_more_than_the_file_is_refused_at_the_door(tmp_path: Path) -> None:
    path = written(tmp_path, "group", pa.array(["x" * 500_000] * 200), use_dictionary=False)
    with pytest.raises(PipelineError) as caught:
        check(path, "tiny", tiny_kinds(tmp_path))
    assert caught.value.code == "expands_too_much"
    assert caught.value.details["unpacked_bytes"] > 100_000_000


def _varint(number: int, length: int = 1) -> bytes:
    """Return a whole number as Thrift's compact protocol has it, in at least so many bytes."""
    rest, parts = number << 1, list[int]()
    while rest or len(parts) < length:
        parts.append(rest & 127)
        rest >>= 7
    return bytes([*(part | 128 for part in parts[:-1]), parts[-1]])


def lying(path: Path) -> Path:
    """Let the footer say that each part of a column takes 100 bytes."""
    footer = parquet.read_metadata(path)
    group = footer.row_group(0)
    sizes = {group.column(index).total_uncompressed_size for index in range(footer.num_columns)}
    content = path.read_bytes()
    begin = len(content) - 8 - footer.serialized_size
    said = content[begin:]
    for size in (size for size in sizes if size > 100_000):
        honest = _varint(size)
        assert honest in said
        said = said.replace(honest, _varint(100, len(honest)))
    path.write_bytes(content[:begin] + said)
    return path


@pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY"])
def test_a_footer_that_lies_about_sizes_is_not_believed(tmp_path: Path, encoding: str) -> None:
    options = {"use_dictionary": False, "column_encoding": {"group": encoding}}
    path = lying(written(tmp_path, "group", pa.array(["x" * 500_000] * 200), **options))
    with pytest.raises(PipelineError) as caught:
        check(path, "tiny", tiny_kinds(tmp_path))
    assert caught.value.code == "expands_too_much"
    assert caught.value.details["unpacked_bytes"] > 99_000_000


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_sizes_of_pages_are_those_of_the_footer(tmp_path: Path, version: str) -> None:
    """With headers that have long statistics, in several parts and pages."""
    cells = pa.array([f"{n}{'x' * 3_000}" for n in range(2_000)])
    options: dict[str, Any] = {"data_page_version": version, "row_group_size": 700}
    path = written(tmp_path, "group", cells, data_page_size=50_000, **options)
    footer = parquet.read_metadata(path)
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    parts = [group.column(index) for group in groups for index in range(footer.num_columns)]
    with path.open("rb") as file:
        for part in parts:
            size, pages = parquet_pages._unpacked(file, part, 1_000)
            assert size == part.total_uncompressed_size
            assert pages >= 1


def test_too_many_pages_are_refused_at_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_pages, "MOST_PAGES", 10)
    path = written(tmp_path, "group", repeated("a", rows=50), row_group_size=10)
    with pytest.raises(PipelineError) as caught:
        check(path, "tiny", tiny_kinds(tmp_path))
    assert "more than 10 pages" in caught.value.details["reason"]


def test_a_large_footer_is_refused_at_the_door(tmp_path: Path) -> None:
    path = written(tmp_path, "x" * 2_000_000, pa.array(["a"] * 5))
    assert parquet.read_metadata(path).serialized_size < 16 * 2**20
    check(path, "tiny", tiny_kinds(tmp_path))
    path = written(tmp_path, "x" * 9_000_000, pa.array(["a"] * 5))
    with pytest.raises(PipelineError) as caught:
        check(path, "tiny", tiny_kinds(tmp_path))
    assert "its footer has" in caught.value.details["reason"]


def test_more_rows_than_the_limit_are_refused_at_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "group", repeated("a"))
    monkeypatch.setattr(parquet_head, "LARGEST_ROW_COUNT", ROWS - 1)
    with pytest.raises(PipelineError) as caught:
        check(path, "tiny", tiny_kinds(tmp_path))
    assert caught.value.details == {"rows": ROWS, "limit": ROWS - 1}


def test_a_csv_has_the_bound_of_ids_too(tmp_path: Path) -> None:
    error = error_of_tiny(tmp_path, tiny_csv([["x" * 5_000, 1, 2, 3, 4, 5]]))
    assert (error.code, error.details["row"]) == ("cell_too_long", 2)


def csv_chunks(folder: Path, *lines: str) -> list[Any]:
    path = folder / "answers.csv"
    path.write_text("\n".join(["respondent_id,Q1,Q2,Q3,Q4,Q5", "r1,3,3,3,3,3", *lines]))
    kind = find_kind("tiny", tiny_kinds(folder))
    return list(open_answers(path, kind, lambda: None).chunks())


def test_empty_lines_of_a_csv_are_read_a_few_at_a_time(tmp_path: Path) -> None:
    """Arrow takes each for a row of empty cells: a MiB of them would be a million rows."""
    read = csv_chunks(tmp_path, *[""] * 500_000)
    assert sum(len(chunk.numbers) for chunk in read) == 500_000
    assert max(len(chunk.numbers) for chunk in read) <= 2**16


def test_a_long_line_among_empty_ones_is_read_too(tmp_path: Path) -> None:
    long = "r2," + "3" * 200_000 + ",3,3,3,3"
    read = csv_chunks(tmp_path, *[""] * 300_000, long)
    assert int(read[-1].numbers[-1]) == 300_003
