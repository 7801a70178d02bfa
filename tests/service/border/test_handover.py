"""What a step hands over is stored as plain values, or refused with the step's name."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.base import (
    REJECTED_ROWS,
    Document,
    GroupScore,
    Histogram,
    Outcome,
    Respondents,
    ScaleStatistics,
    Statistics,
)
from etl_monitor.service import errors
from etl_monitor.service.border.handover import Handover, plain_error, plain_log_line
from tests.support.foreign_objects import OBJECTS, Mute, anything

STEP = Handover(step="count")


def stored(outcome: Any, work_dir: Path = Path()) -> Outcome:
    return STEP.outcome(outcome, work_dir)


def refused(outcome: Any, work_dir: Path = Path()) -> errors.UnusableHandover:
    with pytest.raises(errors.UnusableHandover) as caught:
        stored(outcome, work_dir)
    assert caught.value.step == "count"
    return caught.value


@pytest.mark.parametrize(
    ("done", "total", "rows"),
    [
        (np.int64(2), np.int64(10), (2, 10)),
        (3, None, (3, None)),
        (2.9, 10.0, (2, 10)),
        (-5, 10, (0, 10)),
        (5, -1, (5, None)),
        (5, math.nan, (5, None)),
        (5, math.inf, (5, None)),
        (20, 10, (10, 10)),
        (2**80, 2**81, (2**53 - 1, 2**53 - 1)),
        (True, 1, (1, 1)),
        (np.array(3), pa.scalar(10), (3, 10)),
        (pa.scalar(3), np.array(10.0), (3, 10)),
        *((5, missing, (5, None)) for missing in (pd.NA, pd.NaT, np.datetime64("NaT"))),
        (5, pa.scalar(None, pa.int64()), (5, None)),
    ],
)
def test_reports_of_any_number_are_counted(done: Any, total: Any, rows: Any) -> None:
    assert STEP.rows(done, total) == rows
    assert [type(number) for number in STEP.rows(1, 2)] == [int, int]


@pytest.mark.parametrize(
    ("done", "total"),
    [("3", 10), (None, 10), (math.nan, 10), (1, "10"), (pd.NA, 10), (np.array([1, 2]), 10)],
)
def test_a_report_of_no_number_is_refused(done: Any, total: Any) -> None:
    with pytest.raises(errors.UnusableHandover, match="The step count handed over"):
        STEP.rows(done, total)


@pytest.mark.parametrize("respondents", [np.int64(12), 12.0, np.float32(12)])
def test_respondents_of_any_number_are_whole(respondents: Any) -> None:
    assert stored(Outcome(respondents=respondents)).respondents == 12


@pytest.mark.parametrize("respondents", [-1, 1.5, math.nan, "12", None, 2**40])
def test_other_respondents_are_refused(respondents: Any) -> None:
    assert refused(Outcome(respondents=respondents)).part == "Outcome.respondents"


class Lazy(Outcome):
    """Computes its parts when they are read, and fails."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("respondents", "documents", "statistics", "scores"):
            raise RuntimeError("not now")
        return super().__getattribute__(name)


class LazyDocument(Document):
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("not now")


def test_a_part_that_fails_when_it_is_read_is_refused_by_its_name() -> None:
    assert refused(Lazy(respondents=1)).part == "Outcome.respondents"
    document = LazyDocument(type="a", summary={}, content={})
    error = refused(Outcome(respondents=1, documents=[document]))
    assert (error.part, error.problem) == ("Outcome.documents[0]", "RuntimeError: not now")


@pytest.mark.parametrize("outcome", [None, 12, {"respondents": 12}])
def test_a_last_step_without_an_outcome_is_refused(outcome: Any) -> None:
    assert "not an Outcome" in refused(outcome).problem


def scale(**changed: Any) -> ScaleStatistics:
    usual: dict[str, Any] = {
        "key": "a",
        "names": {"en": "A"},
        "items": ("x",),
        "keyed": False,
        "lowest": 1,
        "highest": 5,
        "n": 2,
        "mean": 3.0,
        "percentiles": {"5": 1.0, "50": 3.0},
        "histogram": Histogram(edges=(1, 5), counts=(2,)),
    }
    return ScaleStatistics(**(usual | changed))


def statistics(*scales: ScaleStatistics) -> Statistics:
    counted = Respondents(total=2, usable=2, excluded={})
    return Statistics(respondents=counted, scales=scales, items=())


