"""Pushes changes of the store to the open pages.

Streamlit has no public API that reruns a session from a thread (streamlit#2838, #2927). The names
used here have no underscore, must be called on the server's event loop, and are checked at start.
If they are missing, or in another app without our lifespan hook, pages poll every second instead
(`run_every`). No other module uses them.
"""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ClientState, ContextInfo
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx

from etl_monitor.store.job_store import JobStore

_log = logging.getLogger(__name__)

_MIN_INTERVAL = 0.2  # seconds between two updates of one page: steady, and still felt as instant
_FIRST_PAUSE = 3.0  # seconds in which a new page's browser draws it and opens its live socket
_CHECK_INTERVAL = 10.0  # seconds after which a page without changes is checked for being closed
_SETTLE_TIMEOUT = 30.0  # seconds; a page that renders for longer is updated with the next change


@dataclass(frozen=True, kw_only=True)
class Target:
    """What to rerun: one keyed fragment of one session's page."""

    session_id: str
    fragment_id: str
    query_string: str
    context_info: ContextInfo | None


def current_target(fragment_key: str) -> Target | None:
    """Return the keyed fragment that is being rendered, or None outside of a running page."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return None
    return Target(
        session_id=context.session_id,
        fragment_id=context.fragment_storage.resolve_target(fragment_key)[0],
        # Without these st.query_params and st.context would be empty in the requested run.
        query_string=context.query_string,
        context_info=context.context_info,
    )


def current_run() -> object | None:
    """Return an object that identifies the current run of a page.

    None while only a fragment runs: what it renders belongs to the last full run.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or context.fragment_ids_this_run:
        return None
    return context.parallel_coordinator


def current_session() -> str:
    """Return Streamlit's id of the session whose page runs; empty outside of a page."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def current_page() -> str:
    """Return the hash of the current page's script; empty outside of a page."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.page_script_hash if context else ""


_current: "LiveUpdates | None" = None


def current() -> "LiveUpdates | None":
    """Return the process's live updates, or None if pages have to poll."""
    return _current


def install(updates: "LiveUpdates | None") -> None:
    global _current  # one server per process, with one event loop
    _current = updates


def is_supported() -> bool:
    """Return whether this version of Streamlit has the names that a push needs."""
    names = ("track_settling", "wait_until_settled", "request_rerun", "page_script_hash")
    return all(hasattr(AppSession, name) for name in names) and hasattr(
        runtime.Runtime, "get_app_session"
    )


def _is_open(session_id: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(session_id)


async def settled(session: AppSession) -> bool:
    """Wait until no run of this session's page is under way. Returns False if it takes too long."""
    session.track_settling()
    try:
        async with asyncio.timeout(_SETTLE_TIMEOUT):
            await session.wait_until_settled()
    except TimeoutError:
        return False
    return True


async def page_settled(session_id: str) -> bool:
    """Likewise, of the session with this id; True if there is none any more."""
    session = runtime.get_instance().get_app_session(session_id) if runtime.exists() else None
    return session is None or await settled(session)


class LiveUpdates:
    """One task for each session that shows something live; it sleeps until there is a change."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._pushers: dict[str, _Pusher] = {}
        self._is_notified = False
        self._listeners: list[Callable[[], None]] = []
        self._paused: Counter[str] = Counter()  # sockets by session
        self._lock = threading.Lock()
        self._followed: dict[JobStore, Callable[[], None]] = {}

    def show(self, target: Target) -> None:
        """Push changes to `target` from now on. May be called from any thread."""
        self.loop.call_soon_threadsafe(self._show, target)

    def notify(self) -> None:
        """Report a change. May be called from any thread, at any rate: it is cheap."""
        if not self._is_notified:
            self._is_notified = True
            self.loop.call_soon_threadsafe(self._wake_pushers)

    def redraw(self, session_id: str) -> None:
        """Rerun this session's fragment: a reply that it waits for has arrived. From any thread;
        does nothing if the session or the server has ended."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._redraw, session_id)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` on the event loop after each change."""
        self._listeners.append(listener)

    def follow(self, store: JobStore) -> None:
        """Report the changes of this store from now on. Further calls do nothing."""
        with self._lock:
            if store not in self._followed:
                self._followed[store] = store.subscribe(self.notify)

    def pause(self, session_id: str, *, is_paused: bool) -> None:
        """Do not push to this session while its page has a live socket. On the event loop."""
        self._paused[session_id] += 1 if is_paused else -1
        if not self._paused[session_id]:
            del self._paused[session_id]
            self._redraw(session_id)

    def is_paused(self, session_id: str) -> bool:
        return session_id in self._paused

    def close(self) -> None:
        for unsubscribe in self._followed.values():
            unsubscribe()
        self._followed.clear()
        for pusher in self._pushers.values():
            pusher.task.cancel()
        self._pushers.clear()

    @property
    def sessions(self) -> int:
        return len(self._pushers)

    def _show(self, target: Target) -> None:
        pusher = self._pushers.get(target.session_id)
        if pusher is not None:
            pusher.target = target
            return
        self._pushers[target.session_id] = _Pusher(target, self)

    def _wake_pushers(self) -> None:
        self._is_notified = False
        for session_id, pusher in self._pushers.items():
            if session_id not in self._paused:
                pusher.has_changes.set()
        for listener in self._listeners:
            listener()

    def _redraw(self, session_id: str) -> None:
        pusher = self._pushers.get(session_id)
        if pusher is not None:
            pusher.has_changes.set()

    def forget(self, session_id: str) -> None:
        self._pushers.pop(session_id, None)


class _Pusher:
    def __init__(self, target: Target, updates: LiveUpdates) -> None:
        self.target = target
        self.has_changes = asyncio.Event()
        self._updates = updates
        self.task = updates.loop.create_task(self._run(), name=f"live-{target.session_id}")

    async def _run(self) -> None:
        try:
            # A busy browser that gets a fragment's run together with the page's first one takes it
            # for that of another page, and clears this one for good.
            await asyncio.sleep(_FIRST_PAUSE)
            while await self._push():
                await asyncio.sleep(_MIN_INTERVAL)
        except Exception:  # noqa: BLE001  # a task's top: one page must not end the others' updates
            _log.exception("live_updates_failed")
        finally:
            self._updates.forget(self.target.session_id)

    async def _push(self) -> bool:
        """Wait for a change, then until the page is idle, then rerun its fragment.

        Return False if the page is closed.
        """
        try:
            async with asyncio.timeout(_CHECK_INTERVAL):
                await self.has_changes.wait()
        except TimeoutError:
            return _is_open(self.target.session_id)
        if not _is_open(self.target.session_id):
            return False
        session = runtime.get_instance().get_app_session(self.target.session_id)
        if session is None:
            return False  # a browser that returns renders its page again, which calls `show`
        # A push into a page's run breaks its layout ("Bad delta path index"): wait until settled.
        if not await settled(session):
            return True
        self.has_changes.clear()
        if self._updates.is_paused(self.target.session_id):
            return True
        session.request_rerun(self._request(session.page_script_hash))
        return True

    def _request(self, page_script_hash: str) -> ClientState:
        return ClientState(
            fragment_id=self.target.fragment_id,
            page_script_hash=page_script_hash,
            query_string=self.target.query_string,
            context_info=self.target.context_info,
            is_auto_rerun=True,
        )
