"""What opens under a job: its facts, its steps with their durations, its family, its log."""

import time
from collections.abc import Hashable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from etl_monitor.errors import EtlMonitorError, NotFound
from etl_monitor.i18n import Texts
from etl_monitor.ui.jobs.facts import Fact, as_text, job_facts
from etl_monitor.ui.jobs.row import short_id, status_text, status_words, step_name
from etl_monitor.ui.live.query_cache import Asked
from etl_monitor.ui.session.state import Look
from etl_monitor.ui.widgets.error_messages import log_text, problem_text
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.wire.job import Job, JobDetail, JobStep

_told: Asked[JobDetail] = Asked()


def details(job: Job, look: Look) -> dict[str, Any]:
    """Asks the service; while it does not answer, what it told last; a back end that has no details
    shows what the feed told."""
    told: JobDetail | None
    try:
        told, problem = _ask(job, look), ""
    except EtlMonitorError as error:
        told, problem = _told_before(error, job, look), _why_no_more(error, look.texts)
    facts = job_facts(job, told, look)
    return {"facts": facts, "problem": problem} | _more(job, told, facts, look.texts)


def _more(job: Job, told: JobDetail | None, facts: list[Fact], texts: Texts) -> dict[str, Any]:
    """What only the service knows, and all of it as one text."""
    if told is None:
        return {"copy": as_text(job, facts, [], "", texts)}
    steps, log = [_step(step, told, texts) for step in told.steps], _log(told, texts)
    return {
        "steps": steps,
        "family": [_relative(one, job, texts) for one in told.family],
        "log": log,
        "copy": as_text(job, facts, steps, log, texts),
    }


def _why_no_more(error: EtlMonitorError, texts: Texts) -> str:
    """Nothing, where the back end does not have the call: older ones tell no more than the feed."""
    lacks_the_call = isinstance(error, NotFound) and error.code != "job_not_found"
    return "" if lacks_the_call else problem_text(error, texts)


def _ask(job: Job, look: Look) -> JobDetail:
    """A job that moves is asked about once a second at most, one that rests when something
    happened to any job: it may have been retried."""
    is_active = job.status.is_active
    mark = (job.status, int(time.monotonic()) if is_active else look.snapshot.milestones)
    return _told(_question(job, look), mark, partial(look.monitoring.client.job, job.job_id))


def _told_before(error: EtlMonitorError, job: Job, look: Look) -> JobDetail | None:
    last = _told.last(_question(job, look))
    return None if last is None or isinstance(error, NotFound) else last.value


def _question(job: Job, look: Look) -> Hashable:
    return (look.monitoring.client.base_url, job.job_id)


def _step(step: JobStep, job: Job, texts: Texts) -> dict[str, Any]:
    """`left` and `width` in percent of the whole job: a bar on its timeline."""
    begin, end = step.started_at, step.finished_at or datetime.now(UTC)
    left, width = _place(begin, end, job) if begin else (0.0, 0.0)
    took = (end - begin).total_seconds() if begin and step.finished_at else None
    return {
        "name": step.name,
        "text": step_name(step.name, texts),
        "status": step.status.value,
        "statusText": status_words(step.status, texts),
        "rows": texts("rows", n=step.rows_total) if step.rows_total else "",
        "took": texts.duration(took) if took is not None else "",
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


def _relative(one: Job, shown: Job, texts: Texts) -> dict[str, Any]:
    text = texts("job-attempt", n=one.attempt)
    return {
        "id": one.job_id,
        "text": f"{text} · {short_id(one.job_id)} · {status_text(one, texts)}",
        "href": job_address(one.job_id, texts),
        "current": one.job_id == shown.job_id,
    }


def _log(told: JobDetail, texts: Texts) -> str:
    return "\n".join(f"{texts.date_time(line.at)}  {log_text(line, texts)}" for line in told.log)
