"""News of the store to the open pages, by push.

Streamlit has no public call that reruns a session from a thread (streamlit#2838, #2927). What is
used here has no underscored name, must run on the server's event loop, and is looked for at start;
where it is missing, or where nobody started us (a page of somebody else's app without our lifespan
hook), pages ask every second instead (`run_every`). This is the only module that touches it.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ClientState, ContextInfo
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx

_log = logging.getLogger(__name__)

_AT_MOST_EVERY = 0.2  # seconds between two repaints of one page: calm, and still felt as at once
_LOOKS_EVERY = 10.0  # seconds; without news too, a page that was closed is forgotten
_SETTLES_WITHIN = (
    30.0  # seconds; a page that draws longer than that gets its news with the next one
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """What to rerun: one keyed fragment of one session's page."""

    session_id: str
    fragment_id: str
    query_string: str
    context_info: ContextInfo | None


def current_target(fragment_key: str) -> Target | None:
    """The keyed fragment that is being drawn, or None outside of a running page."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return None
    return Target(
        session_id=context.session_id,
        fragment_id=context.fragment_storage.resolve_target(fragment_key)[0],
        # Without these st.query_params and st.context would be empty in the run that we ask for.
        query_string=context.query_string,
        context_info=context.context_info,
    )


def current_run() -> object | None:
    """An object that is the same during one run of a page, and another one in the next run.

    None while only a fragment runs: what it draws belongs to the last full run.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or context.fragment_ids_this_run:
        return None
    return context.parallel_coordinator


def current_page() -> str:
    """The same for all runs of one page of the app; empty outside of a page."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.page_script_hash if context else ""


_current: "LiveUpdates | None" = None


def current() -> "LiveUpdates | None":
    """The process's live updates; None where nobody started them, or where pages are to poll."""
    return _current


def install(updates: "LiveUpdates | None") -> None:
    global _current  # one server a process, one event loop, one of these
    _current = updates


def is_supported() -> bool:
    """Whether this Streamlit has the names that a push needs."""
    names = ("track_settling", "wait_until_settled", "request_rerun", "page_script_hash")
    return all(hasattr(AppSession, name) for name in names) and hasattr(
        runtime.Runtime, "get_app_session"
    )


def _is_open(session_id: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(session_id)


class LiveUpdates:
    """One task for each session that shows something live; it sleeps until there is news."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pushers: dict[str, _Pusher] = {}
        self._woken = False

    def show(self, target: Target) -> None:
        """A page draws `target` now and wants to hear of news. From any thread."""
        self._loop.call_soon_threadsafe(self._show, target)

    def notify(self) -> None:
        """There is something new to see. From any thread; cheap, as often as you like."""
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._wake)

    def redraw(self, session_id: str) -> None:
        """Rerun this session's fragment: a reply that it waits for has arrived. From any thread;
        does nothing if the session or the server has ended."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._redraw, session_id)

    def close(self) -> None:
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
        self._pushers[target.session_id] = _Pusher(target, self._loop, self._forget)

    def _wake(self) -> None:
        self._woken = False
        for pusher in self._pushers.values():
            pusher.wanted.set()

    def _redraw(self, session_id: str) -> None:
        pusher = self._pushers.get(session_id)
        if pusher is not None:
            pusher.wanted.set()

    def _forget(self, session_id: str) -> None:
        self._pushers.pop(session_id, None)


class _Pusher:
    def __init__(
        self, target: Target, loop: asyncio.AbstractEventLoop, forget: Callable[[str], None]
    ) -> None:
        self.target = target
        self.wanted = asyncio.Event()
        self._forget = forget
        self.task = loop.create_task(self._run(), name=f"live-{target.session_id}")

    async def _run(self) -> None:
        try:
            while await self._push():
                await asyncio.sleep(_AT_MOST_EVERY)
        except Exception:  # noqa: BLE001  # a task's top: one page must not end the others' news
            _log.exception("live_updates_failed")
        finally:
            self._forget(self.target.session_id)

    async def _push(self) -> bool:
        """Wait for news, then for the page to be at rest, then rerun its fragment."""
        try:
            async with asyncio.timeout(_LOOKS_EVERY):
                await self.wanted.wait()
        except TimeoutError:
            return _is_open(self.target.session_id)
        session = runtime.get_instance().get_app_session(self.target.session_id)
        if session is None or not _is_open(self.target.session_id):
            return False  # a browser that comes back draws its page again, and with it calls show
        session.track_settling()
        # A push into a page's run breaks its layout ("Bad delta path index"): wait until settled.
        try:
            async with asyncio.timeout(_SETTLES_WITHIN):
                await session.wait_until_settled()
        except TimeoutError:
            return True
        self.wanted.clear()
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
