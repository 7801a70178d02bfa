"""The full monitor: running and finished jobs, apart, narrowed as this person chose."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.ui.jobs.details import details
from etl_monitor.ui.jobs.filter import JobFilter
from etl_monitor.ui.jobs.finished import PAGE, FinishedPage, counts, finished_page
from etl_monitor.ui.jobs.labels_js import monitor_words
from etl_monitor.ui.jobs.row import job_row, status_words
from etl_monitor.ui.session.state import Look, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.pager import pager
from etl_monitor.wire.job import FINAL, Job, JobStatus, iso

_NEWEST = 100  # jobs that ended: more do not end between two pieces of news


@dataclass(frozen=True, kw_only=True)
class MonitorView(View):
    """`wanted`: the filter of the page's inputs; the chips' part is the session's, newest.
    `above`: a job that the page shows above this already; it counts, but is not drawn again."""

    wanted: JobFilter
    above: str | None = None
    name: str = "monitor"

    def data(self, look: Look) -> dict[str, Any]:
        table = look.table
        page = self._finished(look)
        wanted = self._wanted(look)
        running = wanted.wanted(look.snapshot.running)
        return {
            "loaded": look.snapshot.loaded,
            "running": self._cards(running, look),
            "finished": self._cards(page.jobs, look),
            "runningCount": len(running),
            "finishedCount": page.total,
            "runningHeading": look.texts("running-heading", n=len(running)),
            "finishedHeading": look.texts("finished-heading", n=page.total),
            "chips": _chips(wanted, look),
            "pager": pager(wanted.page, PAGE, len(page.jobs), page.total, look),
            "started": table.started,
            "acted": table.bulk["jobs"],
            "happening": _happening(look),
            "said": {status.value: look.texts(f"said-{status}", n="{n}") for status in FINAL},
            "filterKey": repr(wanted),
            "isNarrow": wanted.is_narrow,
            "problem": problem_text(page.problem, look.texts) if page.problem else "",
            **freshness(look),
            "words": monitor_words(look.texts),
        }

    def _wanted(self, look: Look) -> JobFilter:
        table = look.table
        return replace(self.wanted, statuses=table.chosen_statuses, page=table.finished.page)

    def _finished(self, look: Look) -> FinishedPage:
        page = finished_page(self._wanted(look), look)
        is_there = bool(page.jobs) or page.problem is not None
        is_on_another = not is_there and look.table.finished.fit(page.total, PAGE)
        return finished_page(self._wanted(look), look) if is_on_another else page

    def _cards(self, jobs: Iterable[Job], look: Look) -> list[dict[str, Any]]:
        return [card(job, look) for job in jobs if job.job_id != self.above]


def _happening(look: Look) -> dict[str, Any]:
    """What ends is told aloud, whatever is filtered or on another page: the ids of all jobs that
    have not ended, and how the newest ended ones did."""
    ended = look.snapshot.finished[:_NEWEST]
    return {
        "active": [job.job_id for job in look.snapshot.running],
        "ended": {job.job_id: job.status.value for job in ended},
    }


def card(job: Job, look: Look) -> dict[str, Any]:
    """A job's row, with its details where this person opened them."""
    is_open = job.job_id in look.table.open_jobs
    siblings = active_siblings(job, look.snapshot)
    row = job_row(job, look.texts, siblings=siblings, rights=look.rights)
    return row | {"open": is_open, "details": details(job, look) if is_open else None}


def active_siblings(job: Job, snapshot: Snapshot) -> tuple[Job, ...]:
    """The active job of the same test, if any: while there is one, no other may start."""
    active = snapshot.active_by_test.get(job.test_id) if job.test_id else None
    return (snapshot.jobs[active],) if active is not None and active in snapshot.jobs else ()


def freshness(look: Look) -> dict[str, Any]:
    """Whether what is drawn is how things are: live, catching_up or stale, and as of when."""
    connection = look.snapshot.connection
    state = {
        ConnectionState.LIVE: "live",
        ConnectionState.CONNECTING: "catching_up",
    }.get(connection.state, "stale")
    heard = connection.last_heard_at
    return {"freshness": state, "heardAt": iso(heard) if heard else None}


def _chips(wanted: JobFilter, look: Look) -> list[dict[str, Any]]:
    counted = counts(wanted, look)
    return [
        {
            "status": status.value,
            "text": status_words(status, look.texts),
            "count": look.texts.number(counted[status]),
            "on": status in wanted.statuses,
        }
        for status in JobStatus
    ]
