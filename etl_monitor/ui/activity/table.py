"""Entries of the activity log, as rows of a live table and as rows of a spreadsheet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n import Texts
from etl_monitor.ui.activity.query import ACTIONS, ActivityQuery, Listing, listing
from etl_monitor.ui.jobs.row import short_id
from etl_monitor.ui.live.query_cache import Asked
from etl_monitor.ui.session.state import Look, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.navigation import job_address, result_address
from etl_monitor.ui.widgets.people import person_name
from etl_monitor.ui.widgets.spreadsheets import Cell
from etl_monitor.ui.widgets.table import Part, Row, Table, as_json, moment
from etl_monitor.wire.activity import ActivityEntry, Outcome

_COLUMNS = ("time", "person", "action", "subject", "outcome")
_IDS = ("test-id", "job-id", "new-job-id")
_EXPORTED = ("person", "role", "action", "outcome", "why", "given-reason", "test", *_IDS)
_WIDTHS = ("12rem", "9rem", "8rem", "28%", "")
_listings: Asked[Listing] = Asked()


@dataclass(kw_only=True)
class ActivityView(View):
    """The page `shown` of the log. The first page is asked for again when a job comes, goes or
    changes its status: then somebody did something."""

    query: ActivityQuery
    shown: Listing
    milestone: int  # of the look at which `shown` was asked for
    problem: str = ""
    name: str = field(default="table", init=False)

    def data(self, look: Look) -> dict[str, Any]:
        if self.query.is_first_page and look.snapshot.milestones != self.milestone:
            self._ask_again(look)
        key = "activity-none-found" if self.query.is_narrow else "activity-none"
        return {
            "problem": self.problem,
            "empty": look.texts(key),
            "table": as_json(_table(self.shown.entries, self.query, look.texts)),
        }

    def _ask_again(self, look: Look) -> None:
        """What was known stays to be seen where the service cannot be asked."""
        client, mark = look.monitoring.client, look.snapshot.milestones
        ask = partial(listing, client, self.query)
        try:
            self.shown = _listings((client.base_url, self.query), mark, ask)
            self.problem = ""
        except EtlMonitorError as error:
            self.problem = problem_text(error, look.texts)
        self.milestone = mark


def _table(entries: Sequence[ActivityEntry], query: ActivityQuery, texts: Texts) -> Table:
    return Table(
        label=texts("page-activity"),
        columns=[texts(f"activity-{name}") for name in _COLUMNS],
        rows=[_row(entry, texts) for entry in entries],
        waiting=texts("activity-waiting", n="{n}"),
        question=repr(query),
        widths=_WIDTHS,
    )


def _row(entry: ActivityEntry, texts: Texts) -> Row:
    cells = (
        moment(entry.at, texts),
        _person(entry, texts),
        [Part(text=action_text(entry.action, texts))],
        _subject(entry, texts),
        _outcome(entry, texts),
    )
    return Row(id=str(entry.id), cells=cells)


def action_text(action: str, texts: Texts) -> str:
    """Another service may know actions that we do not."""
    return texts(ACTIONS[action]) if action in ACTIONS else action


def _person(entry: ActivityEntry, texts: Texts) -> list[Part]:
    name = [Part(text=person_name(entry.actor, texts))]
    role = _role(entry, texts)
    return name if role.lower() == entry.actor.lower() else [*name, Part(text=role, faint=True)]


def _role(entry: ActivityEntry, texts: Texts) -> str:
    key = f"role-{entry.role}"
    return texts(key) if texts.has(key) else entry.role


def _subject(entry: ActivityEntry, texts: Texts) -> list[Part]:
    parts = _test(entry, texts)
    for key, job_id in (("activity-job", entry.job_id), ("activity-new-job", entry.new_job_id)):
        if job_id:
            parts.append(_job(texts(key, id=short_id(job_id)), job_id, entry, texts))
    return parts


def _test(entry: ActivityEntry, texts: Texts) -> list[Part]:
    """What was deleted has no page to go to."""
    name = entry.title or (f"#{short_id(entry.test_id)}" if entry.test_id else "")
    if not name:
        return []
    if entry.test_id is None or _is_gone(entry):
        return [Part(text=name)]
    return [Part(text=name, href=result_address(entry.test_id, texts))]


def _job(text: str, job_id: str, entry: ActivityEntry, texts: Texts) -> Part:
    is_unknown = entry.code == "job_not_found"
    return Part(text=text, href=None if is_unknown else job_address(job_id, texts), faint=True)


def _is_gone(entry: ActivityEntry) -> bool:
    was_deleted = entry.action == "delete" and entry.outcome is Outcome.DONE
    return was_deleted or entry.code == "test_not_found"


def _outcome(entry: ActivityEntry, texts: Texts) -> list[Part]:
    is_done = entry.outcome is Outcome.DONE
    tone = "completed" if is_done else "failed"
    parts = [Part(text=texts(f"activity-{entry.outcome}"), tone=tone)]
    if not is_done:
        parts.append(Part(text=why(entry, texts), block=True))
    if entry.reason:
        parts.append(
            Part(text=texts("activity-reason", reason=entry.reason), faint=True, block=True)
        )
    return parts


def why(entry: ActivityEntry, texts: Texts) -> str:
    """Why a request was refused, in words; the bare code where it has none here."""
    if entry.outcome is Outcome.DONE or not entry.code:
        return ""
    return problem_text(EtlMonitorError(entry.code, entry.code, entry.details), texts)


def spreadsheet_columns(texts: Texts) -> list[str]:
    zone = texts("activity-time-in", zone=texts.zone)
    return [zone, *(texts(f"activity-{name}") for name in _EXPORTED)]


def spreadsheet_row(entry: ActivityEntry, texts: Texts) -> list[Cell]:
    return [
        texts.local(entry.at),
        entry.actor,
        _role(entry, texts),
        action_text(entry.action, texts),
        texts(f"activity-{entry.outcome}"),
        why(entry, texts),
        entry.reason or "",
        entry.title or "",
        entry.test_id or "",
        entry.job_id or "",
        entry.new_job_id or "",
    ]
