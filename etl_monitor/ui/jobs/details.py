"""What opens under a job: its facts, its steps with their durations, its attempts, its log."""

from collections.abc import Hashable
from datetime import datetime
from functools import partial

from etl_monitor.errors import EtlMonitorError, NotFound
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs import payloads
from etl_monitor.ui.jobs.facts import as_text, job_facts
from etl_monitor.ui.jobs.labels import status_label, status_text, step_name
from etl_monitor.ui.jobs.problem import log_text
from etl_monitor.ui.live.query_cache import NotReady, QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.wire.job import Job, JobDetail, JobStatus, JobStep, short_id

_MAX_AGE = 1.0  # seconds, of the details of an active job

_cache: QueryCache[JobDetail] = QueryCache()


def job_details(job: Job, ctx: RenderContext) -> payloads.JobDetails | None:
    """Return a job's details as the service has them, the last ones while it does not answer, and
    what the feed sent if the back end has no details. None while the first ones are on their way.
    """
    detail: JobDetail | None
    try:
        detail, problem = _detail(job, ctx), ""
    except NotReady:
        return None
    except EtlMonitorError as error:
        detail, problem = _last_detail(error, job, ctx), _problem(error, ctx.t)
    t, facts = ctx.t, job_facts(job, detail, ctx)
    href = job_address(job.job_id, t)
    if detail is None:
        copy = as_text(job, facts, [], t)
        return {"facts": facts, "problem": problem, "copy": copy, "href": href}
    steps = [_step(step, detail, ctx) for step in detail.steps]
    return {
        "facts": facts,
        "problem": problem,
        "steps": steps,
        "attempts": [_attempt(attempt, job, t) for attempt in detail.family],
        "log": [f"{t.date_time(line.at)}  {log_text(line, t)}" for line in detail.log],
        "copy": as_text(job, facts, steps, t),
        "href": href,
    }


def _detail(job: Job, ctx: RenderContext) -> JobDetail:
    """Request an active job once a second at most, and one at rest when any job has changed its
    status: it may have been retried."""
    is_active = job.status.is_active
    version = (job.status, None if is_active else ctx.snapshot.status_version)
    fetch = partial(ctx.monitoring.client.job, job.job_id)
    return _cache.read(ctx, _key(job, ctx), version, fetch, max_age=_MAX_AGE if is_active else None)


def _last_detail(error: EtlMonitorError, job: Job, ctx: RenderContext) -> JobDetail | None:
    last = _cache.last(_key(job, ctx))
    return None if last is None or isinstance(error, NotFound) else last.value


def _problem(error: EtlMonitorError, t: Translator) -> str:
    """Return why there are no details; nothing if the back end does not have the call, as older
    ones, which send no more than the feed does."""
    lacks_the_call = isinstance(error, NotFound) and error.code != "job_not_found"
    return "" if lacks_the_call else problem_text(error, t)


def _key(job: Job, ctx: RenderContext) -> Hashable:
    return (ctx.monitoring.client.base_url, job.job_id)


def _step(step: JobStep, job: Job, ctx: RenderContext) -> payloads.JobStep:
    t, now = ctx.t, ctx.now
    begin, end = step.started_at, step.finished_at or now
    left, width = _bar(begin, end, job, now) if begin else (0.0, 0.0)
    seconds = (end - begin).total_seconds() if begin and step.finished_at else None
    return {
        "id": step.name,
        "text": step_name(step.name, t),
        "status": step.status.value,
        "statusText": _status_of_step(step, job, t),
        "rows": t("rows", n=step.rows_total) if step.rows_total else "",
        "duration": t.duration(seconds) if seconds is not None else "",
        "left": left,
        "width": width,
    }


def _status_of_step(step: JobStep, job: Job, t: Translator) -> str:
    """A step that was not reached before its job ended does not wait for anything."""
    is_over = job.status.is_final and step.status is JobStatus.PENDING
    return t("status-not-run") if is_over else status_label(step.status, t)


def _bar(begin: datetime, end: datetime, job: Job, now: datetime) -> tuple[float, float]:
    """Return the left end and the width of a step's bar, in per cent of the job's duration. A
    failed step's bar ends with its job, though the step may end a moment later."""
    start = job.started_at or begin
    total = ((job.finished_at or now) - start).total_seconds()
    if total <= 0:
        return 0.0, 100.0
    left = min(1.0, max(0.0, (begin - start).total_seconds() / total))
    width = min(1.0 - left, (end - begin).total_seconds() / total)
    return round(100 * left, 1), round(100 * width, 1)


def _attempt(attempt: Job, shown: Job, t: Translator) -> payloads.JobAttempt:
    text = t("job-attempt", n=attempt.attempt)
    return {
        "id": attempt.job_id,
        "text": f"{text} · {short_id(attempt.job_id)} · {status_text(attempt, t)}",
        "href": job_address(attempt.job_id, t),
        "current": attempt.job_id == shown.job_id,
    }
