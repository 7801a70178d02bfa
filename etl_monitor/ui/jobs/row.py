"""One job as the browser gets it: texts in the reader's language, numbers formatted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Generic, TypeVar

from etl_monitor.i18n.translator import Translator
from etl_monitor.plain_text import visible
from etl_monitor.ui.jobs.labels import job_name, status_text, step_name
from etl_monitor.ui.jobs.payloads import JobRow, Link
from etl_monitor.ui.jobs.problem import job_problem
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.ui.widgets.people import person_name
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import Job, JobStatus, may_cancel, may_retry, short_id
from etl_monitor.wire.roles import Right

_AT_WORK = (JobStatus.RUNNING, JobStatus.UNKNOWN)  # of which steps and rows are shown
_BULK_RIGHTS = {Right.CANCEL, Right.RETRY}  # for what can be done to several jobs at once
_OVERDUE = 5 / 60  # minutes; less is no delay, as jobs of a few seconds would always be late
_REMEMBERED = 2048  # rows

J = TypeVar("J", bound=Job, covariant=True)


@dataclass(frozen=True, eq=False)
class Same(Generic[J]):
    """A job as a key: equal only to the same object. A snapshot's jobs never change, so what was
    made of one holds in all drawings that show it."""

    job: J

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.job is other.job

    def __hash__(self) -> int:
        return id(self.job)


def job_row(
    job: Job,
    t: Translator,
    *,
    siblings: Iterable[Job] = (),
    rights: Collection[Right] = frozenset(Right),
    clock_offset: timedelta = timedelta(),
) -> JobRow:
    """Return the row of `job`. `siblings` are the other jobs of the same test, which decide whether
    it may be retried; `rights` are the reader's: what they do not permit has no button.
    `clock_offset`: the service's clock minus ours; the browser compares with ours."""
    has_retry = Right.RETRY in rights and may_retry(job, siblings)
    return {
        **_lasting(Same(job), t, frozenset(rights), clock_offset),
        "retryOf": _retry_of(job, t),
        "eta": eta_text(job, t, clock_offset),
        "retry": _accessible_name("job-retry", job, t) if has_retry else None,
    }


@lru_cache(maxsize=_REMEMBERED)
def _lasting(
    same: Same[Job], t: Translator, rights: frozenset[Right], clock_offset: timedelta
) -> JobRow:
    """Return the row without what depends on the time, on other jobs or on who serves the page."""
    job = same.job

    def at(moment: datetime | None) -> str | None:
        return iso(moment - clock_offset) if moment else None

    has_cancel = Right.CANCEL in rights and may_cancel(job)
    has_promote = Right.PROMOTE in rights and job.status is JobStatus.PENDING
    return {
        "id": job.job_id,
        "shortId": short_id(job.job_id),
        "status": job.status.value,
        "cancelling": job.is_cancelling,
        "statusText": status_text(job, t),
        "progress": job.progress,
        "endless": _is_endless(job),
        "percent": t.percent(job.progress / 100),
        "title": job_name(job, t),
        "person": visible(job.user_id or ""),
        "requestedBy": _requested_by(job, t),
        "attempt": t("job-attempt", n=job.attempt) if job.attempt > 1 else "",
        "retryOf": None,
        "step": step_text(job, t),
        "rows": rows_text(job, t),
        "eta": "",
        "startedAt": at(job.started_at or job.created_at),
        "finishedAt": at(job.finished_at),
        "finishedText": t.date_time(job.finished_at),
        "duration": _duration(job, t),
        "deadline": at(job.cancel_deadline) if job.is_cancelling else None,
        "problem": job_problem(job, t),
        "select": _accessible_name("job-select", job, t) if _BULK_RIGHTS & rights else None,
        "cancel": _accessible_name("job-cancel", job, t) if has_cancel else None,
        "retry": None,
        "promote": _accessible_name("job-promote", job, t) if has_promote else None,
    }


def step_text(job: Job, t: Translator) -> str:
    """Return `Step 3 of 6: scoring`; the name alone if the back end does not count its steps. Of a
    job that waits again, why it does."""
    if job.status is JobStatus.PENDING and job.restarts:
        return t("job-restarted")
    if job.status not in _AT_WORK or not job.current_step:
        return ""
    name = step_name(job.current_step, t)
    if job.step_index is None or job.step_count is None:
        return name
    return t("job-step", index=job.step_index, count=job.step_count, name=name)


def rows_text(job: Job, t: Translator) -> str:
    if job.rows_done is None or job.rows_total == 0 or job.status not in _AT_WORK:
        return ""
    if job.rows_total is None:
        return t("job-rows-so-far", n=job.rows_done)
    done, total = t.number(job.rows_done), t.number(job.rows_total)
    return t("job-rows", done=done, total=total)


def _is_endless(job: Job) -> bool:
    """Whether rows are counted, but not known how many there are. A back end that does not name the
    step may know the progress all the same."""
    has_progress = job.progress > 0 and job.step_index is None
    is_counted = job.rows_done is not None and job.rows_total is None
    return job.status is JobStatus.RUNNING and is_counted and not has_progress


def _duration(job: Job, t: Translator) -> str:
    """Return how long an ended job ran; nothing if it never started."""
    if job.started_at is None or job.finished_at is None:
        return ""
    seconds = (job.finished_at - job.started_at).total_seconds()
    return t("job-took", time=t.duration(seconds))


def eta_text(job: Job, t: Translator, clock_offset: timedelta = timedelta()) -> str:
    """Return the estimated time left: a range, or one number if the back end sends only that."""
    if job.status is not JobStatus.RUNNING or job.is_cancelling:
        return ""
    now = datetime.now(UTC) + clock_offset
    if job.eta_earliest and job.eta_latest:
        return _range_text(_minutes(job.eta_earliest, now), _minutes(job.eta_latest, now), t)
    if job.estimated_completion:
        minutes = _minutes(job.estimated_completion, now)
        return _range_text(minutes, minutes, t)
    return ""


def _range_text(low: float, high: float, t: Translator) -> str:
    if high <= -_OVERDUE:
        return t("eta-longer")
    if high < 1:
        return t("eta-under-a-minute")
    return _band_text(max(1, round(low)), max(1, round(high)), t)


@lru_cache(maxsize=_REMEMBERED)
def _band_text(first: int, last: int, t: Translator) -> str:
    if first >= last:
        return t("eta-about", minutes=last)
    return t("eta-band", low=first, high=last)


def _minutes(moment: datetime, now: datetime) -> float:
    return (moment - now).total_seconds() / 60


def _requested_by(job: Job, t: Translator) -> str:
    return t("requested-by", name=person_name(job.requested_by, t)) if job.requested_by else ""


def _retry_of(job: Job, t: Translator) -> Link | None:
    if job.retry_of is None:
        return None
    text = t("retry-of", n=max(1, job.attempt - 1))
    return {"text": text, "href": job_address(job.retry_of, t)}


def _accessible_name(key: str, job: Job, t: Translator) -> str:
    """Return a button's name for screen readers: what it does, and to which job."""
    return t(key, id=short_id(job.job_id))
