"""The list of test results, each row with its job's compact status."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from etl_monitor.client import ResultList
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n import Texts
from etl_monitor.store.job_store import Snapshot
from etl_monitor.ui.jobs.labels_js import results_words
from etl_monitor.ui.jobs.monitor import freshness
from etl_monitor.ui.jobs.row import job_row
from etl_monitor.ui.results.query import PAGE, ResultQuery, last_result_list, result_list
from etl_monitor.ui.session.state import Look, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.navigation import result_address
from etl_monitor.ui.widgets.pager import pager
from etl_monitor.wire.job import Job, iso
from etl_monitor.wire.result import ResultStatus, TestResult
from etl_monitor.wire.roles import Right


@dataclass(frozen=True, kw_only=True)
class ResultsView(View):
    query: ResultQuery  # which page of it is the session's business
    kinds: Mapping[str, str]  # test kind → its name in the reader's language
    has_samples: bool = False  # as the page around it was drawn
    name: str = "results"

    def data(self, look: Look) -> dict[str, Any]:
        found, problem = _known(self.query, look)
        return {
            "rows": [self._row(result, look) for result in found.results],
            "filterKey": repr(_on_its_page(self.query, look)),
            "acted": look.table.bulk["tests"],
            "problem": problem,
            "total": found.total,
            "totalText": look.texts("results-total", n=found.total),
            "reprocessAll": look.texts("reprocess-all", n=found.total)
            if Right.PROCESS in look.rights
            else None,
            "pager": pager(look.table.results.page, PAGE, len(found.results), found.total, look),
            "empty": look.texts("results-none-found" if self.query.is_narrow else "results-none"),
            **freshness(look),
            "words": results_words(look.texts),
        }

    def is_outdated(self, look: Look) -> bool:
        """On a first start the samples come after the page; the way to be rid of them with them."""
        return self.has_samples is not shows_samples(self.query, look)

    def _row(self, result: TestResult, look: Look) -> dict[str, Any]:
        texts = look.texts
        job = job_of(result, look.snapshot)
        may_process = Right.PROCESS in look.rights
        at = result.completed_at or result.created_at  # when it was scored, else uploaded
        return {
            "id": result.id,
            "title": title_of(result),
            "href": result_address(result.id, texts),
            "facts": self._facts(result, texts),
            "counts": _counts(result, texts),
            "at": iso(at) if at else None,
            "atText": texts.date_time(at),
            "isScored": result.completed_at is not None,
            "statusText": texts(f"result-{result.status}"),
            "job": job_row(job, texts, rights=look.rights) if job else None,
            "select": texts("result-select", title=title_of(result)) if may_process else None,
            "mayReprocess": not is_busy(result, job),
            "whyNot": texts("reprocess-busy"),
            "reprocess": texts("reprocess-name", title=title_of(result)) if may_process else None,
        }

    def _facts(self, result: TestResult, texts: Texts) -> list[str]:
        kind = self.kinds.get(result.test_kind or "", result.test_kind or "")
        sample = texts("sample") if result.is_sample else ""
        return [fact for fact in (kind, result.user_id, sample) if fact]


def _counts(result: TestResult, texts: Texts) -> list[str]:
    people = texts("respondents", n=result.respondents) if result.respondents else ""
    documents = texts("documents", n=len(result.documents)) if result.documents else ""
    return [count for count in (people, documents) if count]


def shows_samples(query: ResultQuery, look: Look) -> bool:
    return any(result.is_sample for result in _known(query, look)[0].results)


def _on_its_page(query: ResultQuery, look: Look) -> ResultQuery:
    return replace(query, offset=look.table.results.page * PAGE)


def _known(query: ResultQuery, look: Look) -> tuple[ResultList, str]:
    """What the service lists; while it does not answer, what it listed last, and how old it is.
    Without the feed nobody tells when to ask again."""
    try:
        found = _listed(query, look)
        return found, _age(_on_its_page(query, look), look)
    except EtlMonitorError as error:
        last = last_result_list(_on_its_page(query, look), look)
        why = problem_text(error, look.texts)
    if last is None:
        return ResultList(results=(), total=0), why
    return last.value, f"{why} {look.texts('list-as-of', at=look.texts.date_time(last.at))}"


def _listed(query: ResultQuery, look: Look) -> ResultList:
    found = result_list(_on_its_page(query, look), look)
    is_on_another_page = not found.results and look.table.results.fit(found.total, PAGE)
    return result_list(_on_its_page(query, look), look) if is_on_another_page else found


def _age(asked: ResultQuery, look: Look) -> str:
    """As of when the rows are, where they are not live: as of the feed's last word, else as of when
    they were listed."""
    if freshness(look)["freshness"] != "stale":
        return ""
    listed = last_result_list(asked, look)
    at = look.snapshot.connection.last_heard_at or (listed.at if listed else None)
    return look.texts("results-not-live", at=look.texts.date_time(at))


def title_of(result: TestResult) -> str:
    return result.title or f"{result.user_id} #{result.anp_seq}"


def is_busy(result: TestResult, job: Job | None) -> bool:
    """Whether a job of the test is active. Older back ends do not say which job that is."""
    return result.status is ResultStatus.PROCESSING if job is None else job.status.is_active


def job_of(result: TestResult, snapshot: Snapshot) -> Job | None:
    """The newest job of a test: as the store knows it, else as the list told it."""
    known = snapshot.latest_by_test.get(result.id)
    if known in snapshot.jobs and known is not None:
        return snapshot.jobs[known]
    return result.active_job or result.last_job
