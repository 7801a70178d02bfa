"""`/result`: one test's scores, statistics, documents, jobs and downloads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.markdown import escape_markdown
from etl_monitor.ui.downloads.buttons import download_buttons
from etl_monitor.ui.jobs.clicks import before_drawing, handle
from etl_monitor.ui.jobs.payloads import JobPayload
from etl_monitor.ui.jobs.problem import is_in_the_file
from etl_monitor.ui.jobs.status import JobView, job_card
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.result.charts import item_chart, score_charts
from etl_monitor.ui.result.data import (
    ResultData,
    document_text,
    rejected_summary,
    result_data,
)
from etl_monitor.ui.result.export import MIME, scores_path
from etl_monitor.ui.result.groups import group_comparison
from etl_monitor.ui.result.head import head
from etl_monitor.ui.result.rejected import rejected_table
from etl_monitor.ui.result.repair import repair
from etl_monitor.ui.result.runs import history
from etl_monitor.ui.result.tables import item_table, reliability_table, scale_table
from etl_monitor.ui.results.labels import job_of
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.ui.widgets import report
from etl_monitor.ui.widgets.error_messages import counted_reasons, problem_text
from etl_monitor.ui.widgets.navigation import write_opened_tab
from etl_monitor.ui.widgets.plain import hidden_title
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.result import ResultStatus, TestResult
from etl_monitor.wire.statistics import Statistics

_SKELETON = 480  # pixels
_TAB = "tab"  # in the address
_TABS = ("scores", "items", "documents", "history", "downloads")
_TABS_KEY = "etl-result-tabs"


@dataclass(frozen=True, kw_only=True)
class _NewestJob(View):
    """The test's newest job. When it starts or ends, the page around it is outdated."""

    result: TestResult
    name: str = "job"

    def render(self, ctx: RenderContext) -> JobPayload:
        job = job_of(self.result, ctx.snapshot)
        if job is None:
            return {"job": None, "emptyText": ctx.t("no-job")}
        payload = JobView(job=job, compact=False).render(ctx)
        payload["untitled"] = True  # the page's heading has it
        if payload["job"] is not None and is_in_the_file(job):
            card = job_card(job, ctx)
            card["retry"], card["repair"] = None, None  # it would fail again: the repair is below
            payload["job"] = card
        return payload

    def inner_views(self, payload: Mapping[str, Any], ctx: RenderContext) -> Mapping[str, View]:
        job = job_of(self.result, ctx.snapshot)
        return {} if job is None else JobView(job=job, compact=False).inner_views(payload, ctx)

    def outdated(self, ctx: RenderContext) -> str:
        """Once for each change: a back end whose two replies never agree must not make the page run
        for ever."""
        job = job_of(self.result, ctx.snapshot)
        was_active = self.result.status is ResultStatus.PROCESSING
        if job is None or job.status.is_active == was_active:
            return ""
        return f"{self.result.id} {job.job_id} {job.status}"


def result_section(test_id: str) -> None:
    t = session.translator()
    try:
        with st.skeleton(height=_SKELETON):
            data = result_data(test_id)
    except EtlMonitorError as error:
        _problem(error, t)
        return
    head(data.result, t)
    with st.container(key="etl-result-newest-job"):  # its height is reserved
        handle(mount(_NewestJob(result=data.result), key="etl-result-job", before=before_drawing))
    repair(data.result, t)
    _body(data, t)


def _problem(error: EtlMonitorError, t: Translator) -> None:
    st.info(t("result-not-shown"), icon=":material/search_off:")
    st.text(problem_text(error, t))
    st.page_link("results.py", label=t("back-to-results"), icon=":material/arrow_back:")


def _body(data: ResultData, t: Translator) -> None:
    if data.statistics is None:
        _without_scores(data, t)
        return
    with st.container():  # always there: otherwise the tabs below would start anew with it
        _age_of_scores(data.result, t)
    with st.container(key="etl-result-numbers"):  # its height is reserved
        _counts(data.statistics, t)
    labels = [t(f"tab-{name}") for name in _TABS]
    in_address = st.query_params.get(_TAB, "")
    opened = t(f"tab-{in_address}") if in_address in _TABS else None
    scores, items, documents, jobs, files = st.tabs(labels, key=_TABS_KEY, default=opened)
    write_opened_tab(_TABS_KEY, _TAB, _TABS)
    with scores:
        _scores(data.statistics, t)
    with items:
        _items(data.result, data.statistics, t)
    with documents:
        _documents(data.result, t)
    with jobs:
        _history(data, t)
    with files:
        formats = {name: scores_path(data.result.id, name) for name in MIME}
        download_buttons("etl-scores", formats, t)
        st.caption(t("download-explained"))


