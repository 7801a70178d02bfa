"""Entries of the activity log as rows of a live table and as rows of a spreadsheet."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.activity.query import ACTIONS, ActivityQuery, LogPage, log_page
from etl_monitor.ui.live.query_cache import NotReady, QueryCache
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.navigation import job_address, result_address
from etl_monitor.ui.widgets.people import person_name
from etl_monitor.ui.widgets.table import Column, Part, Row, Table, TablePayload, moment
from etl_monitor.wire.activity import ActivityEntry, ActivityOutcome
from etl_monitor.wire.job import short_id
from etl_monitor.wire.samples import sample_title

_COLUMNS = {"time": "12rem", "person": "9rem", "action": "8rem", "subject": "28%", "outcome": ""}
_IDS = ("test-id", "job-id", "new-job-id")
_EXPORTED = ("person", "role", "action", "outcome", "why", "given-reason", "test", *_IDS)
_pages: QueryCache[LogPage] = QueryCache()


@dataclass(kw_only=True)
class ActivityView(View):
    """One page of the log. The first page is requested again after a job was added, was removed or
    changed its status: that is the trace of an action."""

    query: ActivityQuery
    page: LogPage
    status_version: int  # of the snapshot at the time of the request
    problem: str = ""
    name: str = field(default="table", init=False)

    def render(self, ctx: RenderContext) -> TablePayload:
        if self.query.is_first_page and ctx.snapshot.status_version != self.status_version:
            self._refresh(ctx)
        key = "activity-none-found" if self.query.is_narrow else "activity-none"
        return {
            "problem": self.problem,
            "emptyText": ctx.t(key),
            "table": _table(self.page.entries, self.query, ctx.t),
        }

    def identity(self) -> Hashable:
        return self.query

    def _refresh(self, ctx: RenderContext) -> None:
        """Show the newest entries. The old ones stay until those have arrived."""
        key, version = _key(self.query, ctx), ctx.snapshot.status_version
        try:
            self.page = _pages.read(ctx, key, version, _request(self.query, ctx))
            self.problem = ""
        except EtlMonitorError as error:
            self.problem = problem_text(error, ctx.t)
        except NotReady:
            return


def current_page(query: ActivityQuery, ctx: RenderContext) -> LogPage:
    """Return the page as it is now, from the service. Raises what the client raises."""
    key, version = _key(query, ctx), ctx.snapshot.status_version
    return _pages.get(key, version, _request(query, ctx), max_age=0)


def _key(query: ActivityQuery, ctx: RenderContext) -> Hashable:
    return (ctx.monitoring.client.base_url, query)


def _request(query: ActivityQuery, ctx: RenderContext) -> Callable[[], LogPage]:
    return partial(log_page, ctx.monitoring.client, query)


def _table(entries: Sequence[ActivityEntry], query: ActivityQuery, t: Translator) -> Table:
    return Table(
        label=t("page-activity"),
        columns=[
            Column(text=t(f"activity-{name}"), width=width) for name, width in _COLUMNS.items()
        ],
        rows=[_row(entry, t) for entry in entries],
        stacked=True,
        waiting=t("activity-waiting", n="{n}"),
        filterKey=repr(query),
    )


def _row(entry: ActivityEntry, t: Translator) -> Row:
    cells = (
        moment(entry.at, t),
        _person(entry, t),
        [Part(text=action_text(entry.action, t))],
        _subject(entry, t),
        _outcome(entry, t),
    )
    return Row(id=str(entry.id), cells=cells)


def action_text(action: str, t: Translator) -> str:
    """Return the action's name; its key if the action is one of another service."""
    return t(ACTIONS[action]) if action in ACTIONS else action


def _person(entry: ActivityEntry, t: Translator) -> list[Part]:
    name = [Part(text=person_name(entry.actor, t))]
    role = _role(entry, t)
    return name if role.lower() == entry.actor.lower() else [*name, Part(text=role, faint=True)]


def _role(entry: ActivityEntry, t: Translator) -> str:
    key = f"role-{entry.role}"
    return t(key) if t.has(key) else entry.role


def _subject(entry: ActivityEntry, t: Translator) -> list[Part]:
    parts = _test(entry, t)
    for key, job_id in (("activity-job", entry.job_id), ("activity-new-job", entry.new_job_id)):
        if job_id:
            parts.append(_job(t(key, id=short_id(job_id)), job_id, entry, t))
    return parts


def _test(entry: ActivityEntry, t: Translator) -> list[Part]:
    """The test's title, linked to its page unless the test was deleted."""
    name = _title(entry, t) or (f"#{short_id(entry.test_id)}" if entry.test_id else "")
    if not name:
        return []
    if entry.test_id is None or _is_gone(entry):
        return [Part(text=name)]
    return [Part(text=name, href=result_address(entry.test_id, t))]


def _title(entry: ActivityEntry, t: Translator) -> str:
    return sample_title(entry.test_id, t) or entry.title or ""


def _job(text: str, job_id: str, entry: ActivityEntry, t: Translator) -> Part:
    is_there = entry.code != "job_not_found"
    return Part(text=text, href=job_address(job_id, t) if is_there else None, faint=True)


def _is_gone(entry: ActivityEntry) -> bool:
    was_deleted = entry.action == "delete" and entry.outcome is ActivityOutcome.DONE
    return was_deleted or entry.code == "test_not_found"


def _outcome(entry: ActivityEntry, t: Translator) -> list[Part]:
    is_done = entry.outcome is ActivityOutcome.DONE
    tone = "completed" if is_done else "failed"
    parts = [Part(text=t(f"activity-{entry.outcome}"), tone=tone)]
    if not is_done:
        parts.append(Part(text=why(entry, t), block=True))
    if entry.reason:
        parts.append(Part(text=t("activity-reason", reason=entry.reason), faint=True, block=True))
    return parts


def why(entry: ActivityEntry, t: Translator) -> str:
    """Return the reason for a refusal, or its bare code if the catalogue has no text for it."""
    if entry.outcome is ActivityOutcome.DONE or not entry.code:
        return ""
    return problem_text(EtlMonitorError(entry.code, entry.code, entry.details), t)


def spreadsheet_columns(t: Translator) -> list[str]:
    zone = t("activity-time-in", zone=t.zone)
    return [zone, *(t(f"activity-{name}") for name in _EXPORTED)]


def spreadsheet_row(entry: ActivityEntry, t: Translator) -> list[str | datetime]:
    return [
        t.local(entry.at),
        entry.actor,
        _role(entry, t),
        action_text(entry.action, t),
        t(f"activity-{entry.outcome}"),
        why(entry, t),
        entry.reason or "",
        _title(entry, t),
        entry.test_id or "",
        entry.job_id or "",
        entry.new_job_id or "",
    ]
