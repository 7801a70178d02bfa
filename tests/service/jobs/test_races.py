"""Two ask for what only one can have, a thousand times: one outcome, and a 409 for who is late.

Each race is two requests, over connections that stay open, that a barrier lets go; or one, and a
worker that has only to complete. Nothing is simulated.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest

from etl_monitor.sse import read_events
from tests.support.contenders import Answer, Contender, Course, side_by_side
from tests.support.racing import SETTING, FinishLine
from tests.support.service_process import RunningService, running_service

RACES = 1000
COURSES = 4  # side by side; each has its share of the races
LAPS = RACES // COURSES
DELETIONS = 20
WORKERS = 2
ENDS = {"job_completed": "completed", "job_failed": "failed", "job_cancelled": "cancelled"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    setting = SETTING | {"ETL_MONITOR_WORKERS": str(WORKERS)}
    with running_service(tmp_path_factory.mktemp("races") / "data", env=setting) as running:
        yield running


@pytest.fixture
def courses(own: RunningService) -> Iterator[list[Course]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Course(own))) for _ in range(COURSES)]


@contextmanager
def _busy(service: RunningService) -> Iterator[None]:
    """All workers have a job that does not end: whatever is asked for now waits."""
    with closing(FinishLine()) as line, closing(Contender(service)) as somebody:
        for _ in range(WORKERS):
            somebody.upload(line)
        arrived = [line.arrival() for _ in range(WORKERS)]
        yield
        for one in arrived:
            one.let_go(rows=1)


def _complete(course: Course) -> None:
    course.line.arrival().let_go(rows=1)
    assert course.one.sees_end(course.first_job) == "completed"


def _cancel(course: Course, job_id: str) -> None:
    assert course.one.post(f"/etl/jobs/{job_id}/cancel").status == 202


def _winner(answers: Sequence[Answer]) -> str:
    """The new job. The loser was refused because of it."""
    won, lost = sorted(answers, key=lambda answer: answer.status)
    assert won.status == 202, answers
    assert lost == Answer(status=409, code="test_already_processing", job_id=won.job_id)
    return won.job_id


@pytest.mark.long
def test_retry_against_retry(own: RunningService, courses: list[Course]) -> None:
    """Of the newest attempt, or of the first one."""
    side_by_side(courses, lambda course: _cancel(course, course.first_job))

    def laps(course: Course) -> None:
        newest = course.first_job
        for lap in range(LAPS):
            asked = newest if lap % 2 else course.first_job
            newest = _winner(course.post(f"/etl/jobs/{asked}/retry"))
            _cancel(course, newest)

    with _busy(own):
        side_by_side(courses, laps)
    for course in courses:
        jobs = course.jobs()
        assert [job["attempt"] for job in jobs] == list(range(1, LAPS + 2))
        assert {job["rootId"] for job in jobs} == {course.first_job}
        assert {job["status"] for job in jobs} == {"cancelled"}
    _each_ended_once(own, courses)


@pytest.mark.long
def test_reprocess_against_reprocess(own: RunningService, courses: list[Course]) -> None:
    side_by_side(courses, _complete)

    def laps(course: Course) -> None:
        for _ in range(LAPS):
            _cancel(course, _winner(course.post("/etl/process", _reprocess(course))))

    with _busy(own):
        side_by_side(courses, laps)
    for course in courses:
        ends = Counter(job["status"] for job in course.jobs())
        assert ends == {"completed": 1, "cancelled": LAPS}
        assert {job["attempt"] for job in course.jobs()} == {1}
        assert course.one.get(f"/tests/results/{course.test['id']}")["respondents"] == 1
    _each_ended_once(own, courses)


@pytest.mark.long
def test_cancel_against_completion(own: RunningService, courses: list[Course]) -> None:
    """Who is told that a job is being cancelled never finds it completed, and the reverse. The
    results are those of the last job that completed: each job has its own number of respondents.
    """
    ends: dict[str, str] = {}

    def laps(course: Course) -> None:
        job_id, respondents = course.first_job, None
        for lap in range(LAPS):
            if lap:
                job_id = course.one.post("/etl/process", _reprocess(course)).job_id
            ends[job_id] = _cancelled_at_the_end(course, job_id, rows=lap)
            respondents = lap if ends[job_id] == "completed" else respondents
        assert course.one.get(f"/tests/results/{course.test['id']}")["respondents"] == respondents

    side_by_side(courses, laps)
    told = {job["jobId"]: job["status"] for course in courses for job in course.jobs()}
    assert {job_id: told[job_id] for job_id in ends} == ends
    assert len(ends) == RACES
    assert set(ends.values()) == {"completed", "cancelled"}, (
        "no race is won by the same side always"
    )
    _each_ended_once(own, courses)


def _cancelled_at_the_end(course: Course, job_id: str, *, rows: int) -> str:
    """How it must have ended, by what the person who cancelled was told. Over when this returns."""
    arrived = course.line.arrival()
    _, told = course.race(
        lambda: arrived.let_go(rows), lambda: course.other.post(f"/etl/jobs/{job_id}/cancel")
    )
    if told.status == 202:
        course.one.sees_end(job_id)
        return "cancelled"
    assert (told.status, told.code) == (409, "job_not_cancellable")
    return "completed"


def _reprocess(course: Course) -> Any:
    return {"userId": "kim", "anpSeq": course.test["anpSeq"], "forceReprocess": True}


def test_delete_against_reprocess(own: RunningService) -> None:
    for _ in range(DELETIONS):
        with closing(Course(own)) as course:
            _complete(course)
            _deleted_while_asked_for(course)


def _deleted_while_asked_for(course: Course) -> None:
    deleted, processed = course.race(
        lambda: course.one.delete(f"/tests/results/{course.test['id']}"),
        lambda: course.other.post("/etl/process", _reprocess(course)),
    )
    codes = (deleted.status, deleted.code), (processed.status, processed.code)
    assert codes in (
        ((200, ""), (404, "test_not_found")),
        ((409, "test_is_processing"), (202, "")),
    )
    if processed.status == 202:
        assert deleted.job_id == processed.job_id
        course.line.arrival().let_go(rows=2)
        assert course.one.sees_end(processed.job_id) == "completed"


def _each_ended_once(service: RunningService, courses: list[Course]) -> None:
    """By the feed, from its beginning: born, ended as its job says, and silent from then on."""
    told = _told(service)
    for course in courses:
        for job in course.jobs():
            names = told[job["jobId"]]
            assert names[0] == "job_started"
            assert ENDS[names[-1]] == job["status"]
            assert sum(name in ENDS for name in names) == 1
            assert names.count("job_started") == 1


def _told(service: RunningService) -> dict[str, list[str]]:
    """The names of all events so far, by job."""
    last = service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"]
    found: dict[str, list[str]] = defaultdict(list)
    with service.call(
        "GET", "/etl/jobs/stream", headers={"Last-Event-ID": "0"}, stream=True
    ) as feed:
        for event in read_events(feed.iter_content(None)):
            found[json.loads(event.data)["jobId"]].append(event.event)
            if event.id == last:
                return found
    raise AssertionError("the feed ended early")
