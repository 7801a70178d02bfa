"""The live socket of a page, over a real connection, with real pages."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

import etl_monitor as em
from etl_monitor.ui.live import hub
from etl_monitor.ui.session.view import SessionState
from tests.support import factories
from tests.support.app_page import frames, run
from tests.support.eventually import eventually
from tests.support.job_events import partial
from tests.support.portal_process import free_port
from tests.support.scripted_server import HOLD, ScriptedServer, reply, stream

JOB = factories.JOB


def page() -> None:
    import etl_monitor as em

    em.progress_monitor()
    em.job_status(next(iter(em.use_etl_monitoring().snapshot().running)))


class Line:
    """A page's end of the socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def ask(self, question: dict[str, Any] | str | bytes) -> None:
        self._connection.send(json.dumps(question) if isinstance(question, dict) else question)

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._connection.recv(timeout=30))
        return message

    def news(self, view: str) -> dict[str, Any]:
        """Return the next news of this view."""
        message = self.receive()
        while view not in message["views"]:
            message = self.receive()
        news: dict[str, Any] = message["views"][view]
        return news

    def closing(self) -> int | None:
        """Return the code with which the socket is closed, after news that were on their way."""
        try:
            while True:
                self.receive()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


class Server:
    def __init__(self, port: int) -> None:
        self._port = port

    @contextmanager
    def line(self, origin: str | None = None) -> Iterator[Line]:
        address = f"ws://127.0.0.1:{self._port}/live"
        with connect(address, origin=Origin(origin) if origin else None) as connection:
            yield Line(connection)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    listed = [factories.running(progress=10).model_dump(mode="json", by_alias=True)]
    with ScriptedServer() as service:
        service.on("/etl/jobs", reply(listed, x_last_event_id="1", x_total_count="1"))
        service.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        monkeypatch.setenv("ETL_MONITOR_API_URL", service.address)
        assert em.use_etl_monitoring().wait_until(lambda seen: seen.connection.is_live, 10)
        with running_app() as port:
            yield Server(port)
        em.use_etl_monitoring().close()


@contextmanager
def running_app() -> Iterator[int]:
    """Run an app of one's own with the live socket. Yields its port."""
    app, port = Starlette(routes=em.ROUTES, lifespan=em.lifespan), free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()

    def is_started() -> None:
        assert server.started

    eventually(is_started)
    yield port
    server.should_exit = True
    thread.join()


def mounts(app: Any) -> dict[str, dict[str, Any]]:
    return {frame["mount"]: frame for frame in frames(app)}


def question(app: Any) -> dict[str, Any]:
    """Return what the page asks for when it shows what its run has drawn."""
    shown = mounts(app)
    session = next(frame["live"]["session"] for frame in shown.values())
    return {"session": session, "views": {key: frame["drawing"] for key, frame in shown.items()}}


def session_of(app: Any) -> SessionState:
    current = hub.current()
    assert current is not None
    found = current.session(question(app)["session"])
    assert found is not None
    return found


def apply(progress: int) -> None:
    em.use_etl_monitoring().store.apply(partial(JOB, progress=progress), "")


def test_a_page_gets_what_changes_in_all_of_its_views_at_once(server: Server) -> None:
    app = run(page)
    with server.line() as line:
        line.ask(question(app))
        apply(11)
        message = line.receive()
        job = f"etl-job-{JOB}-line"
        assert set(message["views"]) == {job, "etl-monitor"}
        change = message["views"][job]["patch"]["in"]["job"]["set"]
        assert (change["progress"], change["percent"]) == (11, "11%")
        assert message["storeVersion"] == em.use_etl_monitoring().snapshot().version
        apply(12)
        assert line.news(job)["patch"]["in"]["job"]["set"]["progress"] == 12


def test_a_page_without_a_drawing_gets_the_whole(server: Server) -> None:
    app = run(page)
    with server.line() as line:
        request = question(app)
        line.ask({**request, "views": dict.fromkeys(request["views"])})
        whole = line.news("etl-monitor")["whole"]
    first = mounts(app)["etl-monitor"]["data"]
    assert whole["running"] == first["running"]
    assert first.keys() - whole.keys() == {"openJobs", "startedJobs", "bulkActions"}


def test_a_page_that_was_away_gets_what_it_missed(server: Server) -> None:
    app = run(page)
    with server.line() as line:
        line.ask(question(app))
        apply(11)
        version = line.receive()["version"]
    apply(12)
    with server.line() as line:
        request = question(app)
        line.ask({**request, "views": dict.fromkeys(request["views"], version)})
        rows = line.news("etl-monitor")["patch"]["in"]["running"]["rows"]
    assert rows["change"][JOB]["set"]["progress"] == 12


def test_two_people_share_one_drawing(server: Server) -> None:
    one, other = run(page), run(page)
    assert session_of(one) is not session_of(other)
    assert dict(session_of(one).channels) == dict(session_of(other).channels)


def test_nothing_is_sent_while_a_new_run_of_the_page_is_under_way(server: Server) -> None:
    app = run(page)
    with server.line() as line:
        line.ask(question(app))
        session_of(app).holds += 1  # as when a run has taken its snapshot
        apply(11)
        line.ask(question(app))
        assert line.receive()["requests"] == 2


def test_a_page_of_an_unknown_session_is_to_run_again(server: Server) -> None:
    with server.line() as line:
        line.ask({"session": "guessed", "views": {}})
        assert line.closing() == 4404


def test_the_end_of_the_sign_in_closes_the_socket(server: Server) -> None:
    app = run(page)
    with server.line() as line:
        line.ask(question(app))
        session_of(app).signed_in_until = time.time() + 0.2
        apply(11)
        assert line.closing() == 4401


@pytest.mark.parametrize(
    "text", ["", "[]", '{"session": 1, "views": {}}', '{"session": "a", "views": 3}', "x" * 70_000]
)
def test_what_is_no_question_closes_the_socket(server: Server, text: str) -> None:
    with server.line() as line:
        line.ask(text)
        assert line.closing() == 1008


def test_bytes_close_the_socket(server: Server) -> None:
    with server.line() as line:
        line.ask(b"\x00")
        assert line.closing() == 1008


def test_what_this_person_did_since_the_last_run_is_sent(server: Server) -> None:
    app = run(page)
    session_of(app).bulk_actions["jobs"] += 1
    with server.line() as line:
        line.ask(question(app))
        assert line.receive()["personal"]["etl-monitor"]["bulkActions"] == 1


def test_a_page_of_another_origin_gets_no_socket(server: Server) -> None:
    with pytest.raises(InvalidStatus) as rejected, server.line(origin="http://evil.example"):
        pass
    assert rejected.value.response.status_code == 403