def stored_scales(*scales: ScaleStatistics) -> tuple[ScaleStatistics, ...]:
    result = stored(Outcome(respondents=2, statistics=statistics(*scales))).statistics
    assert result is not None
    text = result.model_dump_json(by_alias=True)
    assert Statistics.model_validate_json(text) == result
    return result.scales


def test_undefined_figures_are_left_out_and_the_others_stay() -> None:
    (undefined,) = stored_scales(
        scale(
            mean=math.nan,
            sd=math.inf,
            percentiles={"5": math.nan, "50": 2},
            histogram=Histogram(edges=(0, math.inf), counts=(1,)),
            groups=(GroupScore(group="a", n=0, mean=math.nan), GroupScore(group="b", n=1, mean=2)),
        )
    )
    assert (undefined.mean, undefined.sd, undefined.percentiles) == (None, None, {"50": 2})
    assert undefined.histogram.counts == ()
    assert [group.group for group in undefined.groups] == ["b"]
    assert stored_scales(scale(lowest=math.nan), scale()) == (scale(),)


def test_numbers_of_numpy_are_those_of_python() -> None:
    made = ScaleStatistics.model_construct(
        **(scale().model_dump() | {"mean": np.float64(3), "n": np.int64(2), "sd": pd.NA})
    )
    assert stored_scales(made) == (scale(),)


@pytest.mark.parametrize("value", ["text", 5, object(), [[[]]], {"scales": 7}])
def test_other_statistics_are_refused(value: Any) -> None:
    assert refused(Outcome(respondents=1, statistics=value)).part == "Outcome.statistics"


def test_documents_are_texts_by_language() -> None:
    document = Document(
        type=np.str_("lines"), summary={"en": "one"}, content={"en": "a\0", "ko": "나"}
    )
    (plain,) = stored(Outcome(respondents=1, documents=[document])).documents
    assert plain == Document(
        type="lines", summary={"en": "one", "ko": "one"}, content={"en": "a␀", "ko": "나"}
    )


@pytest.mark.parametrize(
    "documents",
    [
        7,
        ["text"],
        [Document(type="a", summary={}, content="text")],  # type: ignore[arg-type]
        [Document(type="a", summary={}, content={"en": "x" * 2_000_000})],
        [Document(type="a", summary={}, content={})] * 1000,
    ],
)
def test_other_documents_are_refused(documents: Any) -> None:
    assert refused(Outcome(respondents=1, documents=documents)).part.startswith("Outcome.documents")


def _csv(folder: Path) -> Path:
    path = folder / "scores.csv"
    path.write_text("a,b\n1,2\n")
    return path


def _cut_off(folder: Path) -> Path:
    path = _good(folder)
    content = path.read_bytes()
    path.write_bytes(content[:8] + b"\xff" * 200 + content[208:])
    return path


def _outside(folder: Path) -> Path:
    target = _good(folder.parent)
    (folder / "link.parquet").symlink_to(target)
    return folder / "link.parquet"


def _good(folder: Path) -> Path:
    path = folder / "scores.parquet"
    parquet.write_table(pa.table({"respondent_id": [str(n) for n in range(5000)]}), path)
    return path


def _no_columns(folder: Path) -> Path:
    path = folder / "scores.parquet"
    parquet.write_table(pa.table({}), path)
    return path


def _same_columns(folder: Path) -> Path:
    path = folder / "scores.parquet"
    parquet.write_table(pa.table([[1], [2]], names=["a", "a"]), path)
    return path


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (_csv, "cannot be read as Parquet"),
        (_cut_off, "cannot be read as Parquet"),
        (_outside, "not in the job's work_dir"),
        (_no_columns, "no columns"),
        (_same_columns, "several columns of the same name"),
        (lambda folder: folder / "missing.parquet", "does not exist"),
        (lambda folder: folder, "is not a file"),
        (lambda folder: "a\0b", "does not exist"),
        (lambda folder: 7, "is not a path"),
    ],
)
def test_a_file_of_scores_that_cannot_be_downloaded_is_refused(
    tmp_path: Path, make: Callable[[Path], Any], problem: str
) -> None:
    work_dir = tmp_path / "work"
    work_dir.mkdir()
    error = refused(Outcome(respondents=1, scores=make(work_dir)), work_dir)
    assert (error.part, problem in error.problem) == ("Outcome.scores", True), error.problem


