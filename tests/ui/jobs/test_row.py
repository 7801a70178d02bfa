"""A job's row in every state, in both languages."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.ui.jobs.row import eta_text, job_row
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.roles import Role, rights
from tests.support import factories
from tests.support.factories import JOB, ago, ahead

Factory = Callable[..., Job]

ENGLISH, KOREAN = Translator("en", "Asia/Seoul"), Translator("ko", "Asia/Seoul")
FACTORIES: dict[str, Factory] = {
    "pending": factories.pending,
    "running": factories.running,
    "cancelling": factories.cancelling,
    "completed": factories.completed,
    "failed": factories.failed,
    "cancelled": factories.cancelled,
}


@pytest.mark.parametrize(
    ("make", "english", "korean", "may"),
    [
        (factories.pending, "Waiting", "대기 중", "cancel"),
        (factories.running, "Running", "실행 중", "cancel"),
        (factories.cancelling, "Cancelling…", "취소 중…", ""),
        (factories.completed, "Completed", "완료", ""),
        (factories.failed, "Failed", "실패", "retry"),
        (factories.cancelled, "Cancelled", "취소됨", "retry"),
    ],
)
def test_each_state_has_its_text_and_its_buttons(
    make: Factory, english: str, korean: str, may: str
) -> None:
    row = job_row(make(), ENGLISH)
    assert row["statusText"] == english
    assert job_row(make(), KOREAN)["statusText"] == korean
    assert {kind for kind in ("cancel", "retry") if row[kind]} == ({may} if may else set())


def test_buttons_name_their_action_and_job() -> None:
    assert job_row(factories.running(), ENGLISH)["cancel"] == "Cancel job 4f2a9c11"
    assert job_row(factories.running(), KOREAN)["cancel"] == "작업 4f2a9c11 취소"
    assert job_row(factories.failed(), ENGLISH)["retry"] == "Retry job 4f2a9c11"
    assert job_row(factories.failed(), KOREAN)["retry"] == "작업 4f2a9c11 재시도"


def test_how_long_a_job_ran() -> None:
    ran = factories.completed(started_at=ago(minutes=2), finished_at=ago(minutes=1))
    assert job_row(ran, ENGLISH)["duration"] == "took 1 min"
    assert job_row(ran, KOREAN)["duration"] == "1분 걸림"
    assert job_row(factories.running(), ENGLISH)["duration"] == ""
    never_ran = factories.cancelled(started_at=None)
    assert job_row(never_ran, ENGLISH)["duration"] == ""


def test_a_running_job() -> None:
    row = job_row(factories.running(), ENGLISH)
    assert row["step"] == "Step 3 of 6: scoring"
    assert row["rows"] == "40,000 of 100,000 rows"
    assert row["eta"] == "10–15 min left"
    assert (row["progress"], row["percent"]) == (40, "40%")
    assert (row["title"], row["person"], row["attempt"]) == ("3월 공채", "kim", "")
    korean = job_row(factories.running(), KOREAN)
    assert korean["step"] == "6단계 중 3단계: 채점"
    assert korean["rows"] == "이 단계 100,000행 중 40,000행"
    assert korean["eta"] == "10~15분 남음"


@pytest.mark.parametrize("state", sorted(set(FACTORIES) - {"running", "cancelling"}))
def test_only_a_running_job_has_steps_rows_and_an_estimate(state: str) -> None:
    job = FACTORIES[state](
        current_step="score", step_index=3, step_count=6, rows_done=1, rows_total=2
    )
    row = job_row(job, ENGLISH)
    assert (row["step"], row["rows"], row["eta"]) == ("", "", "")


def test_a_job_that_is_being_cancelled_counts_down_and_estimates_nothing() -> None:
    row = job_row(factories.cancelling(), ENGLISH)
    assert row["cancelling"]
    assert row["deadline"]
    assert row["eta"] == ""
    assert job_row(factories.cancelled(), ENGLISH)["deadline"] is None
    waiting = factories.pending(cancel_requested_at=ago(seconds=1))
    assert job_row(waiting, ENGLISH)["statusText"] == "Cancelling…"


def test_later_attempts_are_numbered() -> None:
    assert job_row(factories.failed(attempt=3), ENGLISH)["attempt"] == "attempt 3"
    assert job_row(factories.failed(attempt=3), KOREAN)["attempt"] == "3번째 시도"


def test_no_retry_while_another_job_of_the_test_is_active() -> None:
    another = factories.pending(job_id="other")
    assert job_row(factories.failed(), ENGLISH, siblings=[another])["retry"] is None
    ended = factories.completed(job_id="other")
    assert job_row(factories.failed(), ENGLISH, siblings=[ended])["retry"]


def test_a_step_of_a_company_keeps_its_own_name() -> None:
    row = job_row(factories.running(current_step="웹훅 전송"), ENGLISH)
    assert row["step"] == "Step 3 of 6: 웹훅 전송"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", list(JobStatus))
def test_a_row_of_the_original_back_end(status: JobStatus, language: str) -> None:
    row = job_row(factories.original(status), Translator(language))
    assert row["title"] == "#4f2a9c11"
    assert (row["person"], row["attempt"], row["rows"], row["eta"]) == ("", "", "", "")
    is_at_work = status in (JobStatus.RUNNING, JobStatus.UNKNOWN)
    assert row["step"] == ("채점 중" if is_at_work else "")
    assert not [text for text in words_of(row) if text in ("None", "undefined", "null")]


def test_a_job_of_which_only_the_id_is_known() -> None:
    row = job_row(Job(job_id=JOB), ENGLISH)
    assert (row["statusText"], row["startedAt"], row["finishedAt"]) == ("Waiting", None, None)


@pytest.mark.parametrize(
    ("low", "high", "english", "korean"),
    [
        (10.3, 15.3, "10–15 min left", "10~15분 남음"),
        (4.9, 5.2, "about 5 min left", "약 5분 남음"),
        (0.2, 1.3, "about a minute left", "약 1분 남음"),
        (-1.0, 2.3, "1–2 min left", "1~2분 남음"),
        (0.1, 0.8, "less than a minute left", "1분 미만 남음"),
        (-3.0, -0.5, "longer than usual", "평소보다 오래 걸림"),
        (-0.1, -0.05, "less than a minute left", "1분 미만 남음"),  # late by three seconds
    ],
)
def test_an_estimate_is_a_band(low: float, high: float, english: str, korean: str) -> None:
    job = factories.running(eta_earliest=ahead(minutes=low), eta_latest=ahead(minutes=high))
    assert eta_text(job, ENGLISH) == english
    assert eta_text(job, KOREAN) == korean


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(12.3, "about 12 min left"), (0.5, "less than a minute left"), (-1, "longer than usual")],
)
def test_a_single_estimate_is_no_range(minutes: float, said: str) -> None:
    estimate = ahead(minutes=minutes)
    job = factories.original(JobStatus.RUNNING, estimated_completion=estimate)
    assert eta_text(job, ENGLISH) == said


def test_without_an_estimate_there_is_no_text() -> None:
    assert eta_text(factories.running(eta_earliest=None, eta_latest=None), ENGLISH) == ""
    assert eta_text(factories.running(eta_earliest=None), ENGLISH) == ""


def test_rows_are_counted_without_a_total() -> None:
    counted = factories.running(rows_done=3000, rows_total=None, progress=0)
    assert job_row(counted, ENGLISH)["rows"] == "3,000 rows so far"
    assert job_row(counted, KOREAN)["rows"] == "이 단계 현재까지 3,000행"
    assert job_row(counted, ENGLISH)["endless"]
    assert not job_row(factories.running(), ENGLISH)["endless"]
    foreign = factories.running(rows_done=9, rows_total=None, progress=45, step_index=None)
    assert not job_row(foreign, ENGLISH)["endless"], "it knows its progress"


def test_rows_need_a_count_and_a_row() -> None:
    for unknown in ({"rows_total": 0}, {"rows_done": None}):
        assert job_row(factories.running(**unknown), ENGLISH)["rows"] == ""
    assert job_row(factories.running(rows_done=0), ENGLISH)["rows"] == "0 of 100,000 rows"


def words_of(row: Mapping[str, Any]) -> list[str]:
    return [value for value in row.values() if isinstance(value, str)]


def test_without_the_right_there_is_no_button() -> None:
    for job in (factories.running(), factories.failed()):
        row = job_row(job, ENGLISH, rights=rights(Role.VIEWER))
        assert (row["cancel"], row["retry"], row["select"]) == (None, None, None)
    assert job_row(factories.running(), ENGLISH, rights=rights(Role.OPERATOR))["cancel"]


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Unknown state: Archived"), ("ko", "알 수 없는 상태: Archived")],
)
def test_a_job_of_an_unknown_state_shows_what_is_known(language: str, text: str) -> None:
    fields = {"status": JobStatus.UNKNOWN, "sent_status": "Archived"}
    job = factories.running().model_copy(update=fields)
    row = job_row(job, Translator(language))
    assert (row["status"], row["statusText"], row["progress"]) == ("unknown", text, 40)
    assert row["rows"]
    assert row["step"]
    assert row["cancel"], "the service decides"


def test_times_are_compared_by_the_services_clock() -> None:
    """As of a service whose times are nine hours ahead."""
    offset = timedelta(hours=9)
    job = factories.running(
        started_at=factories.ago(minutes=4) + offset,
        eta_earliest=factories.ahead(minutes=10.3) + offset,
        eta_latest=factories.ahead(minutes=15.3) + offset,
    )
    row = job_row(job, ENGLISH, clock_offset=offset)
    assert row["startedAt"] is not None
    elapsed = datetime.now(UTC) - datetime.fromisoformat(row["startedAt"])
    assert timedelta(minutes=4) <= elapsed < timedelta(minutes=6)
    assert "10" in row["eta"]


def test_a_row_is_made_once_for_all_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in a drawing with another filter, and for a session with a translator of its own."""
    job, made = factories.completed(), []

    def name(job: Job, t: Translator) -> str:
        made.append((job, t))
        return "n"

    monkeypatch.setattr("etl_monitor.ui.jobs.row.job_name", name)
    row = job_row(job, ENGLISH)
    assert job_row(job, Translator("en", "Asia/Seoul")) == row
    assert made == [(job, ENGLISH)]
    assert job_row(job, KOREAN) != row
    job_row(job, Translator("en", "Europe/Paris"))
    job_row(job, ENGLISH, rights=rights(Role.VIEWER))
    job_row(job, ENGLISH, clock_offset=timedelta(seconds=9))
    assert len(made) == 5


def test_a_changed_job_has_another_row() -> None:
    """An equal one too: a snapshot has the same object as long as nothing changes."""
    before, after = factories.running(progress=40), factories.running(progress=41)
    assert job_row(before, ENGLISH)["progress"] == 40
    assert job_row(after, ENGLISH)["progress"] == 41
    assert job_row(before.model_copy(), ENGLISH) == job_row(before, ENGLISH)


def test_what_others_or_the_time_decide_is_made_each_time() -> None:
    failed = factories.failed()
    assert job_row(failed, ENGLISH)["retry"]
    assert job_row(failed, ENGLISH, siblings=[factories.running()])["retry"] is None
    assert job_row(failed, ENGLISH)["retry"]
