import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from etl_monitor.events import (
    FeedEvent,
    FeedReset,
    JobRemoved,
    JobUpdate,
    Malformed,
    Unknown,
    changed_at,
    parse,
    parse_late,
    times_of,
)
from etl_monitor.sse import ServerSentEvent
from etl_monitor.wire.job import JobStatus, LogLine
from etl_monitor.wire.reading import RecordReader

AT = "2026-03-01T10:20:30.000Z"
WHEN = datetime(2026, 3, 1, 10, 20, 30, tzinfo=UTC)
WHOLE = {"jobId": "a", "status": "pending", "progress": 0, "currentStep": "", "createdAt": AT}


def parsed(name: str, data: Any) -> FeedEvent:
    return parse(ServerSentEvent(event=name, data=json.dumps(data)))


def update_of(name: str, data: Any) -> JobUpdate:
    event = parsed(name, data)
    assert isinstance(event, JobUpdate)
    return event


def test_a_started_job_is_a_whole_update() -> None:
    event = update_of("job_started", WHOLE)
    assert event.whole
    assert event.job.created_at == WHEN


def test_progress_updates_only_its_own_fields() -> None:
    event = update_of("job_progress", {"jobId": "a", "status": "running", "progress": 41.7})
    assert not event.whole
    assert event.job.model_fields_set == {"job_id", "status", "progress"}
    assert event.job.progress == 41


def test_progress_without_a_status_means_running() -> None:
    event = update_of("job_progress", {"jobId": "a", "progress": 1})
    assert event.job.status is JobStatus.RUNNING
    assert "status" in event.job.model_fields_set


def test_a_cancel_request_does_not_set_the_status() -> None:
    event = update_of("job_progress", {"jobId": "a", "cancelRequestedAt": AT})
    assert "status" not in event.job.model_fields_set
    assert event.job.cancel_requested_at == WHEN


@pytest.mark.parametrize(
    ("name", "field", "status"),
    [
        ("job_completed", "completedAt", JobStatus.COMPLETED),
        ("job_failed", "failedAt", JobStatus.FAILED),
        ("job_cancelled", "cancelledAt", JobStatus.CANCELLED),
    ],
)
def test_a_final_event_sets_status_and_time(name: str, field: str, status: JobStatus) -> None:
    event = update_of(name, {"jobId": "a", field: AT, "status": "running"})
    assert event.job.status is status
    assert event.job.finished_at == WHEN
    assert {"status", "finished_at"} <= event.job.model_fields_set


def test_a_completed_job_has_full_progress() -> None:
    assert update_of("job_completed", {"jobId": "a"}).job.progress == 100


def test_a_failure_has_its_message() -> None:
    event = update_of("job_failed", {"jobId": "a", "errorMessage": "no rows"})
    assert event.job.error_message == "no rows"
    assert "progress" not in event.job.model_fields_set


@pytest.mark.parametrize("kind", ["job_created", "job_update"])
def test_unnamed_messages_are_whole_updates(kind: str) -> None:
    event = update_of("message", {"type": kind, "job": WHOLE})
    assert event.whole
    assert event.job.job_id == "a"


def test_an_unnamed_message_removes_a_job() -> None:
    assert parsed("message", {"type": "job_removed", "jobId": "a"}) == JobRemoved(job_id="a")


def test_a_reset() -> None:
    assert parsed("feed_reset", {"position": 7}) == FeedReset()


@pytest.mark.parametrize("name", ["job_paused", "heartbeat", "Job_started"])
def test_an_event_of_another_name_is_unknown(name: str) -> None:
    assert parsed(name, {"jobId": "a"}) == Unknown(name=name)


def test_an_unnamed_message_of_another_type_is_unknown() -> None:
    assert parsed("message", {"type": "hello"}) == Unknown(name="hello")


@pytest.mark.parametrize("name", ["job_started", "job_progress", "job_completed", "job_removed"])
@pytest.mark.parametrize(
    "data",
    [
        *("", "{", "null", "[]", "7", '"jobId"', "{}", '{"jobId": ""}', '{"jobId": null}'),
        *("[" * 100_000, '{"jobId": true}', '{"jobId": ["a"]}', f'{{"jobId": "{"x" * 1001}"}}'),
    ],
)
def test_an_event_without_a_job_is_malformed(name: str, data: str) -> None:
    event = parse(ServerSentEvent(event=name, data=data))
    assert isinstance(event, Malformed)
    assert event.name == name
    assert event.problem


@pytest.mark.parametrize("data", ["{", '{"type": "job_removed"}', '{"type": "job_update"}'])
def test_an_unnamed_message_about_an_unreadable_job_is_malformed(data: str) -> None:
    assert isinstance(parse(ServerSentEvent("message", data)), Malformed)


@pytest.mark.parametrize(
    "data", ["", "ping", "connected", "null", "[]", "7", '"jobId"', "{}", '{"at": 1}', "[" * 10_000]
)
def test_an_unnamed_message_that_is_about_no_job_is_unknown(data: str) -> None:
    """Other back ends greet so, or show that they are alive."""
    assert parse(ServerSentEvent("message", data)) == Unknown(name="message")


@pytest.mark.parametrize("progress", ['"x"', "NaN", "[]", "null", "true", '""'])
def test_a_field_that_cannot_be_read_does_not_decide_over_the_others(progress: str) -> None:
    data = f'{{"jobId": "a", "progress": {progress}, "title": "March"}}'
    event = parse(ServerSentEvent("job_progress", data))
    assert event == JobUpdate(job_id="a", changes={"title": "March"}, whole=False)


