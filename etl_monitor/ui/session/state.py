"""A browser session's own state. The only module that names `st.session_state`.

Nothing big lives here: the job table of a session is a pointer to the store's newest immutable
snapshot, and what this person chose to see of it.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary, ref

import streamlit as st

from etl_monitor import settings
from etl_monitor.client import EtlClient
from etl_monitor.i18n import LANGUAGES, Texts
from etl_monitor.monitoring import Monitoring, use_etl_monitoring
from etl_monitor.portal import paint_reports, push, sign_in
from etl_monitor.portal.latency import Latency
from etl_monitor.portal.sign_in import Visitor, forbidden
from etl_monitor.store.job_store import Snapshot
from etl_monitor.ui.session.pagination import Paging
from etl_monitor.wire.delegation import Person
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.roles import Right

_TABLE = "etl_monitor_table"
_LANGUAGE = "etl_monitor_language"
_CHOSEN_LANGUAGE = "etl_monitor_chosen_language"
_NOTICES = "etl_monitor_notices"
LANGUAGE_COOKIE = "etl_monitor_language"
_STARTED_KEPT = 100
_KEPT = "etl_monitor_kept"

T = TypeVar("T")


class View(ABC):
    """Something live on a page: `name` chooses how it is drawn, `data` says what is drawn."""

    name: str

    @abstractmethod
    def data(self, look: "Look") -> Mapping[str, Any]:
        """JSON for the browser, of one look at the jobs. Called again for each news."""

    def is_outdated(self, look: "Look") -> bool:
        """Whether the page around this view shows something that this look makes old, so that all
        of it must be drawn again."""
        return False


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the jobs: everything that is drawn of it shows the same version."""

    snapshot: Snapshot
    texts: Texts
    table: "JobTable"
    monitoring: Monitoring
    rights: frozenset[Right] = frozenset(Right)  # of whoever looks


@dataclass(kw_only=True)
class JobTable:
    """What one session sees of the jobs.

    `views` are the live places of the page as its last full run made it, `former` those of the run
    before.
    """

    monitoring: Monitoring
    id: str = field(default_factory=lambda: uuid4().hex)
    views: dict[str, View] = field(default_factory=dict)
    former: dict[str, View] = field(default_factory=dict)
    _last: dict[str, View] = field(default_factory=dict)
    open_jobs: frozenset[str] = frozenset()  # jobs whose details are open
    acted_at: datetime | None = None  # when this person last stopped or removed something
    started: tuple[str, ...] = ()  # the newest jobs that this person started
    bulk: Counter[str] = field(default_factory=Counter)  # jobs, tests: how often several at once
    linked_job: str | None = None  # the job that the page's address named
    chosen_statuses: frozenset[JobStatus] = frozenset()  # of the monitor's chips
    finished: Paging = field(default_factory=Paging)  # of the finished jobs
    results: Paging = field(default_factory=Paging)
    run_number: int = 0
    latency: Latency = field(default_factory=Latency)
    drawn_version: int = 0  # of the last look that went out to the browser
    _seen: set[str] = field(default_factory=set)
    _run: Callable[[], object | None] = lambda: None
    _page: str = ""

    @property
    def snapshot(self) -> Snapshot:
        """The newest truth. Take it once for one drawing."""
        return self.monitoring.snapshot()

    def look(self) -> Look:
        """One look for a full run, however long that takes and however much it draws; afterwards
        each look is at the newest."""
        return Look(
            snapshot=_of_this_run(self.monitoring),
            texts=texts(),
            table=self,
            monitoring=self.monitoring,
            rights=visitor().rights,
        )

    def sending(self, look: Look) -> int | None:
        """This look goes out to be drawn: the number by which the browser tells that it has."""
        before, self.drawn_version = self.drawn_version, look.snapshot.version
        changed_at = self.monitoring.store.changed_between(before, self.drawn_version)
        return self.latency.sending(changed_at)

    def toggle(self, job_id: str) -> None:
        self.open_jobs = self.open_jobs ^ {job_id}

    def has_acted(self) -> None:
        self.acted_at = datetime.now(UTC)

    def has_started(self, *job_ids: str) -> None:
        self.started = (*job_ids, *self.started)[:_STARTED_KEPT]

    def is_first_time(self, what: str) -> bool:
        """True the first time that this session asks about `what`."""
        if what in self._seen:
            return False
        self._seen.add(what)
        return True

    def add_view(self, key: str, view: View) -> str:
        """Keep `view` for news. Returns its key, made different where the page drew it already."""
        in_full_run = push.current_run() is not None
        if in_full_run and key in self.views:
            key = f"{key}-{len(self.views)}"
        self.views[key] = view
        self._page = push.current_page()  # a session's first run learns it only on its way
        return key

    def is_new_run(self) -> bool:
        """True once in each full run of the page: then the old run's views are the former ones."""
        run = push.current_run()
        if run is None or run is self._run():
            return False
        self._run = ref(run)
        self.run_number += 1
        # Of two runs: the last one may have been broken off before it drew all of its views.
        self.former, self._last = (
            ({**self._last, **self.views}, self.views)
            if self._page == push.current_page()
            else ({}, {})
        )
        self.views = {}
        return True

    def views_to_tell(self, look: Look) -> dict[str, View]:
        """To whom the bus brings this look. A full run draws all views with it, one after another;
        they all hear of it first, so that no page shows two versions. Also where it went out
        before: what the browser has not fetched yet is thrown away when a full run begins."""
        return self.views if push.current_run() is None else self.former


