"""The list of test results, each row with its job's compact status."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from etl_monitor.client import ResultList
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.plain_text import visible
from etl_monitor.ui.jobs.payloads import JobRow, Link
from etl_monitor.ui.jobs.problem import is_in_the_file
from etl_monitor.ui.jobs.row import job_row
from etl_monitor.ui.jobs.view_labels import job_labels, list_labels
from etl_monitor.ui.live.connection_badge import freshness
from etl_monitor.ui.live.test_kinds import kinds_of_jobs
from etl_monitor.ui.results.filter_bar import TEXT
from etl_monitor.ui.results.labels import is_busy, job_of, title_of
from etl_monitor.ui.results.payloads import (
    ResultRow,
    ResultsLabels,
    ResultsPayload,
    ResultsPersonalPart,
)
from etl_monitor.ui.results.query import PAGE_SIZE, ResultQuery, last_result_list, result_list
from etl_monitor.ui.session.view import RenderContext, SessionState, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.filters import completion
from etl_monitor.ui.widgets.navigation import result_address
from etl_monitor.ui.widgets.pager import pager
from etl_monitor.ui.widgets.payloads import Completion
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.result import RESULT_STATUSES, ResultStatus, TestResult
from etl_monitor.wire.roles import Right


@dataclass(frozen=True, kw_only=True)
class ResultsView(View):
    """`kinds`: test kind → its name in the reader's language. `has_samples`: whether the page
    around this view was drawn with the button that removes the samples."""

    query: ResultQuery  # its offset is the session's page, not the one in here
    kinds: Mapping[str, str]
    has_samples: bool = False
    name: str = "results"

    def render(self, ctx: RenderContext) -> ResultsPayload:
        shown, problem = _shown_list(self.query, ctx)
        return {
            "rows": [self._row(result, ctx) for result in shown.results],
            "filterKey": repr(_with_page(self.query, ctx)),
            **self.personal(ctx.session),
            "problem": problem,
            "total": shown.total,
            "totalText": ctx.t("results-total", n=shown.total),
            "reprocessAll": ctx.t("reprocess-all", n=shown.total)
            if Right.PROCESS in ctx.rights
            else None,
            "pager": pager(
                ctx.session.results.page, PAGE_SIZE, len(shown.results), shown.total, ctx
            ),
            "emptyText": ctx.t("results-none-found" if self.query.is_narrow else "results-none"),
            "completion": self._completion(ctx),
            **freshness(ctx),
            "labels": _labels(ctx.t),
        }

    def personal(self, session: SessionState) -> ResultsPersonalPart:
        return {"bulkActions": session.bulk_actions["tests"]}

    def choices(self, ctx: RenderContext) -> Hashable:
        return ctx.session.results.page

    def outdated(self, ctx: RenderContext) -> str:
        """On a first start the samples arrive after the page, and need its button."""
        shows = shows_samples(self.query, ctx)
        return "" if self.has_samples is shows else f"samples {shows}"

    def _completion(self, ctx: RenderContext) -> Completion:
        statuses = {status.value: ctx.t(f"result-{status}") for status in RESULT_STATUSES}
        return completion(TEXT, statuses, {**kinds_of_jobs(ctx), **self.kinds}, ctx)

    def _row(self, result: TestResult, ctx: RenderContext) -> ResultRow:
        t = ctx.t
        job = job_of(result, ctx.snapshot)
        title, may_process = title_of(result, t), Right.PROCESS in ctx.rights
        at = result.completed_at or result.created_at  # time of scoring, else of the upload
        last_run = _last_run(result, job, t)
        return {
            "id": result.id,
            "title": title,
            "href": result_address(result.id, t),
            "facts": self._facts(result, t),
            "counts": _counts(result, t),
            "at": iso(at - ctx.clock_offset) if at else None,
            "atText": t.date_time(at),
            "isScored": result.completed_at is not None,
            "statusText": t(f"result-{ResultStatus.COMPLETED if last_run else result.status}"),
            "lastRun": last_run,
            "job": _job_row(job, ctx) if job else None,
            "select": t("result-select", title=title) if may_process else None,
            "mayReprocess": not is_busy(result, job),
            "busyText": t("reprocess-busy"),
            "reprocess": t("reprocess-name", title=title) if may_process else None,
            "repair": _repair(result, job, ctx),
        }

    def _facts(self, result: TestResult, t: Translator) -> list[str]:
        kind = self.kinds.get(result.test_kind or "", result.test_kind or "")
        sample = t("sample") if result.is_sample else ""
        problem = f"{t('record-unreadable')} ({result.unreadable})" if result.unreadable else ""
        return [visible(fact) for fact in (kind, result.user_id, sample, problem) if fact]


def _job_row(job: Job, ctx: RenderContext) -> JobRow:
    row = job_row(job, ctx.t, rights=ctx.rights, clock_offset=ctx.clock_offset)
    if is_in_the_file(job):
        row["retry"] = None  # it would fail again: the test's page has the repair
    return row


def _repair(result: TestResult, job: Job | None, ctx: RenderContext) -> Link | None:
    if job is None or not is_in_the_file(job) or Right.UPLOAD not in ctx.rights:
        return None
    href = result_address(result.id, ctx.t)
    return {"text": f"{ctx.t('repair')}: {title_of(result, ctx.t)}", "href": href}


def _last_run(result: TestResult, job: Job | None, t: Translator) -> str:
    has_scores = result.completed_at is not None or result.status is ResultStatus.COMPLETED
    if job is None or not has_scores or job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
        return ""
    return t(f"last-run-{job.status}")


def _labels(t: Translator) -> ResultsLabels:
    return {
        **job_labels(t),
        **list_labels(t, t("waiting-results", n="{n}")),
        "reprocess": t("reprocess"),
        "repair": t("repair-short"),
        "results": t("page-results"),
        "uploaded": t("uploaded", ago="{ago}"),
    }


def _counts(result: TestResult, t: Translator) -> list[str]:
    people = t("respondents", n=result.respondents) if result.respondents else ""
    documents = t("documents", n=len(result.documents)) if result.documents else ""
    return [count for count in (people, documents) if count]


def shows_samples(query: ResultQuery, ctx: RenderContext) -> bool:
    return any(result.is_sample for result in _shown_list(query, ctx)[0].results)


def _with_page(query: ResultQuery, ctx: RenderContext) -> ResultQuery:
    return replace(query, offset=ctx.session.results.page * PAGE_SIZE)


def _shown_list(query: ResultQuery, ctx: RenderContext) -> tuple[ResultList, str]:
    """Return the list and a problem, empty if there is none. While the service does not answer,
    this is its last reply, and the problem says how old it is."""
    try:
        results = _page(query, ctx)
        return results, _not_live(_with_page(query, ctx), ctx)
    except EtlMonitorError as error:
        last = last_result_list(_with_page(query, ctx), ctx)
        problem = problem_text(error, ctx.t)
    if last is None:
        return ResultList(results=(), total=0), problem
    return last.value, f"{problem} {ctx.t('list-as-of', at=ctx.t.date_time(last.at))}"


def _page(query: ResultQuery, ctx: RenderContext) -> ResultList:
    results = result_list(_with_page(query, ctx), ctx)
    if not results.results and ctx.session.results.clamp(results.total, PAGE_SIZE):
        return result_list(_with_page(query, ctx), ctx)
    return results


def _not_live(query: ResultQuery, ctx: RenderContext) -> str:
    """Return a text that says how old the rows are, empty if they are live. Without the feed
    nothing triggers a new request: the rows are as old as its last event, or as the reply."""
    if freshness(ctx)["freshness"] != "stale":
        return ""
    reply = last_result_list(query, ctx)
    at = ctx.snapshot.connection.last_received_at or (reply.at if reply else None)
    return ctx.t("results-not-live", at=ctx.t.date_time(at))
