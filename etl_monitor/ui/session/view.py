"""Live views of a page, and the session state that keeps them from run to run."""

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from weakref import ref

from etl_monitor.i18n.translator import Translator
from etl_monitor.monitoring import Monitoring
from etl_monitor.portal import push, script_run
from etl_monitor.portal.latency import Latency
from etl_monitor.store.job_store import Snapshot
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.session.pagination import Pagination
from etl_monitor.wire.roles import Right

BUS = "etl-monitor-bus"  # the fragment that updates the page's views

_INNER = "\n"  # between the key of a view and the row of a view within it
_DELIMITER = re.compile("_{2,}|_$")  # Streamlit's within a component's id: no key may contain it


class View(ABC):
    """A live part of a page. `name` selects the script that draws it."""

    name: str

    @abstractmethod
    def render(self, ctx: "RenderContext") -> Mapping[str, Any]:
        """Return the JSON payload for the browser. Called again after each change."""

    def identity(self) -> Hashable:
        """Return what this view is besides its `name`: views that are equal in it, for readers who
        have the same language, time zone, rights and `choices`, show the same."""
        return repr(self)

    def choices(self, ctx: "RenderContext") -> Hashable:
        """Return what of the session shapes the drawing."""
        return None

    def inner_views(self, payload: Mapping[str, Any], ctx: "RenderContext") -> Mapping[str, "View"]:
        """Return the views within this one that are drawn for themselves, by the ids of the rows of
        its `payload` to which they belong."""
        return {}

    def personal(self, session: "SessionState") -> Mapping[str, Any]:
        """Return the part of the payload that is this person's only, which no others see."""
        return {}

    def outdated(self, ctx: "RenderContext") -> str:
        """Return for what the page around this view must be run again, as a name of this cause,
        for each of which it is run once; empty if nothing has to be."""
        return ""


@dataclass(frozen=True, kw_only=True)
class RenderContext:
    """What a rendering reads. Views that share a context show the same version of the jobs."""

    snapshot: Snapshot
    t: Translator
    session: "SessionState"
    monitoring: Monitoring
    rights: frozenset[Right] = frozenset(Right)  # of the person who sees the page
    may_wait: bool = True  # for the service: in a page's full run, never in live updates
    redraw: Callable[[], None] = lambda: None  # draws again once an awaited reply is there
    reader: str = ""  # who redraws; empty: the session

    @property
    def jobs(self) -> JobTable:
        return self.session.jobs

    @property
    def clock_offset(self) -> timedelta:
        """The service's clock minus ours."""
        return self.snapshot.connection.clock_offset

    @property
    def now(self) -> datetime:
        """The present by the service's clock, with which its times are compared."""
        return datetime.now(UTC) + self.clock_offset


