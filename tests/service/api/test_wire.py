"""The service's feed: headers, events of a job, resume, the end of a connection."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from etl_monitor.sse import ServerSentEvent, read_events
from etl_monitor.wire.job import Job, JobStatus
from tests.support.eventually import eventually
from tests.support.people import Person
from tests.support.scripted import Script
from tests.support.service_process import RunningService


def _stream(service: RunningService, path: str = "/etl/jobs/stream", **headers: str) -> Any:
    return service.call("GET", path, headers=headers, stream=True, timeout=20)


def _events(reply: Any) -> Iterator[ServerSentEvent]:
    def chunks() -> Iterator[bytes]:
        while chunk := reply.raw.read1(65536, decode_content=True):
            yield chunk

    return read_events(chunks())


def _until(events: Iterator[ServerSentEvent], name: str, job_id: str) -> list[ServerSentEvent]:
    """Return the job's events up to the first one named `name`."""
    job_events = []
    for event in events:
        if json.loads(event.data)["jobId"] != job_id:
            continue
        job_events.append(event)
        if event.event == name:
            return job_events
    raise AssertionError("the stream ended")


def test_the_headers_of_the_feed(service: RunningService) -> None:
    reply = _stream(service)
    assert reply.headers["Content-Type"].startswith("text/event-stream")
    assert reply.headers["Cache-Control"] == "no-cache"
    assert reply.headers["X-Accel-Buffering"] == "no"
    assert reply.raw.read1(100, decode_content=True).startswith(b":")
    reply.close()


def test_a_job_from_beginning_to_end_on_the_feed(person: Person) -> None:
    reply = _stream(person.service)
    events = _events(reply)
    job_id = person.upload(Script(rows=30))["activeJob"]["jobId"]
    received = _until(events, "job_completed", job_id)
    reply.close()
    assert received[0].event == "job_started"
    assert {event.event for event in received[1:-1]} == {"job_progress"}
    assert json.loads(received[0].data)["status"] == "pending"
    end = json.loads(received[-1].data)
    assert (end["progress"], end["completedAt"]) == (100, end["finishedAt"])
    ids = [int(event.id) for event in received]
    assert ids == sorted(set(ids))
    job = Job.model_validate_json(received[0].data)
    for event in received[1:]:
        job = job.merged(Job.model_validate_json(event.data))
    listed = person.service.data("GET", f"/etl/jobs?q={job_id}")[0]
    assert job == Job.model_validate(listed), "the feed and the list have the same job"


def test_cancel_and_failure_on_the_feed(person: Person) -> None:
    reply = _stream(person.service)
    events = _events(reply)
    test, _ = person.upload_held()
    held = test["activeJob"]["jobId"]
    person.service.data("POST", f"/etl/jobs/{held}/cancel", json={"reason": "why not"})
    received = _until(events, "job_cancelled", held)
    assert any(json.loads(event.data).get("cancelReason") == "why not" for event in received)
    assert json.loads(received[-1].data)["cancelledAt"]
    failing = person.upload(Script(fail=True))["activeJob"]["jobId"]
    end = json.loads(_until(events, "job_failed", failing)[-1].data)
    reply.close()
    assert end["failedAt"]
    assert end["errorMessage"] == "The answers are too bad."


@pytest.mark.parametrize("by", ["header", "address"])
def test_resume_repeats_exactly_what_came_after(person: Person, by: str) -> None:
    reply = _stream(person.service)
    events = _events(reply)
    first = person.upload()["activeJob"]["jobId"]
    begun = _until(events, "job_started", first)[-1]
    reply.close()  # cut off here
    person.job_becomes(first, "completed")
    newest = int(person.service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"])
    if by == "header":
        reply = _stream(person.service, **{"Last-Event-ID": begun.id})
    else:
        reply = _stream(person.service, f"/etl/jobs/stream?lastEventId={begun.id}")
    ids = []
    for event in _events(reply):
        ids.append(int(event.id))
        if ids[-1] >= newest:
            break
    reply.close()
    assert ids == list(range(int(begun.id) + 1, newest + 1))


def test_a_list_and_the_feed_from_its_position_give_the_current_jobs(person: Person) -> None:
    """Lists of different moments, each brought up to date from the feed, end up equal."""
    running = [person.upload(Script(rows=300)) for _ in range(3)]
    lists = [_listed(person) for _ in range(5)]
    for test in running:
        person.job_becomes(test["activeJob"]["jobId"], "completed")
    final, end = _listed(person)
    for jobs, position in lists:
        reply = _stream(person.service, **{"Last-Event-ID": str(position)})
        if position < end:
            _bring_up_to_date(jobs, _events(reply), end)
        reply.close()
        assert jobs == final


def _listed(person: Person) -> tuple[dict[str, Job], int]:
    reply = person.service.call("GET", "/etl/jobs?limit=1000")
    jobs = {job["jobId"]: Job.model_validate(job) for job in reply.json()["data"]}
    return jobs, int(reply.headers["X-Last-Event-Id"])


def _bring_up_to_date(jobs: dict[str, Job], events: Iterator[ServerSentEvent], end: int) -> None:
    for event in events:
        update = Job.model_validate_json(event.data)
        job = jobs.get(update.job_id)
        jobs[update.job_id] = _without_place(job.merged(update)) if job else update
        if int(event.id) == end:
            return


def _without_place(job: Job) -> Job:
    """Only lists give a waiting job's place in the queue; it ends with the waiting."""
    if job.status is JobStatus.PENDING:
        return job
    return job.model_copy(update={"queue_position": None, "expected_start": None})


def test_the_feed_of_one_job(person: Person) -> None:
    job_id = person.processed()["lastJob"]["jobId"]
    reply = _stream(person.service, f"/etl/jobs/{job_id}/stream")
    first = next(_events(reply))
    reply.close()
    assert first.event == "job_started"
    assert json.loads(first.data)["status"] == "completed"


def test_closed_feeds_are_not_counted_as_subscribers(person: Person) -> None:
    replies = [_stream(person.service) for _ in range(5)]
    for reply in replies:
        next(reply.iter_content(1))
        reply.close()
    eventually(lambda: _has_no_subscriber(person))


@pytest.mark.skipif(sys.platform == "win32", reason="no count of open files on Windows")
def test_two_hundred_feeds_leave_nothing_behind(person: Person) -> None:
    """No connection and no thread is left."""
    process = psutil.Process(person.service.process.pid)
    _open_and_close(person, 20)
    eventually(lambda: _has_no_subscriber(person))
    files, threads = process.num_fds(), process.num_threads()
    _open_and_close(person, 200)

    def as_before() -> None:
        _has_no_subscriber(person)
        assert process.num_fds() <= files + 2
        assert process.num_threads() <= threads + 2

    eventually(as_before, within=30)


def _open_and_close(person: Person, count: int) -> None:
    for _ in range(count):
        reply = _stream(person.service)
        next(reply.iter_content(1))
        reply.close()


def _has_no_subscriber(person: Person) -> None:
    person.upload()  # a closed connection is noticed when something is sent
    assert "etl_monitor_feed_subscribers 0.0" in person.service.call("GET", "/metrics").text
