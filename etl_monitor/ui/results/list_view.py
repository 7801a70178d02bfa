"""The list of test results, each row with its job's compact status."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from etl_monitor.client import ResultList
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.row import job_row
from etl_monitor.ui.jobs.view_labels import results_labels
from etl_monitor.ui.live.freshness import freshness
from etl_monitor.ui.results.labels import is_busy, job_of, title_of
from etl_monitor.ui.results.query import PAGE, ResultQuery, last_result_list, result_list
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.navigation import result_address
from etl_monitor.ui.widgets.pager import pager
from etl_monitor.wire.base import iso
from etl_monitor.wire.result import TestResult
from etl_monitor.wire.roles import Right


@dataclass(frozen=True, kw_only=True)
class ResultsView(View):
    query: ResultQuery  # which page of it is the session's business
    kinds: Mapping[str, str]  # test kind → its name in the reader's language
    has_samples: bool = False  # as the page around it was drawn
    name: str = "results"

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        found, problem = _known(self.query, ctx)
        return {
            "rows": [self._row(result, ctx) for result in found.results],
            "filterKey": repr(_on_its_page(self.query, ctx)),
            "bulkActions": ctx.session.bulk_actions["tests"],
            "problem": problem,
            "total": found.total,
            "totalText": ctx.t("results-total", n=found.total),
            "reprocessAll": ctx.t("reprocess-all", n=found.total)
            if Right.PROCESS in ctx.rights
            else None,
            "pager": pager(ctx.session.results.page, PAGE, len(found.results), found.total, ctx),
            "emptyText": ctx.t("results-none-found" if self.query.is_narrow else "results-none"),
            **freshness(ctx),
            "labels": results_labels(ctx.t),
        }

    def is_outdated(self, ctx: RenderContext) -> bool:
        """On a first start the samples come after the page; the way to be rid of them with them."""
        return self.has_samples is not shows_samples(self.query, ctx)

    def _row(self, result: TestResult, ctx: RenderContext) -> dict[str, Any]:
        t = ctx.t
        job = job_of(result, ctx.snapshot)
        may_process = Right.PROCESS in ctx.rights
        at = result.completed_at or result.created_at  # when it was scored, else uploaded
        return {
            "id": result.id,
            "title": title_of(result),
            "href": result_address(result.id, t),
            "facts": self._facts(result, t),
            "counts": _counts(result, t),
            "at": iso(at) if at else None,
            "atText": t.date_time(at),
            "isScored": result.completed_at is not None,
            "statusText": t(f"result-{result.status}"),
            "job": job_row(job, t, rights=ctx.rights) if job else None,
            "select": t("result-select", title=title_of(result)) if may_process else None,
            "mayReprocess": not is_busy(result, job),
            "busyText": t("reprocess-busy"),
            "reprocess": t("reprocess-name", title=title_of(result)) if may_process else None,
        }

    def _facts(self, result: TestResult, t: Translator) -> list[str]:
        kind = self.kinds.get(result.test_kind or "", result.test_kind or "")
        sample = t("sample") if result.is_sample else ""
        return [fact for fact in (kind, result.user_id, sample) if fact]


def _counts(result: TestResult, t: Translator) -> list[str]:
    people = t("respondents", n=result.respondents) if result.respondents else ""
    documents = t("documents", n=len(result.documents)) if result.documents else ""
    return [count for count in (people, documents) if count]


def shows_samples(query: ResultQuery, ctx: RenderContext) -> bool:
    return any(result.is_sample for result in _known(query, ctx)[0].results)


def _on_its_page(query: ResultQuery, ctx: RenderContext) -> ResultQuery:
    return replace(query, offset=ctx.session.results.page * PAGE)


def _known(query: ResultQuery, ctx: RenderContext) -> tuple[ResultList, str]:
    """What the service lists; while it does not answer, what it listed last, and how old it is.
    Without the feed nobody tells when to ask again."""
    try:
        found = _listed(query, ctx)
        return found, _age(_on_its_page(query, ctx), ctx)
    except EtlMonitorError as error:
        last = last_result_list(_on_its_page(query, ctx), ctx)
        why = problem_text(error, ctx.t)
    if last is None:
        return ResultList(results=(), total=0), why
    return last.value, f"{why} {ctx.t('list-as-of', at=ctx.t.date_time(last.at))}"


def _listed(query: ResultQuery, ctx: RenderContext) -> ResultList:
    found = result_list(_on_its_page(query, ctx), ctx)
    is_on_another_page = not found.results and ctx.session.results.clamp(found.total, PAGE)
    return result_list(_on_its_page(query, ctx), ctx) if is_on_another_page else found


def _age(asked: ResultQuery, ctx: RenderContext) -> str:
    """As of when the rows are, where they are not live: as of the feed's last word, else as of when
    they were listed."""
    if freshness(ctx)["freshness"] != "stale":
        return ""
    listed = last_result_list(asked, ctx)
    at = ctx.snapshot.connection.last_received_at or (listed.at if listed else None)
    return ctx.t("results-not-live", at=ctx.t.date_time(at))
