"""What is known of a job, as a list of facts and as a text for somebody else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.labels import job_name, status_text
from etl_monitor.ui.jobs.problem import job_problem
from etl_monitor.ui.live.test_kinds import kind_name
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.navigation import result_address
from etl_monitor.ui.widgets.people import person_name
from etl_monitor.wire.job import Job, JobDetail

Fact = tuple[str, str, str]  # its name, its value, where that leads; no way: ""


def job_facts(job: Job, told: JobDetail | None, ctx: RenderContext) -> list[Fact]:
    """What is not known is left out. `told`: what the service told of this job by itself."""
    t = ctx.t
    facts = [
        ("fact-job", job.job_id),
        ("fact-test", job.test_id),
        *_parameters(job, told, ctx),
        ("fact-requested-by", person_name(job.requested_by, t)),
        ("fact-created", t.date_time(job.created_at)),
        ("fact-started", t.date_time(job.started_at)),
        ("fact-finished", t.date_time(job.finished_at)),
        ("fact-cancel-requested-by", person_name(job.cancel_requested_by, t)),
        ("fact-cancel-requested-at", t.date_time(job.cancel_requested_at)),
        ("fact-cancel-reason", job.cancel_reason),
        ("fact-forced", t("yes") if job.forced else ""),
        ("fact-worker", job.worker),
    ]
    hrefs = {"fact-test": _address_of_test(job, t)}
    return [(t(key), value, hrefs.get(key, "")) for key, value in facts if value]


def as_text(
    job: Job, facts: Sequence[Fact], steps: Sequence[Mapping[str, Any]], log: str, t: Translator
) -> str:
    """All of it, to be pasted into a message to somebody. `steps` as they are drawn."""
    lines = [job_name(job), f"{t('status')}: {status_text(job, t)}"]
    lines += [f"{name}: {value}" for name, value, _ in facts]
    blocks = ["\n".join(lines), _problem(job, t), "\n".join(map(_step, steps)), log]
    return "\n\n".join(block for block in blocks if block)


def _parameters(job: Job, told: JobDetail | None, ctx: RenderContext) -> Iterable[tuple[str, str]]:
    """What the job works on."""
    yield "fact-person", job.user_id or ""
    yield "fact-number", str(job.anp_seq or "")
    if job.test_kind:
        yield "fact-kind", kind_name(job.test_kind, ctx) if told else job.test_kind
    rows = max((step.rows_total or 0 for step in told.steps), default=0) if told else 0
    if rows or job.rows_total:
        yield "fact-rows", ctx.t.number(rows or job.rows_total or 0)
    if told:
        yield "fact-file", told.file_name or ""
    if job.force_reprocess is not None:
        yield "fact-force", ctx.t("yes" if job.force_reprocess else "no")


def _address_of_test(job: Job, t: Translator) -> str:
    return result_address(job.test_id or "", t)


def _problem(job: Job, t: Translator) -> str:
    problem = job_problem(job, t)
    if problem is None:
        return ""
    rows = [problem["rowsHeading"], *problem["rows"]]
    return "\n".join(one for one in (problem["reason"], *rows, problem["technical"]) if one)


def _step(step: Mapping[str, Any]) -> str:
    told = (step["statusText"], step["rows"], step["duration"])
    return f"{step['text']}: " + ", ".join(one for one in told if one)
