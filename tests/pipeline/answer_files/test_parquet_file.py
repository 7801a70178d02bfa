"""Parquet answer files: columns of any type with one value a row, and those that are none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.aptitude import PIPELINE
from tests.support.step_harness import (
    a_job,
    check_and_run,
    code_of,
    run,
    scores_of,
    tiny_kinds,
    write_parquet,
)

COLUMNS: dict[str, Any] = {"respondent_id": ["a", "b"], **{f"Q{n}": [n, 3] for n in range(1, 6)}}

PARQUET_ANSWERS: dict[str, Any] = {
    "int64": pa.array([1, 5], pa.int64()),
    "uint8": pa.array([1, 5], pa.uint8()),
    "float with null": pa.array([1.0, 5.0, None][:2], pa.float64()),
    "decimal": pa.array([1, 5]).cast(pa.decimal128(25, 2)),
    "text": pa.array(["1", " 5 "]),
    "large text": pa.array(["1", "5"], pa.large_string()),
    "dictionary": pa.array(["1", "5"]).dictionary_encode(),
}


@pytest.mark.parametrize("kind", PARQUET_ANSWERS)
def test_parquet_columns_of_any_fitting_type(tmp_path: Path, kind: str) -> None:
    columns = COLUMNS | {"Q1": PARQUET_ANSWERS[kind], "respondent_id": [17, 18]}
    source = write_parquet(tmp_path / "a.csv", columns)  # the content decides, not the name
    scores = scores_of(run(a_job(tmp_path, source, "tiny", tiny_kinds(tmp_path))))
    assert scores["respondent_id"] == ["17", "18"]
    assert scores["calm_raw"] == [1 + 4 + 3, 5 + 3 + 3]


NESTED = {
    "list": pa.array([[1], [2]]),
    "large_list": pa.array([[1], [2]], pa.large_list(pa.int8())),
    "list of structs": pa.array([[{"a": 1}], []]),
    "struct": pa.array([{"a": 1}, {"a": 2}]),
    "map": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int8())),
}
NEEDED = ("Q1", "respondent_id", "group", "taken_at")


@pytest.mark.parametrize("column", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("name", NEEDED)
def test_nested_parquet_columns_are_rejected_before_a_file_is_accepted(
    tmp_path: Path, column: Any, name: str
) -> None:
    source = write_parquet(tmp_path / "a.parquet", COLUMNS | {name: column})
    kinds = tiny_kinds(tmp_path)
    rejections = [
        _error_of(lambda: PIPELINE.check(source, "tiny", kinds)),
        _error_of(lambda: run(a_job(tmp_path, source, "tiny", kinds))),
    ]
    for error in rejections:
        assert (error.code, error.details["column"]) == ("unreadable_column", name)
        assert error.details["type"][:4] == str(column.type)[:4]
        assert len(error.details["type"]) <= 60


def _error_of(attempt: Callable[[], object]) -> PipelineError:
    with pytest.raises(PipelineError) as caught:
        attempt()
    return caught.value


@pytest.mark.parametrize("column", NESTED.values(), ids=NESTED)
def test_nested_parquet_columns_of_other_names_are_ignored(tmp_path: Path, column: Any) -> None:
    source = write_parquet(tmp_path / "a.parquet", COLUMNS | {"remarks": column})
    kinds = tiny_kinds(tmp_path)
    PIPELINE.check(source, "tiny", kinds)
    outcome = run(a_job(tmp_path, source, "tiny", kinds), until="score")
    assert outcome is None, "the last step alone makes one"


@pytest.mark.parametrize("name", NEEDED)
def test_parquet_columns_with_bytes_that_are_no_text(tmp_path: Path, name: str) -> None:
    """Found only by reading them: some programs write text as bytes, so the check accepts bytes."""
    column = pa.array([b"\xff", b"1"], pa.binary())
    source = write_parquet(tmp_path / "a.parquet", COLUMNS | {name: column})
    with pytest.raises(PipelineError) as caught:
        run(a_job(tmp_path, source, "tiny", tiny_kinds(tmp_path)))
    assert (caught.value.code, caught.value.details["column"]) == ("unreadable_column", name)


def test_parquet_without_rows_and_columns(tmp_path: Path) -> None:
    kinds = tiny_kinds(tmp_path)
    empty = write_parquet(tmp_path / "a", {name: pa.array([], pa.string()) for name in COLUMNS})
    lacking = write_parquet(tmp_path / "b", {"respondent_id": ["a"]})
    assert code_of(lambda: PIPELINE.check(empty, "tiny", kinds)) == "no_rows"
    assert code_of(lambda: PIPELINE.check(lacking, "tiny", kinds)) == "missing_columns"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_parquet_file(tmp_path: Path, share: float) -> None:
    source = write_parquet(tmp_path / "a", {name: np.arange(5000) for name in COLUMNS})
    content = source.read_bytes()
    assert check_and_run(tmp_path, content[: int(len(content) * share)]) == ("unreadable_file",) * 2


@pytest.mark.parametrize("name", ["Q3", "remarks"])
def test_a_parquet_column_whose_name_is_no_text(tmp_path: Path, name: str) -> None:
    columns = COLUMNS | {"remarks": ["x", "y"]}
    content = write_parquet(tmp_path / "a", columns).read_bytes()
    spoilt = content.replace(name.encode(), b"\x80" + name.encode()[1:])
    assert check_and_run(tmp_path, spoilt) == ("unreadable_file",) * 2
