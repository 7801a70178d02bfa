"""Two requests that exclude each other, again and again: one succeeds, the other gets a 409.

Each race is two requests over open connections, released by a barrier; or one request and a worker
about to complete its job. Nothing is simulated.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest

from etl_monitor.sse import read_events
from tests.support.combinations import CELERY, LOCAL
from tests.support.contenders import Answer, Contender, Course, side_by_side
from tests.support.installation import Installation
from tests.support.racing import SETTING, FinishLine
from tests.support.service_process import RunningService

RACES = {LOCAL: 1000, CELERY: 200}
COURSES = 4  # side by side; each has its share of the races
DELETIONS = 20
WORKERS = 2
ENDS = {"job_completed": "completed", "job_failed": "failed", "job_cancelled": "cancelled"}


@pytest.fixture(scope="module")
def own(
    combination: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    setting = {"ETL_MONITOR_WORKERS": str(WORKERS), **combination}
    with Installation(tmp_path_factory.mktemp("races"), setting, base=SETTING) as installation:
        yield installation.service


@pytest.fixture
def laps(request: pytest.FixtureRequest) -> int:
    """The races of each course."""
    return RACES[request.node.callspec.params["combination"]] // COURSES


@pytest.fixture
def courses(own: RunningService) -> Iterator[list[Course]]:
    with _new_courses(own) as courses:
        yield courses


@contextmanager
def _new_courses(service: RunningService) -> Iterator[list[Course]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Course(service))) for _ in range(COURSES)]


@contextmanager
def _busy(service: RunningService) -> Iterator[None]:
    """Occupy all workers, so that new jobs stay pending."""
    with closing(FinishLine()) as line, closing(Contender(service)) as contender:
        for _ in range(WORKERS):
            contender.upload(line)
        arrived = [line.arrival() for _ in range(WORKERS)]
        yield
        for arrival in arrived:
            arrival.let_go(rows=1)


def _complete(course: Course) -> None:
    course.line.arrival().let_go(rows=1)
    assert course.first.wait_for_end(course.first_job) == "completed"


def _cancel(course: Course, job_id: str) -> None:
    assert course.first.post(f"/etl/jobs/{job_id}/cancel").status == 202


def _winner(answers: Sequence[Answer]) -> str:
    """Return the id of the new job, because of which the other request was rejected."""
    won, lost = sorted(answers, key=lambda answer: answer.status)
    assert won.status == 202, answers
    assert lost == Answer(status=409, code="test_already_processing", job_id=won.job_id)
    return won.job_id


@pytest.mark.long
def test_retry_against_retry(own: RunningService, laps: int) -> None:
    """Both retry the newest attempt, or both the first one. All attempts wait: one that a worker
    had begun would end only at its deadline."""

    def run(course: Course) -> None:
        newest = course.first_job
        _cancel(course, newest)
        for lap in range(laps):
            retried = newest if lap % 2 else course.first_job
            newest = _winner(course.post(f"/etl/jobs/{retried}/retry"))
            _cancel(course, newest)

    with _busy(own), _new_courses(own) as courses:
        side_by_side(courses, run)
        for course in courses:
            jobs = course.jobs()
            assert [job["attempt"] for job in jobs] == list(range(1, laps + 2))
            assert {job["rootId"] for job in jobs} == {course.first_job}
            assert {job["status"] for job in jobs} == {"cancelled"}
        _each_ended_once(own, courses)


@pytest.mark.long
def test_reprocess_against_reprocess(own: RunningService, courses: list[Course], laps: int) -> None:
    side_by_side(courses, _complete)

    def run(course: Course) -> None:
        for _ in range(laps):
            _cancel(course, _winner(course.post("/etl/process", _reprocess(course))))

    with _busy(own):
        side_by_side(courses, run)
    for course in courses:
        ends = Counter(job["status"] for job in course.jobs())
        assert ends == {"completed": 1, "cancelled": laps}
        assert {job["attempt"] for job in course.jobs()} == {1}
        assert course.first.get(f"/tests/results/{course.test['id']}")["respondents"] == 1
    _each_ended_once(own, courses)


@pytest.mark.long
def test_cancel_against_completion(own: RunningService, courses: list[Course], laps: int) -> None:
    """A job whose cancel was accepted never completes, and the reverse. The results are those of
    the last completed job, known by its number of respondents.
    """
    ends: dict[str, str] = {}

    def run(course: Course) -> None:
        job_id, respondents = course.first_job, None
        for lap in range(laps):
            if lap:
                job_id = course.first.post("/etl/process", _reprocess(course)).job_id
            ends[job_id] = _cancelled_at_the_end(course, job_id, rows=lap)
            respondents = lap if ends[job_id] == "completed" else respondents
        assert course.first.get(f"/tests/results/{course.test['id']}")["respondents"] == respondents

    side_by_side(courses, run)
    statuses = {job["jobId"]: job["status"] for course in courses for job in course.jobs()}
    assert {job_id: statuses[job_id] for job_id in ends} == ends
    assert len(ends) == laps * COURSES
    assert set(ends.values()) == {"completed", "cancelled"}, "neither side may win every race"
    _each_ended_once(own, courses)


def _cancelled_at_the_end(course: Course, job_id: str, *, rows: int) -> str:
    """Return how the job must have ended, judging by the reply to the cancel."""
    arrived = course.line.arrival()
    _, answer = course.race(
        lambda: arrived.let_go(rows), lambda: course.second.post(f"/etl/jobs/{job_id}/cancel")
    )
    if answer.status == 202:
        course.first.wait_for_end(job_id)
        return "cancelled"
    assert (answer.status, answer.code) == (409, "job_not_cancellable")
    return "completed"


def _reprocess(course: Course) -> Any:
    return {"userId": "kim", "anpSeq": course.test["anpSeq"], "forceReprocess": True}


def test_delete_against_reprocess(own: RunningService) -> None:
    for _ in range(DELETIONS):
        with closing(Course(own)) as course:
            _complete(course)
            _delete_while_reprocessing(course)


def _delete_while_reprocessing(course: Course) -> None:
    deleted, processed = course.race(
        lambda: course.first.delete(f"/tests/results/{course.test['id']}"),
        lambda: course.second.post("/etl/process", _reprocess(course)),
    )
    codes = (deleted.status, deleted.code), (processed.status, processed.code)
    assert codes in (
        ((200, ""), (404, "test_not_found")),
        ((409, "test_is_processing"), (202, "")),
    )
    if processed.status == 202:
        assert deleted.job_id == processed.job_id
        course.line.arrival().let_go(rows=2)
        assert course.first.wait_for_end(processed.job_id) == "completed"


def _each_ended_once(service: RunningService, courses: list[Course]) -> None:
    """Check in the whole feed that each job started once, ended as its status says, and has no
    event after that."""
    by_job = _event_names(service)
    for course in courses:
        for job in course.jobs():
            names = by_job[job["jobId"]]
            assert names[0] == "job_started"
            assert ENDS[names[-1]] == job["status"]
            assert sum(name in ENDS for name in names) == 1
            assert names.count("job_started") == 1


def _event_names(service: RunningService) -> dict[str, list[str]]:
    """Return the names of all events so far, by job."""
    last = service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"]
    by_job: dict[str, list[str]] = defaultdict(list)
    with service.call(
        "GET", "/etl/jobs/stream", headers={"Last-Event-ID": "0"}, stream=True
    ) as feed:
        for event in read_events(feed.iter_content(None)):
            by_job[json.loads(event.data)["jobId"]].append(event.event)
            if event.id == last:
                return by_job
    raise AssertionError("the feed ended early")
