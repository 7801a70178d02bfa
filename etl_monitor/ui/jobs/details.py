"""What opens under a job: its facts, its steps with their durations, its family, its log."""

import time
from collections.abc import Hashable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from etl_monitor.errors import EtlMonitorError, NotFound
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.facts import Fact, as_text, job_facts
from etl_monitor.ui.jobs.labels import status_text, status_words, step_name
from etl_monitor.ui.jobs.problem import log_text
from etl_monitor.ui.live.query_cache import QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.wire.job import Job, JobDetail, JobStep, short_id

_told: QueryCache[JobDetail] = QueryCache()


def details(job: Job, ctx: RenderContext) -> dict[str, Any]:
    """Asks the service; while it does not answer, what it told last; a back end that has no details
    shows what the feed told."""
    told: JobDetail | None
    try:
        told, problem = _ask(job, ctx), ""
    except EtlMonitorError as error:
        told, problem = _told_before(error, job, ctx), _why_no_more(error, ctx.t)
    facts = job_facts(job, told, ctx)
    return {"facts": facts, "problem": problem} | _more(job, told, facts, ctx.t)


def _more(job: Job, told: JobDetail | None, facts: list[Fact], t: Translator) -> dict[str, Any]:
    """What only the service knows, and all of it as one text."""
    if told is None:
        return {"copy": as_text(job, facts, [], "", t)}
    steps, log = [_step(step, told, t) for step in told.steps], _log(told, t)
    return {
        "steps": steps,
        "attempts": [_relative(one, job, t) for one in told.family],
        "log": log,
        "copy": as_text(job, facts, steps, log, t),
    }


def _why_no_more(error: EtlMonitorError, t: Translator) -> str:
    """Nothing, where the back end does not have the call: older ones tell no more than the feed."""
    lacks_the_call = isinstance(error, NotFound) and error.code != "job_not_found"
    return "" if lacks_the_call else problem_text(error, t)


def _ask(job: Job, ctx: RenderContext) -> JobDetail:
    """A job that moves is asked about once a second at most, one that rests when something
    happened to any job: it may have been retried."""
    is_active = job.status.is_active
    mark = (job.status, int(time.monotonic()) if is_active else ctx.snapshot.status_version)
    return _told(_question(job, ctx), mark, partial(ctx.monitoring.client.job, job.job_id))


def _told_before(error: EtlMonitorError, job: Job, ctx: RenderContext) -> JobDetail | None:
    last = _told.last(_question(job, ctx))
    return None if last is None or isinstance(error, NotFound) else last.value


def _question(job: Job, ctx: RenderContext) -> Hashable:
    return (ctx.monitoring.client.base_url, job.job_id)


def _step(step: JobStep, job: Job, t: Translator) -> dict[str, Any]:
    """`left` and `width` in percent of the whole job: a bar on its timeline."""
    begin, end = step.started_at, step.finished_at or datetime.now(UTC)
    left, width = _place(begin, end, job) if begin else (0.0, 0.0)
    took = (end - begin).total_seconds() if begin and step.finished_at else None
    return {
        "name": step.name,
        "text": step_name(step.name, t),
        "status": step.status.value,
        "statusText": status_words(step.status, t),
        "rows": t("rows", n=step.rows_total) if step.rows_total else "",
        "duration": t.duration(took) if took is not None else "",
        "left": left,
        "width": width,
    }


def _place(begin: datetime, end: datetime, job: Job) -> tuple[float, float]:
    start = job.started_at or begin
    whole = ((job.finished_at or datetime.now(UTC)) - start).total_seconds()
    if whole <= 0:
        return 0.0, 100.0
    left = min(1.0, max(0.0, (begin - start).total_seconds() / whole))
    width = min(
        1.0 - left, (end - begin).total_seconds() / whole
    )  # a failed step ends with its job
    return round(100 * left, 1), round(100 * width, 1)


def _relative(one: Job, shown: Job, t: Translator) -> dict[str, Any]:
    text = t("job-attempt", n=one.attempt)
    return {
        "id": one.job_id,
        "text": f"{text} · {short_id(one.job_id)} · {status_text(one, t)}",
        "href": job_address(one.job_id, t),
        "current": one.job_id == shown.job_id,
    }


def _log(told: JobDetail, t: Translator) -> str:
    return "\n".join(f"{t.date_time(line.at)}  {log_text(line, t)}" for line in told.log)