def _without_scores(data: ResultData, t: Translator) -> None:
    """The reason, what to do next, and the documents and jobs that exist."""
    if data.result.status is ResultStatus.PROCESSING:
        st.info(t("no-scores-yet"), icon=":material/hourglass_top:")
    elif data.result.completed_at is not None:
        st.info(t("no-statistics"), icon=":material/bar_chart_off:")
    else:
        st.info(t(_why_no_scores(data.result.last_job)), icon=":material/bar_chart_off:")
    if data.result.documents:
        _documents(data.result, t)
    if data.jobs:
        report.draw([history(data.jobs, t)], key="etl-report-history", t=t)


def _why_no_scores(last: Job | None) -> str:
    """Return a key of the catalogue."""
    if last is not None and last.status is JobStatus.CANCELLED:
        return "no-scores-cancelled"
    return "no-scores-file" if last is not None and is_in_the_file(last) else "no-scores"


def _history(data: ResultData, t: Translator) -> None:
    block = history(data.jobs, t)
    report.draw([block], key="etl-report-history", t=t)
    if block is None:
        st.caption(t("no-history"))


def _age_of_scores(result: TestResult, t: Translator) -> None:
    """A note if a newer run has not replaced the scores: it is running, failed or was cancelled."""
    at = t.date_time(result.completed_at)
    if result.status is ResultStatus.PROCESSING:
        st.info(t("scores-being-replaced", at=at), icon=":material/hourglass_top:")
    elif result.last_job and result.last_job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
        st.info(t("scores-of-earlier-run", at=at), icon=":material/history:")


def _counts(statistics: Statistics, t: Translator) -> None:
    respondents = statistics.respondents
    share = 100 * respondents.usable / respondents.total if respondents.total else 0.0
    usable = t("count-share", n=respondents.usable, percent=t.number(share, 1))
    numbers = {
        "count-total": t("count-people", n=respondents.total),
        "count-usable": usable,
        "count-excluded": t("count-people", n=respondents.total - respondents.usable),
    }
    reasons = counted_reasons(respondents.excluded, t)
    block = report.counts(
        {t(name): number for name, number in numbers.items()},
        t("excluded-because", reasons=reasons) if reasons else "",
    )
    report.draw([block], key="etl-report-counts", t=t)


def _scores(statistics: Statistics, t: Translator) -> None:
    groups = group_comparison(statistics, t)
    blocks = [
        score_charts(statistics, t),
        scale_table(statistics, t),
        reliability_table(statistics, t),
        report.title(t("groups-heading"), t("groups-note")) if groups else None,
        groups,
    ]
    report.draw(blocks, key="etl-report-scores", t=t)


def _items(result: TestResult, statistics: Statistics, t: Translator) -> None:
    """The items, and in which columns the rows that were left out went wrong."""
    respondents, last = statistics.respondents, result.last_job
    has_rejected = respondents.usable < respondents.total
    is_of_last_run = last is not None and last.status is JobStatus.COMPLETED
    rejected = rejected_summary(result) if has_rejected and is_of_last_run else None
    blocks = [item_chart(statistics, t), item_table(statistics, t), rejected_table(rejected, t)]
    report.draw(blocks, key="etl-report-items", t=t)


def _documents(result: TestResult, t: Translator) -> None:
    if not result.documents:
        st.caption(t("no-documents"))
    for index, document in enumerate(result.documents):
        key = f"document-{document.type}"
        name = t(key) if t.has(key) else document.type
        with st.expander(escape_markdown(name), expanded=index == 0):
            hidden_title(name)
            try:
                # Markdown of the pipeline, which escapes values from files.
                st.markdown(document_text(document, result))
            except EtlMonitorError as error:
                st.text(problem_text(error, t))