def test_a_state_of_another_name_is_unknown_and_its_name_is_known() -> None:
    job = update_of("job_started", {**WHOLE, "status": "Archived"}).job
    assert (job.status, job.sent_status) == (JobStatus.UNKNOWN, "Archived")


@pytest.mark.parametrize(
    "wrapped",
    [
        {"type": "job_progress", "data": {"job": {"jobId": 7, "progress": "45%"}}},
        {"type": "job_progress", "data": {"jobId": 7, "progress": 45.5}},
        {"type": "job_progress", "job": {"job_id": "7", "progress": "45"}},
        {"type": "job_progress", "payload": {"data": {"jobId": "7", "progress": 45}}},
        {"type": "job_progress", "jobId": 7.0, "progress": 45},
        {"type": "job_progress", "data": {"payload": {"job": {"jobId": 7, "progress": 45}}}},
    ],
)
@pytest.mark.parametrize("name", ["job_progress", "message"])
def test_a_wrapped_job_is_found(name: str, wrapped: dict[str, Any]) -> None:
    event = update_of(name, wrapped)
    assert event.job_id == "7"
    assert event.changes == {"progress": 45, "status": JobStatus.RUNNING}


@pytest.mark.parametrize("before", ["", "\ufeff"])
def test_json_within_json_is_read(before: str) -> None:
    data = json.dumps({"jobId": "7", "progress": 45})
    for sent in (data, json.dumps(data)):
        event = parse(ServerSentEvent("job_progress", before + sent))
        assert isinstance(event, JobUpdate), event
        assert event.changes["progress"] == 45


@pytest.mark.parametrize("name", ["job_created", "job_update"])
def test_the_types_of_unnamed_messages_are_names_too(name: str) -> None:
    assert update_of(name, {"job": WHOLE}).whole
    assert parsed("job_removed", {"data": {"jobId": 7}}) == JobRemoved(job_id="7")


UNREPRESENTABLE_TIMES = [
    "9999-12-31T23:59:59-05:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999",
    "0001-01-01T00:00:00+05:00",
    "0001-01-01T00:00:00Z",
]


@pytest.mark.parametrize("at", UNREPRESENTABLE_TIMES)
def test_a_time_that_not_every_zone_has_is_dropped(at: str) -> None:
    """Seoul has no 9999-12-31T23:59:59Z, and UTC none of New York's."""
    event = update_of("job_started", {**WHOLE, "createdAt": at, "estimatedCompletion": at})
    assert (event.job.created_at, event.job.estimated_completion) == (None, None)
    ended = update_of("job_failed", {"jobId": "a", "failedAt": at, "updatedAt": AT})
    assert (ended.job.status, ended.job.finished_at) == (JobStatus.FAILED, None)
    assert ended.job.updated_at == WHEN


@pytest.mark.parametrize("at", UNREPRESENTABLE_TIMES)
def test_a_required_time_that_not_every_zone_has_is_rejected(at: str) -> None:
    with pytest.raises(ValidationError):
        LogLine.model_validate({"at": at, "level": "info", "message": ""})


@pytest.mark.parametrize(("number", "percent"), [("1e999", 100), ("-5", 0), ("250", 100)])
def test_progress_outside_of_its_range_is_clamped(number: str, percent: int) -> None:
    event = parse(ServerSentEvent("job_progress", f'{{"jobId": "a", "progress": {number}}}'))
    assert isinstance(event, JobUpdate)
    assert event.job.progress == percent


_NAMES = [
    *("job_started", "job_progress", "job_completed", "job_failed", "job_cancelled"),
    *("message", "feed_reset"),
]


@given(st.sampled_from(_NAMES), st.text())
def test_never_raises(name: str, data: str) -> None:
    parse(ServerSentEvent(event=name, data=data))


_ZONES = [timezone(timedelta(hours=hours)) for hours in (-23, -12, 0, 14, 23)]
_DATES = st.datetimes(timezones=st.none() | st.sampled_from(_ZONES)).map(datetime.isoformat)
_VALUES = st.recursive(
    _DATES
    | st.sampled_from(UNREPRESENTABLE_TIMES)
    | st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
_FIELDS = st.sampled_from(
    [
        *("jobId", "status", "progress", "createdAt", "attempt", "completedAt", "failedAt"),
        *("type", "job", "title", "updatedAt", "estimatedCompletion"),
    ]
)


@given(st.sampled_from(_NAMES), st.dictionaries(_FIELDS, _VALUES))
def test_never_raises_on_fields_of_any_kind(name: str, data: dict[str, Any]) -> None:
    parsed(name, data)


_READER = RecordReader()
_TIMES = (
    st.sampled_from([AT, "2026-03-01T19:20:31+09:00", "2026-03-01T10:20", "0001-01-01T00:00Z"])
    | _DATES
    | _VALUES
)


@given(st.lists(_TIMES, max_size=4), st.booleans())
def test_the_times_of_events_are_those_of_each(sent: list[Any], with_another: bool) -> None:
    """The first one shows the reader the fields, so that it reads the others by their types."""
    texts = [json.dumps({"jobId": "a", "progress": 1, "updatedAt": at}) for at in [AT, *sent]]
    events = [parse_late(ServerSentEvent("job_progress", text), _READER) for text in texts][1:]
    events += [parsed("job_started", WHOLE)] if with_another else []
    each = [at for event in events if (at := changed_at(event)) is not None]
    assert times_of(events) == each


def test_the_times_of_no_events() -> None:
    assert times_of([]) == []
