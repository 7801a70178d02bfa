"""`/result`: what one test's answers came to."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n import Texts
from etl_monitor.ui.jobs import dialogs
from etl_monitor.ui.jobs.clicks import before_drawing, handle
from etl_monitor.ui.jobs.status import JobView
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.live.test_kinds import kind_names
from etl_monitor.ui.result.charts import item_chart, score_charts
from etl_monitor.ui.result.data import ResultData, document_text, result_data
from etl_monitor.ui.result.downloads import downloads
from etl_monitor.ui.result.groups import group_comparison
from etl_monitor.ui.result.runs import history
from etl_monitor.ui.result.tables import item_table, reliability_table, scale_table
from etl_monitor.ui.results.list_view import job_of, title_of
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.state import Look, View
from etl_monitor.ui.widgets import report
from etl_monitor.ui.widgets.error_messages import counted_reasons, is_in_the_file, problem_text
from etl_monitor.ui.widgets.markdown import plain
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.result import ResultStatus, TestResult
from etl_monitor.wire.roles import Right
from etl_monitor.wire.statistics import Statistics

_SKELETON = 480  # pixels


@dataclass(frozen=True, kw_only=True)
class _NewestJob(View):
    """The test's newest job; when it begins or ends, the page around it is old."""

    result: TestResult
    name: str = "job"

    def data(self, look: Look) -> dict[str, Any]:
        job = job_of(self.result, look.snapshot)
        if job is None:
            return {"job": None, "none": look.texts("no-job")}
        return JobView(job=job, compact=False).data(look)

    def is_outdated(self, look: Look) -> bool:
        job = job_of(self.result, look.snapshot)
        was_active = self.result.status is ResultStatus.PROCESSING
        if job is None or job.status.is_active == was_active:
            return False
        # Once for each turn of events: a back end whose two answers never agree must not make us
        # draw the page for ever.
        return look.table.is_first_time(f"{self.result.id} {job.job_id} {job.status}")


def result_section(test_id: str) -> None:
    words = session.texts()
    try:
        with st.skeleton(height=_SKELETON):
            data = result_data(test_id)
    except EtlMonitorError as error:
        _not_shown(error, words)
        return
    _head(data.result, words)
    handle(mount(_NewestJob(result=data.result), key="etl-result-job", before=before_drawing))
    _body(data, words)


def _not_shown(error: EtlMonitorError, words: Texts) -> None:
    st.info(words("result-not-shown"), icon=":material/search_off:")
    st.text(problem_text(error, words))
    st.page_link("results.py", label=words("back-to-results"), icon=":material/arrow_back:")


def _head(result: TestResult, words: Texts) -> None:
    st.page_link("results.py", label=words("back-to-results"), icon=":material/arrow_back:")
    title, buttons = st.columns([3, 2], vertical_alignment="center")
    title.subheader(plain(title_of(result)), anchor=False)
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        is_busy = result.status is ResultStatus.PROCESSING
        again = session.may(Right.PROCESS) and st.button(
            words("reprocess"),
            icon=":material/replay:",
            disabled=is_busy,
            help=words("reprocess-busy") if is_busy else None,
        )
        if again:
            dialogs.ask_reprocess(result)
        if session.may(Right.DELETE) and st.button(
            words("delete"), icon=":material/delete:", disabled=is_busy
        ):
            dialogs.ask_delete(result)
    kind = kind_names(words).get(result.test_kind or "", result.test_kind or "")
    scored = result.completed_at and words("scored-at", at=words.date_time(result.completed_at))
    sample = words("sample") if result.is_sample else ""
    facts = [kind, result.user_id, scored or "", sample]
    st.caption(plain(" · ".join(fact for fact in facts if fact)))


def _body(data: ResultData, words: Texts) -> None:
    if data.statistics is None:
        _without_scores(data, words)
        return
    with st.container():  # always there, so that what stands below keeps its place and its tab
        _age_of_scores(data.result, words)
    _counts(data.statistics, words)
    names = ("tab-scores", "tab-items", "tab-documents", "tab-history", "tab-downloads")
    scores, items, documents, past, files = st.tabs(
        [words(name) for name in names], key="etl-result-tabs"
    )
    with scores:
        _scores(data.statistics, words)
    with items:
        blocks = [item_chart(data.statistics, words), item_table(data.statistics, words)]
        report.draw(blocks, key="etl-report-items", texts=words)
    with documents:
        _documents(data.result, words)
    with past:
        _past(data, words)
    with files:
        downloads(data.result, words)


def _without_scores(data: ResultData, words: Texts) -> None:
    """What is known and what to do next; never an empty page."""
    if data.result.status is ResultStatus.PROCESSING:
        st.info(words("no-scores-yet"), icon=":material/hourglass_top:")
    elif data.result.completed_at is not None:
        st.info(words("no-statistics"), icon=":material/bar_chart_off:")
    else:
        st.info(words(_why_no_scores(data.result.last_job)), icon=":material/bar_chart_off:")
    if data.result.documents:
        _documents(data.result, words)
    if data.jobs:
        report.draw([history(data.jobs, words)], key="etl-report-history", texts=words)


def _why_no_scores(last: Job | None) -> str:
    """The text's key."""
    if last is not None and last.status is JobStatus.CANCELLED:
        return "no-scores-cancelled"
    return "no-scores-file" if last is not None and is_in_the_file(last) else "no-scores"


def _past(data: ResultData, words: Texts) -> None:
    block = history(data.jobs, words)
    report.draw([block], key="etl-report-history", texts=words)
    if block is None:
        st.caption(words("no-history"))


def _age_of_scores(result: TestResult, words: Texts) -> None:
    """The scores of an earlier run stand until a new one has ended well: that is said."""
    at = words.date_time(result.completed_at)
    if result.status is ResultStatus.PROCESSING:
        st.info(words("scores-being-replaced", at=at), icon=":material/hourglass_top:")
    elif result.last_job and result.last_job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
        st.info(words("scores-of-earlier-run", at=at), icon=":material/history:")


def _counts(statistics: Statistics, words: Texts) -> None:
    counted = statistics.respondents
    numbers = {
        "count-total": counted.total,
        "count-usable": counted.usable,
        "count-excluded": counted.total - counted.usable,
    }
    reasons = counted_reasons(counted.excluded, words)
    block = report.counts(
        {words(name): words.number(n) for name, n in numbers.items()},
        words("excluded-because", reasons=reasons) if reasons else "",
    )
    report.draw([block], key="etl-report-counts", texts=words)


def _scores(statistics: Statistics, words: Texts) -> None:
    compared = group_comparison(statistics, words)
    blocks = [
        score_charts(statistics, words),
        scale_table(statistics, words),
        reliability_table(statistics, words),
        report.title(words("groups-heading"), words("groups-note")) if compared else None,
        compared,
    ]
    report.draw(blocks, key="etl-report-scores", texts=words)


def _documents(result: TestResult, words: Texts) -> None:
    if not result.documents:
        st.caption(words("no-documents"))
    for place, document in enumerate(result.documents):
        key = f"document-{document.type}"
        name = words(key) if words.has(key) else document.type
        with st.expander(plain(name), expanded=place == 0):
            try:
                # Markdown of the pipeline's, which escapes what it took from files.
                st.markdown(document_text(document, result))
            except EtlMonitorError as error:
                st.text(problem_text(error, words))