# Each page's run and what it shows; gone with the run, as nothing else keeps that.
_runs: WeakKeyDictionary[object, Snapshot] = WeakKeyDictionary()


def _of_this_run(monitoring: Monitoring) -> Snapshot:
    run = push.current_run()
    return monitoring.snapshot() if run is None else _runs.setdefault(run, monitoring.snapshot())


def job_table() -> JobTable:
    """This session's job table; made, with the process's one follower, when first asked for."""
    found = st.session_state.get(_TABLE)
    if not isinstance(found, JobTable) or found.monitoring.is_closed:
        found = JobTable(monitoring=use_etl_monitoring())
        paint_reports.listen(found.id, found.latency)
        st.session_state[_TABLE] = found
    return found


def visitor() -> Visitor:
    """Who looks at this session's pages."""
    set_up = kept("settings", settings.load)
    is_known = set_up.sign_in == "oidc" and bool(st.user.get("is_logged_in"))
    claims = st.user.to_dict() if is_known else None
    return sign_in.visitor(claims, job_table().monitoring.introduction(), set_up)


def may(right: Right) -> bool:
    """Whether whoever looks may do this. The service decides again."""
    return right in visitor().rights


def acting(right: Right) -> EtlClient:
    """The client for what this person asks for, which tells the service who that is. Raises
    Forbidden: a browser may send what no button of its page stands for."""
    who = visitor()
    if right not in who.rights or who.role is None:
        raise forbidden(who.role, right)
    client = job_table().monitoring.client.with_language(language())
    return client.acting_for(Person(name=who.name, role=who.role)) if who.is_signed_in else client


def texts() -> Texts:
    """The catalogue in this person's language: chosen on a page, now or earlier, else set, else the
    browser's."""
    return Texts(language(), st.context.timezone)


def language() -> str:
    asked = st.query_params.get("lang")
    if asked in LANGUAGES:
        st.session_state[_LANGUAGE] = asked
    return st.session_state.get(_LANGUAGE) or _language_without_choice()


def kept(key: str, make: Callable[[], T]) -> T:
    """What this session keeps under `key`; made when first asked for."""
    shelf: dict[str, T] = st.session_state.setdefault(_KEPT, {})
    if key not in shelf:
        shelf[key] = make()
    return shelf[key]


def begin_with(key: str, value: str) -> None:
    """What the input with this key holds where it is drawn again: Streamlit forgets the inputs that
    a run did not draw."""
    st.session_state.setdefault(key, value)


def choose_language(code: str) -> None:
    """Remember a choice and keep it in the address, so that a link shows the same."""
    st.session_state[_LANGUAGE] = st.session_state[_CHOSEN_LANGUAGE] = code
    st.query_params["lang"] = code


def chosen_language() -> str:
    """What this person chose here, for their browser to remember; empty where they did not. A link
    in another language is no choice."""
    return str(st.session_state.get(_CHOSEN_LANGUAGE, ""))


def told_by(key: str) -> Any:
    """What the component with this key sent, for its callback, which runs before the page does."""
    return st.session_state.get(key, {}).get("action")


def entered(key: str, otherwise: str = "") -> str:
    """What the input with this key holds, also before the page draws it."""
    return str(st.session_state.get(key, otherwise) or "")


def enter(value: str, *keys: str) -> None:
    """Give these inputs a value, before the page draws them."""
    st.session_state.update(dict.fromkeys(keys, value))


def notify(message: str) -> None:
    """Show `message` as a toast in the next run: for what this person just asked for."""
    st.session_state.setdefault(_NOTICES, []).append(message)


def notices() -> list[str]:
    """The toasts that wait; asking takes them."""
    waiting: list[str] = st.session_state.pop(_NOTICES, [])
    return waiting


def _language_without_choice() -> str:
    remembered = st.context.cookies.get(LANGUAGE_COOKIE)
    if remembered in LANGUAGES:
        return remembered
    preferred = settings.load().language
    if preferred != "auto":
        return preferred
    return "ko" if (st.context.locale or "").lower().startswith("ko") else "en"
