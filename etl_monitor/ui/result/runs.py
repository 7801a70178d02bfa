"""How a test was processed: every job of it that is over, with its attempt, who asked, how it
ended. The one that is not is live above."""

from typing import Any

from etl_monitor.i18n import Texts
from etl_monitor.ui.jobs.row import short_id, status_text
from etl_monitor.ui.widgets.error_messages import job_problem
from etl_monitor.ui.widgets.people import person_name
from etl_monitor.ui.widgets.report import Block, cell, column, number, table
from etl_monitor.wire.job import Job, JobStatus

_TONES = {
    JobStatus.COMPLETED: "good",
    JobStatus.FAILED: "poor",
    JobStatus.CANCELLED: "fair",
}


def history(jobs: tuple[Job, ...], texts: Texts) -> Block | None:
    """Newest first. Each leads to its job in the monitor."""
    over = [job for job in jobs if job.status.is_final]
    if not over:
        return None
    columns = [
        column(texts("column-begun"), tight=True),
        column(texts("status")),
        column(texts("column-attempt"), numeric=True),
        column(texts("column-took"), numeric=True),
        column(texts("fact-asked-by")),
        column(texts("fact-job"), fixed=True),
    ]
    rows = [_row(job, texts) for job in over]
    return table(texts("tab-history"), columns, rows, bare=True)


def _row(job: Job, texts: Texts) -> dict[str, Any]:
    begun = job.started_at or job.created_at
    cells = [
        cell(texts.date_time(begun) or "–", begun.timestamp() if begun else None),
        cell(status_text(job, texts), tone=_TONES.get(job.status), notes=_why(job, texts)),
        number(job.attempt, texts),
        _took(job, texts),
        cell(person_name(job.requested_by, texts) or "–"),
        cell(short_id(job.job_id), href=f"/monitor?job={job.job_id}&lang={texts.language}"),
    ]
    return {"key": job.job_id, "cells": cells}


def _why(job: Job, texts: Texts) -> list[str]:
    problem = job_problem(job, texts)
    if problem is not None:
        return [problem["what"]]
    return [texts("cancelled-because", reason=job.cancel_reason)] if job.cancel_reason else []


def _took(job: Job, texts: Texts) -> dict[str, Any]:
    if job.started_at is None or job.finished_at is None:
        return number(None, texts)
    seconds = (job.finished_at - job.started_at).total_seconds()
    return cell(texts.duration(seconds), seconds)
