"""Real answer files through the real pipeline, over REST. A file that cannot be used is rejected
with the reason."""

import io
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from etl_monitor.pipeline.aptitude import PIPELINE
from etl_monitor.pipeline.samples.files import SAMPLES, Sample, write_sample
from tests.support.eventually import eventually
from tests.support.service_process import RunningService, running_service

SMALL = Sample(
    key="small",
    title="small",
    test_kind="big_five_50",
    user_id="kim",
    respondents=400,
    seed=1,
    file_format="csv-utf8",
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    setting = {"ETL_MONITOR_WORKERS": "1"}
    with running_service(tmp_path_factory.mktemp("real") / "data", env=setting) as running:
        yield running


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    write_sample(SMALL, path)
    return path.read_bytes()


def _form(name: str, content: bytes, kind: str = "big_five_50") -> dict[str, Any]:
    return {"data": {"testKind": kind, "userId": "kim"}, "files": {"file": (name, content)}}


def _parquet(answers: bytes) -> bytes:
    written = io.BytesIO()
    pd.read_csv(io.BytesIO(answers)).to_parquet(written)
    return written.getvalue()


def _completed(service: RunningService, test_id: str) -> Any:
    def is_completed() -> Any:
        test = service.data("GET", f"/tests/results/{test_id}")
        assert test["status"] == "completed", test["lastJob"]
        return test

    return eventually(is_completed, within=60)


def test_the_three_forms_of_a_file_give_the_same_scores(
    real: RunningService, answers: bytes
) -> None:
    files = {
        "a.csv": answers,
        "b.csv": answers.decode("utf-8-sig").encode("cp949"),
        "c.parquet": _parquet(answers),
    }
    ids = [
        real.data("POST", "/tests/results", **_form(name, content))["id"]
        for name, content in files.items()
    ]
    assert [_completed(real, test_id)["respondents"] for test_id in ids] == [SMALL.respondents] * 3
    scores = [real.call("GET", f"/tests/results/{id_}/scores?format=csv").text for id_ in ids]
    statistics = [real.data("GET", f"/tests/results/{id_}/statistics") for id_ in ids]
    assert len(scores[0].splitlines()) == 1 + SMALL.respondents
    assert scores[0] == scores[1] == scores[2]
    assert statistics[0] == statistics[1] == statistics[2]
    documents = {document["type"] for document in _completed(real, ids[0])["documents"]}
    assert documents == {"aptitude_summary", "personality_analysis"}


@pytest.mark.parametrize(
    ("name", "spoil", "code"),
    [
        ("a.csv", lambda answers: b"", "empty_file"),
        ("a.csv", lambda answers: answers.splitlines()[0] + b"\n", "no_rows"),
        ("a.csv", lambda answers: b"name,age\nkim,30\n", "missing_columns"),
        ("a.parquet", lambda answers: _parquet(answers)[:-200], "unreadable_file"),
        ("a.csv", lambda answers: b"\x00" * 500, "binary_content"),
        ("a.csv", lambda answers: answers.replace(b"\n", b'\n"', 1), "open_quote"),
    ],
)
def test_a_file_that_cannot_be_used_is_rejected_at_once(
    real: RunningService, answers: bytes, name: str, spoil: Any, code: str
) -> None:
    status, error_code, _ = real.error("POST", "/tests/results", **_form(name, spoil(answers)))
    assert (status, error_code) == (400, code)


def test_a_workbook_is_recognised(real: RunningService, answers: bytes) -> None:
    written = io.BytesIO()
    pd.read_csv(io.BytesIO(answers)).to_excel(written, engine="xlsxwriter")
    for name in ("a.xlsx", "a.csv", "a"):
        response = real.call("POST", "/tests/results", **_form(name, written.getvalue()))
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (400, "excel_workbook")
        assert "CSV UTF-8" in error["message"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "excel_workbook"),
        ("a.hwp", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "binary_content"),
    ],
)
def test_another_file_with_the_signature_of_a_workbook_is_not_one(
    real: RunningService, name: str, content: bytes, code: str
) -> None:
    assert real.error("POST", "/tests/results", **_form(name, content))[:2] == (400, code)


