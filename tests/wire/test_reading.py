"""Records as back ends of many makes send them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.wire import values
from etl_monitor.wire.base import Record
from etl_monitor.wire.job import STATUSES, Job, JobDetail, JobStatus, JobStep, LogLine
from etl_monitor.wire.reading import RecordReader
from etl_monitor.wire.result import ResultStatus, TestResult
from etl_monitor.wire.status_names import COMMON_NAMES, StatusNames, parse_status_map
from tests.support import factories

READER = RecordReader()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *(("QUEUED", "pending"), ("RUNNING", "running"), ("success", "completed")),
        *(("error", "failed"), ("inProgress", "running"), ("In Progress", "running")),
        *(("timed-out", "failed"), ("CANCELED", "cancelled"), ("UP_FOR_RETRY", "pending")),
        *(("completed", "completed"), ("Completed", "completed"), ("paused", "unknown")),
        *(("JobStatus.RUNNING", "running"), ("org.x.State.DONE", "completed")),
        *(
            ("진행 중", "running"),
            ("\u110b\u116a\u11ab\u1105\u116d", "completed"),
            ("대기", "pending"),
        ),
        *(("실패", "failed"), ("취소됨", "cancelled"), (".", "unknown")),
        *((3, "unknown"), (None, "unknown"), ({}, "unknown"), ("", "unknown")),
    ],
)
def test_common_names_of_states(name: Any, status: str) -> None:
    job = READER.record(Job, {"jobId": "a", "status": name})
    assert job is not None
    assert job.status == status


def test_own_names_come_before_the_common_ones() -> None:
    names = StatusNames(parse_status_map(" 3=failed, Done = running ,PAUSED=pending,"))
    statuses = [names.status(name) for name in ("3", "DONE", "paused", "finished")]
    assert statuses == ["failed", "running", "pending", "completed"]


@pytest.mark.parametrize("invalid", ["x", "x=gone", "=failed", "x=unknown", "a=failed,b"])
def test_a_map_that_cannot_be_read_is_rejected(invalid: str) -> None:
    with pytest.raises(ValueError, match="ARCHIVED=completed"):
        parse_status_map(invalid)


def test_the_documents_have_the_table_of_names() -> None:
    text = Path("docs/wire.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (`.*`) \|$", text, re.MULTILINE))
    listed = {name: tuple(re.findall(r"`(\w+)`", row)) for name, row in rows.items()}
    assert {status: listed[status] for status in STATUSES} == COMMON_NAMES


def test_a_job_of_another_make() -> None:
    sent = {
        "job_id": 17,
        "status": "IN_PROGRESS",
        "progress": "45%",
        "currentStep": None,
        "estimatedCompletion": None,
        "errorMessage": None,
        "createdAt": "2026-11-27 10:00:00",
        "updatedAt": 1795741323456,
        "rowsDone": "1,200",
        "attempt": "2",
        "forced": "false",
        "steps": ["extract", {"name": "load", "status": "QUEUED", "rowsTotal": "x"}, 7],
        "log": "one\ntwo",
        "family": [{"jobId": 16}, {"no": "id"}],
    }
    job = READER.record(JobDetail, sent)
    assert job is not None
    assert (job.job_id, job.status, job.progress, job.rows_done) == ("17", "running", 45, 1200)
    assert (job.attempt, job.forced, job.current_step) == (2, False, "")
    assert [(step.name, step.status) for step in job.steps] == [
        ("extract", JobStatus.UNKNOWN),
        ("load", JobStatus.PENDING),
    ]
    assert [line.message for line in job.log] == ["one", "two"]
    assert [other.job_id for other in job.family] == ["16"]


@pytest.mark.parametrize("kind", [Job, JobDetail, TestResult])
def test_our_own_records_are_read_as_they_were_sent(kind: type[Record]) -> None:
    """With as many fields set as a service sends."""
    job = factories.failed(
        error_details={"rows": [1]},
        cancel_reason="x",
        seen_by="kim",
        title="T",
        cancel_requested_by="lee",
        force_reprocess=True,
    )
    sent: Record = job
    if kind is JobDetail:
        step = JobStep(name="load", index=1, status=JobStatus.FAILED, started_at=job.started_at)
        line = LogLine(at=job.created_at, level="info", message="x", details={"n": 1})
        more = {"steps": (step,), "log": (line,), "family": (job,), "file_name": "a.csv"}
        sent = JobDetail.model_validate(job.model_dump() | more)
    if kind is TestResult:
        sent = factories.result(status=ResultStatus.FAILED, last_job=job)
    wire = sent.model_dump_json(by_alias=True)
    read = READER.record(kind, json.loads(wire))
    assert read is not None
    assert read.model_dump_json(by_alias=True) == wire


def test_the_state_of_a_result_may_be_that_of_its_job() -> None:
    states = ("SUCCESS", "queued", "cancelled", "odd")
    read = [READER.record(TestResult, {"id": 1, "status": state}) for state in states]
    assert [result.status for result in read if result] == [
        *(ResultStatus.COMPLETED, ResultStatus.PROCESSING),
        *(ResultStatus.FAILED, ResultStatus.UNKNOWN),
    ]


_ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_NAMES = sorted({str(info.alias) for info in JobDetail.model_fields.values()} - {"jobId"})
_JOBS = st.fixed_dictionaries({"jobId": _ANY}, optional=dict.fromkeys(_NAMES, _ANY))


@given(_ANY | _JOBS | st.builds(lambda job, steps: {**job, "steps": steps}, _JOBS, st.lists(_JOBS)))
def test_any_json_is_a_job_that_can_be_used_or_none(sent: Any) -> None:
    job = READER.record(JobDetail, sent)
    if job is not None:
        assert job.job_id
        assert 0 <= job.progress <= 100
        assert isinstance(job.status, JobStatus)
        dumped = job.model_dump(exclude={"status", "steps", "family"})  # their state may be UNKNOWN
        JobDetail.model_validate(dumped, strict=True)


@given(st.text())
def test_any_text_is_json_or_none(text: str) -> None:
    try:
        values.decode(text)
    except ValueError:
        return


_TIMES = [
    *("2026-11-27T10:00:00.123Z", "2026-11-27T10:00:00+09:00", "2026-11-27 10:00", "", None, 0),
    *("9999-12-31T00:00:00Z", "yesterday", 1_700_000_000, "2026-11-27T10:00:00.1234567Z"),
]
_EXACT = {
    "jobId": st.text(max_size=3) | st.integers(),
    "job_id": st.text(max_size=3),
    "status": st.sampled_from(["running", "pending", "Archived", "", None, 3]),
    "progress": st.integers(-1, 101) | st.floats() | st.sampled_from(["12", None, True]),
    "currentStep": st.text(max_size=5) | st.none() | st.just("\u202escore"),
    "rowsDone": st.integers() | st.just(10**18) | st.floats() | st.none(),
    "rows_total": st.integers(0, 9),
    "title": st.text(max_size=5) | st.just("x" * 10_001) | st.none(),
    "forced": st.booleans() | st.none() | st.just("yes"),
    "updatedAt": st.sampled_from(_TIMES),
    "errorDetails": st.dictionaries(st.text(max_size=2), st.integers(), max_size=2) | st.just("x"),
    "unknown": st.none() | st.lists(st.integers(), max_size=2),
}


@given(st.fixed_dictionaries({}, optional=_EXACT))
def test_a_text_is_read_as_its_decoded_value_is(sent: dict[str, Any]) -> None:
    text = json.dumps(sent)
    fields = READER.fields_of_text(Job, text)
    assert fields is None or fields == READER.fields(Job, values.decode(text))


def test_what_our_own_service_sends_is_read_from_its_text() -> None:
    job = Job(job_id="a", status=JobStatus.RUNNING, progress=41, current_step="score")
    text = job.model_dump_json(by_alias=True, exclude_unset=True)
    assert READER.fields_of_text(Job, text) == READER.fields(Job, json.loads(text)) != {}