def test_a_file_of_scores_may_be_named_as_text_and_by_a_link(tmp_path: Path) -> None:
    good = _good(tmp_path)
    (tmp_path / "link").symlink_to(good)
    for path in (str(good), "scores.parquet", tmp_path / "link"):
        assert stored(Outcome(respondents=1, scores=path), tmp_path).scores == good  # type: ignore[arg-type]


class BareError(PipelineError):
    def __init__(self) -> None:
        Exception.__init__(self, "bare")


def test_errors_are_plain_even_if_they_lack_their_parts() -> None:
    bare = plain_error(BareError())
    assert (bare.code, bare.message, bare.details) == ("pipeline_error", "bare", {})
    odd = plain_error(PipelineError("bad", Mute(), {"row": np.int64(7)}))  # type: ignore[arg-type]
    assert (odd.code, odd.message, odd.details) == ("bad", "(Mute without a text)", {"row": 7})


def _is_storable(*values: Any) -> None:
    for value in values:
        json.dumps(value, allow_nan=False).encode("utf-8")


usual = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@usual
@given(anything, anything)
def test_any_report_is_counted_or_refused(done: Any, total: Any) -> None:
    try:
        _is_storable(STEP.rows(done, total))
    except errors.UnusableHandover as error:
        _is_storable(error.message, error.details)


@usual
@given(anything, anything, anything, anything)
def test_any_log_line_and_error_is_storable(
    message: Any, level: Any, code: Any, details: Any
) -> None:
    line = plain_log_line(message, level, code, details)
    _is_storable(line.model_dump(mode="json"))
    handed_over = PipelineError("a", "b")
    handed_over.code, handed_over.message, handed_over.details = code, message, details
    error = plain_error(handed_over)
    _is_storable(error.code, error.message, error.details)


@usual
@given(st.data())
def test_any_outcome_is_stored_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    def part(usual: Any) -> Any:
        return data.draw(st.just(usual) | anything)

    document = Document(type=part("a"), summary=part({"en": "s"}), content=part({"en": "c"}))
    changes = data.draw(
        st.dictionaries(st.sampled_from(list(ScaleStatistics.model_fields)), anything)
    )
    made = ScaleStatistics.model_construct(**(scale().model_dump() | changes))
    outcome = Outcome(
        respondents=part(1),
        documents=part([document, part(document)]),
        statistics=part(statistics(made)),
        scores=part(None),
    )
    try:
        plain = stored(outcome, tmp_path)
    except errors.UnusableHandover as error:
        _is_storable(error.message, error.details)
        return
    _is_storable(plain.respondents, [[d.type, d.summary, d.content] for d in plain.documents])
    if plain.statistics is not None:
        text = plain.statistics.model_dump_json(by_alias=True)
        assert Statistics.model_validate_json(text) == plain.statistics


@pytest.mark.parametrize("value", OBJECTS, ids=lambda value: type(value).__name__)
def test_each_odd_object_is_stored_or_refused_everywhere(tmp_path: Path, value: Any) -> None:
    made = scale().model_copy(update={"mean": value, "names": {"en": value}})
    for outcome in (
        value,
        Outcome(respondents=value),
        Outcome(respondents=1, documents=value),
        Outcome(respondents=1, statistics=value),
        Outcome(respondents=1, statistics=statistics().model_copy(update={"scales": (made,)})),
        Outcome(respondents=1, scores=value),
    ):
        try:
            stored(outcome, tmp_path)
        except errors.UnusableHandover as error:
            _is_storable(error.message, error.details)


def test_the_rows_that_are_not_scored_are_a_table_or_none(tmp_path: Path) -> None:
    assert STEP.rejected_rows(tmp_path) is None
    rows = tmp_path / REJECTED_ROWS
    parquet.write_table(pa.table({"row": [2]}), rows)
    assert STEP.rejected_rows(tmp_path) == rows


def _a_folder(path: Path) -> None:
    path.mkdir()


def _a_csv(path: Path) -> None:
    path.write_text("row,reason\n2,missing\n")


def _a_link_that_leads_out(path: Path) -> None:
    path.symlink_to(__file__)


def _a_link_to_nothing(path: Path) -> None:
    path.symlink_to("nothing")


@pytest.mark.parametrize("write", [_a_folder, _a_csv, _a_link_that_leads_out, _a_link_to_nothing])
def test_other_files_of_rejected_rows_are_refused(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    write(tmp_path / REJECTED_ROWS)
    with pytest.raises(errors.UnusableHandover, match=r"count handed over .* rejected\.parquet: "):
        STEP.rejected_rows(tmp_path)