@pytest.mark.parametrize("column", ["EXT1", "respondent_id"])
@pytest.mark.parametrize("nested", [[[1]], [{"answer": 1}]], ids=["list", "struct"])
def test_a_parquet_file_with_nested_columns_is_rejected(
    real: RunningService, answers: bytes, column: str, nested: Any
) -> None:
    frame, written = pd.read_csv(io.BytesIO(answers)), io.BytesIO()
    frame[column] = nested * len(frame)
    frame.to_parquet(written)
    form = _form("a.parquet", written.getvalue())
    status, code, details = real.error("POST", "/tests/results", **form)
    assert (status, code, details["column"]) == (400, "unreadable_column", column)
    assert details["type"].startswith(("list", "struct"))


def test_an_unknown_kind(real: RunningService, answers: bytes) -> None:
    form = _form("a.csv", answers, kind="tarot")
    status, code, details = real.error("POST", "/tests/results", **form)
    assert (status, code) == (400, "unknown_test_kind")
    assert set(details["known"]) >= {"big_five_50", "reasoning_4x10"}


def test_text_where_numbers_belong(real: RunningService, answers: bytes) -> None:
    lines = answers.splitlines()
    words = b"x," * lines[0].count(b",") + b"x"
    spoilt = b"\n".join([lines[0], *[b"p%d," % n + words[2:] for n in range(50)]])
    test = real.data("POST", "/tests/results", **_form("a.csv", spoilt))

    def has_failed() -> Any:
        job = real.data("GET", f"/etl/jobs/{test['activeJob']['jobId']}")
        assert job["status"] == "failed"
        return job

    job = eventually(has_failed, within=30)
    assert job["errorCode"] == "too_many_invalid_rows"
    assert job["errorDetails"]["unusable"] == 50
    assert "row" in job["errorMessage"]


def test_a_cancel_reaches_a_running_job_long_before_its_deadline(
    real: RunningService, answers: bytes
) -> None:
    """On an idle machine it takes less than a second (docs/reliability.md has figures). A busy one
    takes longer, so this test only requires that the job ends within half of its deadline."""
    header, *rows = answers.splitlines()
    ids = (b"p%d," % number for number in range(300_000))
    many = (start + row.partition(b",")[2] for start, row in zip(ids, cycle(rows), strict=False))
    test = real.data("POST", "/tests/results", **_form("a.csv", b"\n".join([header, *many])))
    job_id = test["activeJob"]["jobId"]
    for step in ("extract", "validate", "score"):
        eventually(partial(_has_reached, real, job_id, step), within=60)
        real.data("POST", f"/etl/jobs/{job_id}/cancel")
        job = eventually(partial(_is_cancelled, real, job_id), within=60)
        requested, ended, deadline = (
            datetime.fromisoformat(job[name])
            for name in ("cancelRequestedAt", "finishedAt", "cancelDeadline")
        )
        assert ended - requested < (deadline - requested) / 2, job
        assert not job["forced"]
        job_id = real.data("POST", f"/etl/jobs/{job_id}/retry")["jobId"]
    real.data("POST", f"/etl/jobs/{job_id}/cancel")


def _has_reached(service: RunningService, job_id: str, step: str) -> None:
    """Require that the job is in this step or a later one: a step may pass between two requests."""
    steps = ["", *(each.name for each in PIPELINE.steps)]
    current = service.data("GET", f"/etl/jobs/{job_id}")["currentStep"]
    assert steps.index(current) >= steps.index(step)


def _is_cancelled(service: RunningService, job_id: str) -> Any:
    job = service.data("GET", f"/etl/jobs/{job_id}")
    assert job["status"] == "cancelled", job
    return job


def test_the_broken_sample_fails_with_a_reason(real: RunningService, tmp_path: Path) -> None:
    broken = min((s for s in SAMPLES if s.broken), key=lambda s: s.respondents)
    path = tmp_path / f"broken{broken.suffix}"
    write_sample(broken, path)
    form = _form(path.name, path.read_bytes(), broken.test_kind)
    test = real.data("POST", "/tests/results", **form)

    def has_failed() -> None:
        job = real.data("GET", f"/etl/jobs/{test['activeJob']['jobId']}")
        assert job["errorCode"] == "too_many_invalid_rows"

    eventually(has_failed, within=60)
