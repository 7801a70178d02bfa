"""Updates of open pages. The sessions here are scripted; tests/browser uses real ones."""

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
    """The part of Streamlit's session that push.py uses: idle or rendering, and reruns."""

    page_script_hash = "page"

    def __init__(self) -> None:
        self.reruns: asyncio.Queue[ClientState] = asyncio.Queue()
        self.settled = asyncio.Event()
        self.settled.set()
        self.settling_calls = 0

    def track_settling(self) -> None:
        self.settling_calls += 1

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
    runtime = Runtime()
    monkeypatch.setattr("streamlit.runtime.get_instance", lambda: runtime)
    monkeypatch.setattr("streamlit.runtime.exists", lambda: True)
    monkeypatch.setattr(push, "_MIN_INTERVAL", 0.01)
    monkeypatch.setattr(push, "_FIRST_PAUSE", 0.0)
    return runtime


def target(session_id: str = "a", **fields: Any) -> Target:
    return Target(
        **{
            "session_id": session_id,
            "fragment_id": "bus",
            "query_string": "lang=ko",
            "context_info": None,
        }
        | fields
    )


def play(story: Story) -> None:
    async def run() -> None:
        updates = LiveUpdates(asyncio.get_running_loop())
        try:
            async with asyncio.timeout(10):
                await story(updates)
        finally:
            updates.close()

    asyncio.run(run())


def notify_often(updates: LiveUpdates) -> None:
    for _ in range(1000):
        updates.notify()


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.001)


async def run_pending() -> None:
    """Run all scheduled callbacks, and those that they schedule."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_this_streamlit_has_the_names_that_a_push_needs() -> None:
    assert push.is_supported()


def test_a_streamlit_without_one_of_these_names_is_unsupported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(AppSession, "wait_until_settled")
    assert not push.is_supported()


def test_outside_of_a_page_there_is_no_target() -> None:
    assert push.current_target("bus") is None
    assert push.current_run() is None


def test_a_browser_has_time_to_draw_a_new_page_before_the_first_push(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a pause of a day: a browser that gets both at once leaves the page blank."""
    monkeypatch.setattr(push, "_FIRST_PAUSE", 86_400.0)

    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        notify_often(updates)
        await run_pending()
        assert session.reruns.empty()
        assert session.settling_calls == 0

    play(story)


def test_a_change_reruns_the_target_fragment(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.notify()
        request = await session.reruns.get()
        assert request.fragment_id == "bus"
        assert request.page_script_hash == "page"
        assert request.query_string == "lang=ko"
        assert request.is_auto_rerun
        assert session.settling_calls

    play(story)


def test_without_a_change_nothing_is_rerun(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        await run_pending()
        assert session.reruns.empty()
        assert updates.sessions == 1

    play(story)


def test_changes_from_a_thread_are_combined_into_one_rerun(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        thread = threading.Thread(target=lambda: notify_often(updates))
        thread.start()
        thread.join()
        await session.reruns.get()
        await run_pending()
        assert session.reruns.empty()

    play(story)


def test_reruns_of_a_page_are_spaced(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "_MIN_INTERVAL", 3600.0)

    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.notify()
        await session.reruns.get()
        for _ in range(100):
            updates.notify()
            await run_pending()
        assert session.reruns.empty()

    play(story)


def test_a_change_while_a_page_renders_waits_until_it_is_idle(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        session.settled.clear()
        updates.show(target())
        updates.notify()
        await until(lambda: session.settling_calls > 0)
        await run_pending()
        assert session.reruns.empty()
        session.settled.set()
        await session.reruns.get()

    play(story)


def test_a_change_during_the_rerun_of_another_is_pushed_too(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.notify()
        await session.reruns.get()
        session.settled.clear()
        updates.show(target())  # the bus renders
        updates.notify()
        await until(lambda: session.settling_calls == 2)
        assert session.reruns.empty()
        session.settled.set()
        await session.reruns.get()

    play(story)


def test_a_page_that_renders_forever_loses_no_change_and_delays_no_other_page(
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
        await until(lambda: slow.settling_calls >= 3)
        slow.settled.set()
        await slow.reruns.get()

    play(story)


def test_a_closed_session_is_removed_and_may_return(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        runtime.sessions["a"] = Session()
        updates.show(target())
        await run_pending()
        del runtime.sessions["a"]
        updates.notify()
        await until(lambda: updates.sessions == 0)
        again = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.notify()
        await again.reruns.get()

    play(story)


def test_a_thousand_closed_sessions_are_removed_without_any_change(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_CHECK_INTERVAL", 0.05)

    async def story(updates: LiveUpdates) -> None:
        tasks = len(asyncio.all_tasks())
        for number in range(1000):
            runtime.sessions[str(number)] = Session()
            updates.show(target(str(number)))
        await until(lambda: updates.sessions == 1000)
        remaining = runtime.sessions["7"]
        runtime.sessions = {"7": remaining}
        await until(lambda: updates.sessions == 1)
        updates.notify()
        await remaining.reruns.get()
        await until(lambda: len(asyncio.all_tasks()) <= tasks + 1)

    play(story)


def test_a_broken_session_does_not_end_the_updates_of_others(
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

    play(story)
    assert "live_updates_failed" in caplog.text


def test_the_newest_target_of_a_session_counts(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        session = runtime.sessions["a"] = Session()
        updates.show(target())
        updates.show(target(query_string="job=4f2a", fragment_id="another"))
        updates.notify()
        request = await session.reruns.get()
        assert (request.query_string, request.fragment_id) == ("job=4f2a", "another")
        assert updates.sessions == 1

    play(story)


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
        await run_pending()
        assert len(asyncio.all_tasks()) == 1

    play(story)


def test_closing_ends_every_task(runtime: Runtime) -> None:
    async def story(updates: LiveUpdates) -> None:
        runtime.sessions["a"] = Session()
        updates.show(target())
        await run_pending()
        updates.close()
        await run_pending()
        assert updates.sessions == 0
        assert len(asyncio.all_tasks()) == 1

    play(story)


def test_live_updates_are_installed_once_per_process() -> None:
    assert push.current() is None
    loop = asyncio.new_event_loop()
    updates = LiveUpdates(loop)
    push.install(updates)
    assert push.current() is updates
    push.install(None)
    loop.close()
    assert push.current() is None
