"""The facts about a job, as a list, and with its steps as one text to copy."""

from collections.abc import Iterable, Sequence

from etl_monitor.i18n.translator import Translator
from etl_monitor.plain_text import visible
from etl_monitor.ui.jobs.labels import cancel_reason, job_name, status_text
from etl_monitor.ui.jobs.payloads import JobStep
from etl_monitor.ui.jobs.problem import job_problem
from etl_monitor.ui.widgets.navigation import result_address
from etl_monitor.ui.widgets.people import person_name
from etl_monitor.wire.job import Job, JobDetail
from etl_monitor.wire.samples import sample_title

Fact = tuple[str, str, str]  # name, value, address of a link or ""


def job_facts(job: Job, detail: JobDetail | None, kind: str, t: Translator) -> list[Fact]:
    """Return the known facts. `detail`: the job's details from the service, if there are any;
    `kind`: the name of the test's kind."""
    facts = [
        ("fact-job", job.job_id),
        ("fact-test", job.test_id and (sample_title(job.test_id, t) or job.title)),
        ("fact-test-id", job.test_id),
        *_parameters(job, detail, kind, t),
        ("fact-requested-by", person_name(job.requested_by, t)),
        ("fact-created", t.date_time(job.created_at)),
        ("fact-started", t.date_time(job.started_at)),
        ("fact-finished", t.date_time(job.finished_at)),
        ("fact-cancel-requested-by", person_name(job.cancel_requested_by, t)),
        ("fact-cancel-requested-at", t.date_time(job.cancel_requested_at)),
        ("fact-cancel-reason", cancel_reason(job, t)),
        ("fact-forced", t("yes") if job.forced else ""),
        ("fact-worker", job.worker),
    ]
    hrefs = dict.fromkeys(("fact-test", "fact-test-id"), _address_of_test(job, t))
    return [(t(key), value, hrefs.get(key, "")) for key, value in facts if value]


def as_text(job: Job, facts: Sequence[Fact], steps: Sequence[JobStep], t: Translator) -> str:
    """Return everything but the log as one text, to be pasted into a message."""
    lines = [job_name(job, t), f"{t('status')}: {status_text(job, t)}"]
    lines += [f"{name}: {value}" for name, value, _ in facts]
    blocks = ["\n".join(lines), _problem(job, t), "\n".join(map(_step, steps))]
    return "\n\n".join(block for block in blocks if block)


def _parameters(
    job: Job, detail: JobDetail | None, kind: str, t: Translator
) -> Iterable[tuple[str, str]]:
    """Return what the job works on."""
    yield "fact-person", visible(job.user_id or "")
    yield "fact-number", str(job.anp_seq or "")
    yield "fact-kind", kind
    rows = max((step.rows_total or 0 for step in detail.steps), default=0) if detail else 0
    if rows or job.rows_total:
        yield "fact-rows", t.number(rows or job.rows_total or 0)
    if detail:
        yield "fact-file", detail.file_name or ""
    yield "fact-force", t("yes") if job.force_reprocess else ""


def _address_of_test(job: Job, t: Translator) -> str:
    return result_address(job.test_id or "", t)


def _problem(job: Job, t: Translator) -> str:
    problem = job_problem(job, t)
    if problem is None:
        return ""
    rows = [problem["rowsHeading"], *problem["rows"]]
    return "\n".join(text for text in (problem["reason"], *rows, problem["technical"]) if text)


def _step(step: JobStep) -> str:
    parts = (step["statusText"], step["rows"], step["duration"])
    return f"{step['text']}: " + ", ".join(text for text in parts if text)
