"""What opens under a job: its facts, its steps with their durations, its attempts, its log."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypedDict

from etl_monitor.errors import EtlMonitorError, NotFound
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs import payloads
from etl_monitor.ui.jobs.facts import as_text, job_facts
from etl_monitor.ui.jobs.labels import status_label, status_text, step_name
from etl_monitor.ui.jobs.problem import log_text
from etl_monitor.ui.jobs.row import Same
from etl_monitor.ui.live.last_made import LastMade
from etl_monitor.ui.live.query_cache import NotReady, QueryCache
from etl_monitor.ui.live.test_kinds import kind_name
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.wire.job import Job, JobDetail, JobStatus, JobStep, short_id

_MAX_AGE = 1.0  # seconds, of the details of an active job
_MAX_OPEN = 512  # jobs that are open somewhere; beyond, their details are requested again and again

_cache: QueryCache[JobDetail] = QueryCache(_MAX_OPEN)


class _Parts(TypedDict):
    steps: Sequence[payloads.JobStep]
    attempts: Sequence[payloads.JobAttempt]
    log: Sequence[str]


# Made once for all drawings that show it.
_payloads: LastMade[payloads.JobDetails] = LastMade(_MAX_OPEN)
_parts_of_replies: LastMade[_Parts] = LastMade(_MAX_OPEN)


@dataclass(frozen=True, kw_only=True)
class DetailsView(View):
    """An open job, drawn once for all who have opened it, whatever list they see it in. `job`: as
    the page has it, while the store does not have it."""

    job_id: str
    job: Job | None = None
    name: str = "details"

    def render(self, ctx: RenderContext) -> payloads.DetailsPayload:
        job = ctx.snapshot.jobs.get(self.job_id, self.job)
        return {"details": job_details(self.job_id, job, ctx)}

    def identity(self) -> Hashable:
        return self.job_id


def job_details(job_id: str, job: Job | None, ctx: RenderContext) -> payloads.JobDetails | None:
    """Return a job's details as the service has them, the last ones while it does not answer, and
    what the feed sent if the back end has no details. None while the first ones are on their way.
    """
    detail: JobDetail | None
    try:
        detail, problem = _detail(job_id, job, ctx), ""
    except NotReady:
        return None
    except EtlMonitorError as error:
        detail, problem = _last_detail(error, job_id, ctx), _problem(error, ctx.t)
    job = job or detail
    if job is None:
        return {"facts": [], "problem": problem, "copy": "", "href": job_address(job_id, ctx.t)}
    made_of = (Same(job), Same(detail) if detail else None, problem, _kind(job, detail, ctx))
    key = (job_id, ctx.t, ctx.clock_offset)
    return _payloads.get(key, made_of, lambda: _payload(*made_of, ctx.t, ctx.clock_offset))


def _payload(
    same: Same[Job],
    reply: Same[JobDetail] | None,
    problem: str,
    kind: str,
    t: Translator,
    clock_offset: timedelta,
) -> payloads.JobDetails:
    job, detail = same.job, reply.job if reply else None
    facts, href = job_facts(job, detail, kind, t), job_address(job.job_id, t)
    if reply is None:
        copy = as_text(job, facts, [], t)
        return {"facts": facts, "problem": problem, "copy": copy, "href": href}
    key = (job.job_id, t, clock_offset)
    parts = _parts_of_replies.get(key, reply, lambda: _parts(reply.job, t, clock_offset))
    copy = as_text(job, facts, parts["steps"], t)
    return {"facts": facts, "problem": problem, "copy": copy, "href": href, **parts}


def _kind(job: Job, detail: JobDetail | None, ctx: RenderContext) -> str:
    """Return the kind's name, or its key where the service has no details."""
    if not job.test_kind:
        return ""
    return kind_name(job.test_kind, ctx) if detail else job.test_kind


def _detail(job_id: str, job: Job | None, ctx: RenderContext) -> JobDetail:
    """Request an active job once a second at most, and one at rest when its test's newest job has
    changed: it may have been retried. Only the first reply is waited for."""
    key = _key(job_id, ctx)
    if _cache.last(key) is not None:
        ctx = replace(ctx, may_wait=False)
    is_at_rest = job is not None and job.status.is_final
    fetch = partial(ctx.monitoring.client.job, job_id)
    max_age = None if is_at_rest else _MAX_AGE
    return _cache.read(ctx, key, _version(job, ctx), fetch, max_age=max_age)


def _version(job: Job | None, ctx: RenderContext) -> Hashable:
    if job is None:
        return ctx.snapshot.status_version
    if job.status.is_active:
        return job.status
    if job.test_id is None:
        return job.status, ctx.snapshot.status_version
    newest = ctx.snapshot.jobs.get(ctx.snapshot.latest_by_test.get(job.test_id, ""))
    return job.status, newest and (newest.job_id, newest.status)


def _last_detail(error: EtlMonitorError, job_id: str, ctx: RenderContext) -> JobDetail | None:
    last = _cache.last(_key(job_id, ctx))
    return None if last is None or isinstance(error, NotFound) else last.value


def _problem(error: EtlMonitorError, t: Translator) -> str:
    """Return why there are no details; nothing if the back end does not have the call, as older
    ones, which send no more than the feed does."""
    lacks_the_call = isinstance(error, NotFound) and error.code != "job_not_found"
    return "" if lacks_the_call else problem_text(error, t)


def _key(job_id: str, ctx: RenderContext) -> Hashable:
    return (ctx.monitoring.client.base_url, job_id)


def _parts(detail: JobDetail, t: Translator, clock_offset: timedelta) -> _Parts:
    """Return what only a reply changes."""
    now = datetime.now(UTC) + clock_offset
    return {
        "steps": [_step(step, detail, t, now) for step in detail.steps],
        "attempts": [_attempt(attempt, detail, t) for attempt in detail.family],
        "log": [f"{t.date_time(line.at)}  {log_text(line, t)}" for line in detail.log],
    }


def _step(step: JobStep, job: Job, t: Translator, now: datetime) -> payloads.JobStep:
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
