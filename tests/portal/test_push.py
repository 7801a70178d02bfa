"""News to open pages. The sessions here are scripted; tests/browser shows it with real ones."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

from etl_monitor.portal import push
from etl_monitor.portal.push import LiveUpdates, Target

Story = Callable[[LiveUpdates], Awaitable[None]]


class Session:
    """What live.py asks of Streamlit's own session: at rest or drawing, and reruns that are asked
    of it."""

    page_script_hash = "page"

    def __init__(self) -> None:
        self.reruns: asyncio.Queue[ClientState] = asyncio.Queue()
        self.settled = asyncio.Event()
        self.settled.set()
        self.asked_to_track = 0

    def track_settling(self) -> None:
        self.asked_to_track += 1

    async def wait_until_settled(self) -> None:
        await self.settled.wait()

    def request_rerun(self, state: ClientState) -> None:
        assert self.settled.is_set(), "a push into a running page breaks its layout"
        self.reruns.put_nowait(state)


class BrokenSession(Session):
    def track_settling(self) -> None:
        raise RuntimeError("no such name in this Streamlit")


class Runtime:
    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}

    def get_app_session(self, session_id: str) -> Session | None:
        return self.sessions.get(session_id)

    def is_active_session(self, session_id: str) -> bool:
        return session_id in self.sessions


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    made = Runtime()
    monkeypatch.setattr("streamlit.runtime.get_instance", lambda: made)
    monkeypatch.setattr("streamlit.runtime.exists", lambda: True)
    monkeypatch.setattr(push, "_MIN_INTERVAL", 0.01)
    return made


def target(session_id: str = "a", **told: Any) -> Target:
    return Target(
        **{
            "session_id": session_id,
            "fragment_id": "bus",
            "query_string": "lang=ko",
            "context_info": None,
        }
        | told
    )


def tell(story: Story) -> None:
    async def run() -> None:
        updates = LiveUpdates(asyncio.get_running_loop())
        try:
            async with asyncio.timeout(10):
                await story(updates)
        finally:
            updates.close()

    asyncio.run(run())


def storm(updates: LiveUpdates) -> None:
    for _ in range(1000):
        updates.notify()


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.001)


async def everything_done() -> None:
    """Let all that was asked of the loop so far be done, and what that asked for in turn."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_this_streamlit_has_the_names_that_a_push_needs() -> None:
    assert push.is_supported()


def test_a_streamlit_without_one_of_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(AppSession, "wait_until_settled")
    assert not push.is_supported()


def test_outside_of_a_page_there_is_nothing_to_push_to() -> None:
    assert push.current_target("bus") is None
    assert push.current_run() is None


def test_news_rerun_the_one_fragment_that_shows_them(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.notify()
        asked = await session.reruns.get()
        assert asked.fragment_id == "bus"
        assert asked.page_script_hash == "page"
        assert asked.query_string == "lang=ko"
        assert asked.is_auto_rerun
        assert session.asked_to_track

    tell(story)


def test_without_news_nothing_is_drawn(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        await everything_done()
        assert session.reruns.empty()
        assert updates.sessions == 1

    tell(story)


def test_news_from_a_thread_are_drawn_together(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        thread = threading.Thread(target=lambda: storm(updates))
        thread.start()
        thread.join()
        await session.reruns.get()
        await everything_done()
        assert session.reruns.empty()

    tell(story)


def test_a_page_gets_a_moment_between_two_drawings(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_MIN_INTERVAL", 3600.0)

    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.notify()
        await session.reruns.get()
        for _ in range(100):
            updates.notify()
            await everything_done()
        assert session.reruns.empty()

    tell(story)


def test_news_while_a_page_draws_wait_until_it_is_at_rest(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        session.settled.clear()
        updates.show(target())
        updates.notify()
        await until(lambda: session.asked_to_track > 0)
        await everything_done()
        assert session.reruns.empty()
        session.settled.set()
        await session.reruns.get()

    tell(story)


def test_news_that_come_during_the_drawing_of_earlier_news_are_drawn_too(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.notify()
        await session.reruns.get()
        session.settled.clear()
        updates.show(target())  # the bus draws
        updates.notify()
        await until(lambda: session.asked_to_track == 2)
        assert session.reruns.empty()
        session.settled.set()
        await session.reruns.get()

    tell(story)


def test_a_page_that_draws_for_ever_loses_nothing_and_holds_nobody_up(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_SETTLE_TIMEOUT", 0.01)

    async def story(updates: LiveUpdates) -> None:
        slow = runtime.sessions["slow"] = Session()
        quick = runtime.sessions["quick"] = Session()
        slow.settled.clear()
        updates.show(target("slow"))
        updates.show(target("quick"))
        updates.notify()
        await quick.reruns.get()
        await until(lambda: slow.asked_to_track >= 3)
        slow.settled.set()
        await slow.reruns.get()

    tell(story)


def test_a_closed_session_is_forgotten_and_may_come_back(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        runtime.sessions["a"] = Session()
        updates.show(target())
        await everything_done()
        del runtime.sessions["a"]
        updates.notify()
        await until(lambda: updates.sessions == 0)
        again = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.notify()
        await again.reruns.get()

    tell(story)


def test_a_thousand_sessions_that_were_closed_are_forgotten_without_any_news(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_CHECK_INTERVAL", 0.05)

    async def story(updates: LiveUpdates) -> None:
        tasks = len(asyncio.all_tasks())
        for number in range(1000):
            runtime.sessions[str(number)] = Session()
            updates.show(target(str(number)))
        await until(lambda: updates.sessions == 1000)
        kept = runtime.sessions["7"]
        runtime.sessions = {"7": kept}
        await until(lambda: updates.sessions == 1)
        updates.notify()
        await kept.reruns.get()
        await until(lambda: len(asyncio.all_tasks()) <= tasks + 1)

    tell(story)


def test_one_broken_session_does_not_end_the_others_news(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(updates: LiveUpdates) -> None:
        runtime.sessions["broken"] = BrokenSession()
        whole = runtime.sessions["whole"] = Session()
        updates.show(target("broken"))
        updates.show(target("whole"))
        updates.notify()
        await whole.reruns.get()
        await until(lambda: updates.sessions == 1)

    tell(story)
    assert "live_updates_failed" in caplog.text


def test_the_newest_address_of_a_page_counts(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.show(target(query_string="job=4f2a", fragment_id="another"))
        updates.notify()
        asked = await session.reruns.get()
        assert (asked.query_string, asked.fragment_id) == ("job=4f2a", "another")
        assert updates.sessions == 1

    tell(story)


def test_a_thousand_sessions_come_and_go(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        names = [f"s{n}" for n in range(1000)]
        for name in names:
            runtime.sessions[name] = Session()
            updates.show(target(name))
        updates.notify()
        for name in names:
            await runtime.sessions[name].reruns.get()
        runtime.sessions.clear()
        updates.notify()
        await until(lambda: updates.sessions == 0)
        await everything_done()
        assert len(asyncio.all_tasks()) == 1

    tell(story)


def test_closing_ends_every_task(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        runtime.sessions["a"] = Session()
        updates.show(target())
        await everything_done()
        updates.close()
        await everything_done()
        assert updates.sessions == 0
        assert len(asyncio.all_tasks()) == 1

    tell(story)


def test_one_of_these_for_a_process() -> None:
    assert push.current() is None
    loop = asyncio.new_event_loop()
    updates = LiveUpdates(loop)
    push.install(updates)
    assert push.current() is updates
    push.install(None)
    loop.close()
    assert push.current() is None
