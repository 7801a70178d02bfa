"""One job as the browser gets it: every word in the reader's language, every number formatted."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from etl_monitor.i18n import Texts
from etl_monitor.ui.widgets.error_messages import job_problem
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.ui.widgets.people import person_name
from etl_monitor.wire.job import Job, JobStatus, iso, may_cancel, may_retry
from etl_monitor.wire.roles import Right

_MANY = {Right.CANCEL, Right.RETRY}  # what can be done to several at once
_OVERDUE = 5 / 60  # minutes; of a job of some seconds nobody says that it takes longer than usual
_SHORT = 8  # characters of an id that tell jobs apart for people


def short_id(job_id: str) -> str:
    return job_id[:_SHORT]


def job_name(job: Job) -> str:
    return job.title or f"#{short_id(job.job_id)}"


def job_row(
    job: Job,
    texts: Texts,
    *,
    siblings: Iterable[Job] = (),
    rights: Collection[Right] = frozenset(Right),
) -> dict[str, Any]:
    """`siblings`: the other jobs of the same test, which decide whether it may be retried;
    `rights` of whoever looks: what they may not do has no button."""
    cancels = Right.CANCEL in rights and may_cancel(job)
    retries = Right.RETRY in rights and may_retry(job, siblings)
    return {
        "id": job.job_id,
        "shortId": short_id(job.job_id),
        "status": job.status.value,
        "cancelling": job.is_cancelling,
        "statusText": status_text(job, texts),
        "progress": job.progress,
        "percent": texts.percent(job.progress / 100),
        "title": job_name(job),
        "person": job.user_id or "",
        "askedBy": texts("asked-by", name=person_name(job.requested_by, texts))
        if job.requested_by
        else "",
        "attempt": texts("job-attempt", n=job.attempt) if job.attempt > 1 else "",
        "retryOf": _retry_of(job, texts),
        "step": step_text(job, texts),
        "rows": rows_text(job, texts),
        "eta": eta_text(job, texts),
        "since": _iso(job.started_at or job.created_at),
        "finished": _iso(job.finished_at),
        "finishedText": texts.date_time(job.finished_at),
        "took": _took(job, texts),
        "deadline": _iso(job.cancel_deadline) if job.is_cancelling else None,
        "problem": job_problem(job, texts),
        "select": _named("job-select", job, texts) if _MANY & set(rights) else None,
        "cancel": _named("job-cancel", job, texts) if cancels else None,
        "retry": _named("job-retry", job, texts) if retries else None,
    }


def status_text(job: Job, texts: Texts) -> str:
    return texts("status-cancelling") if job.is_cancelling else status_words(job.status, texts)


def status_words(status: JobStatus, texts: Texts) -> str:
    return texts(f"status-{status}")


def step_text(job: Job, texts: Texts) -> str:
    """`Step 3 of 6: scoring`; the plain name where the back end does not count its steps."""
    if job.status is not JobStatus.RUNNING or not job.current_step:
        return ""
    name = step_name(job.current_step, texts)
    if job.step_index is None or job.step_count is None:
        return name
    return texts("job-step", index=job.step_index, count=job.step_count, name=name)


def step_name(step: str, texts: Texts) -> str:
    """A company's own step has a name of its own, which is shown as it is."""
    key = f"step-{step}"
    return texts(key) if texts.has(key) else step


def rows_text(job: Job, texts: Texts) -> str:
    if job.rows_done is None or not job.rows_total or job.status is not JobStatus.RUNNING:
        return ""
    done, total = texts.number(job.rows_done), texts.number(job.rows_total)
    return texts("job-rows", done=done, total=total)


def _took(job: Job, texts: Texts) -> str:
    """How long it ran; nothing for one that never did."""
    if job.started_at is None or job.finished_at is None:
        return ""
    seconds = (job.finished_at - job.started_at).total_seconds()
    return texts("job-took", time=texts.duration(seconds))


def eta_text(job: Job, texts: Texts) -> str:
    """A band where the service gives one, else its one guess, else nothing."""
    if job.status is not JobStatus.RUNNING or job.is_cancelling:
        return ""
    if job.eta_earliest and job.eta_latest:
        return _band(_minutes(job.eta_earliest), _minutes(job.eta_latest), texts)
    if job.estimated_completion:
        guess = _minutes(job.estimated_completion)
        return _band(guess, guess, texts)
    return ""


def _band(low: float, high: float, texts: Texts) -> str:
    if high <= -_OVERDUE:
        return texts("eta-longer")
    if high < 1:
        return texts("eta-under-a-minute")
    first, last = max(1, round(low)), max(1, round(high))
    if first >= last:
        return texts("eta-about", minutes=last)
    return texts("eta-band", low=first, high=last)


def _minutes(moment: datetime) -> float:
    return (moment - datetime.now(UTC)).total_seconds() / 60


def _retry_of(job: Job, texts: Texts) -> dict[str, str] | None:
    if job.retry_of is None:
        return None
    text = texts("retry-of", id=short_id(job.retry_of))
    return {"text": text, "href": job_address(job.retry_of, texts)}


def _named(key: str, job: Job, texts: Texts) -> str:
    """A button's accessible name: what it does, and to which job."""
    return texts(key, id=short_id(job.job_id))


def _iso(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None