@dataclass(kw_only=True)
class SessionState:
    """The state of one browser session. It is small: jobs are a pointer to the shared snapshot.

    `views` are the live views of the current page as its last full run mounted them,
    `previous_views` those of the run before.
    """

    jobs: JobTable
    id: str = field(default_factory=lambda: uuid4().hex)
    views: dict[str, View] = field(default_factory=dict)
    previous_views: dict[str, View] = field(default_factory=dict)
    results: Pagination = field(default_factory=Pagination)
    acted_at: datetime | None = None  # when this person last cancelled or deleted something
    bulk_actions: Counter[str] = field(default_factory=Counter)  # by "jobs" and "tests"
    run_number: int = 0
    notices: int = 0  # how many times the page has shown some
    latency: Latency = field(default_factory=Latency)
    sent_version: int = 0  # the snapshot version that was last sent to the browser
    channels: dict[str, Any] = field(default_factory=dict)  # live ones of the views, by their keys
    mountings: int = 0  # so far
    sent: dict[str, Any] = field(default_factory=dict)  # drawings of the views, over the bus
    personal_parts: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # as mounted
    holds: int = 0  # full runs so far; each holds live updates until the page shows its views
    signed_in_until: float | None = None  # seconds of `time.time`; None: without end
    page_session: str = ""  # Streamlit's id of this session
    _last_run: dict[str, View] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _run: Callable[[], object | None] = lambda: None
    _pass: Callable[[], object | None] = lambda: None
    _uses: Counter[str] = field(default_factory=Counter)  # of keys and buses, in this pass
    _page: str = ""

    @property
    def monitoring(self) -> Monitoring:
        return self.jobs.monitoring

    def record_sending(self, version: int) -> int | None:
        """Start the latency measurement of a rendering of this version of the store. Returns its
        number for the paint report, None if nothing changed since the last one."""
        previous, self.sent_version = self.sent_version, version
        changed_at = self.monitoring.store.changed_between(previous, self.sent_version)
        return self.latency.record_sent(changed_at)

    def copy_of_choices(self) -> "SessionState":
        """Return a copy that later choices of this person do not change."""
        return replace(
            self,
            jobs=self.jobs.copy(),
            results=replace(self.results),
            views={},
            previous_views={},
            channels={},
            sent={},
        )

    def record_action(self) -> None:
        """Remember that this person cancelled or deleted something just now."""
        self.acted_at = datetime.now(UTC)

    def is_first_time(self, what: str) -> bool:
        """Return True for the first call with `what` in this session."""
        if what in self._seen:
            return False
        self._seen.add(what)
        return True

    def add_view(self, key: str, view: View) -> str:
        """Keep `view` for updates. Returns its key, changed if the page has used it already, or if
        Streamlit cannot use it."""
        key = self.free_key(_DELIMITER.sub("-", str(key)))
        self._drop_inner_views(key)
        self.views[key] = view
        self._page = push.current_page()  # known only while the session's first run is under way
        return key

    def add_inner_view(self, key: str, row: str, view: View) -> str:
        """Keep a view within the view `key`, for one of its rows. Returns its key."""
        inner = f"{key}{_INNER}{row}"
        self.views[inner] = view
        return inner

    def free_key(self, key: str, of: str = "view") -> str:
        """Return a key that no other view (or what it is `of`) on the page has, and that the same
        place gets again when only its fragment runs: it says in which fragment it is, and how many
        were there before."""
        if script_run.current_pass() is None:
            return key
        fragment = script_run.current_fragment()
        key = f"{key}-{fragment}" if fragment else key
        uses = self._uses_in_this_pass()
        uses[f"{of} {key}"] += 1
        number = uses[f"{of} {key}"]
        return key if number == 1 else f"{key}-{number}"

    def needs_bus(self) -> bool:
        """Return True if a bus must be drawn here: the page has none, nor has this fragment. Call
        it before each view. A fragment that runs alone loses what it does not draw again."""
        uses, here = self._uses_in_this_pass(), f"bus {script_run.current_fragment()}"
        is_full_run = push.current_run() is not None
        if uses["bus "] if is_full_run else script_run.has_fragment(BUS):
            return False
        uses[here] += 1
        return uses[here] == 1

    def _drop_inner_views(self, key: str) -> None:
        """Forget those of an earlier mount. Other threads read the tables, so they are replaced."""
        for name in ("views", "channels", "sent", "personal_parts"):
            table = getattr(self, name)
            if any(k.startswith(key + _INNER) for k in table):
                left = {k: v for k, v in table.items() if not k.startswith(key + _INNER)}
                setattr(self, name, left)

    def _uses_in_this_pass(self) -> Counter[str]:
        current = script_run.current_pass()
        if current is not None and current is not self._pass():
            self._pass, self._uses = ref(current), Counter()
        return self._uses

    def is_new_run(self) -> bool:
        """Return True once in each full run, after moving the old run's views aside."""
        run = push.current_run()
        if run is None or run is self._run():
            return False
        self._run = ref(run)
        self.run_number += 1
        # Of two runs: the last one may have stopped before it mounted all of its views.
        self.previous_views, self._last_run = (
            ({**self._last_run, **self.views}, self.views)
            if self._page == push.current_page()
            else ({}, {})
        )
        self.views, self.channels, self.sent, self.personal_parts = {}, {}, {}, {}
        return True
