"""A page of the portal without a browser: Streamlit's own protocol over its websocket."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

TIMEOUT = 60.0  # seconds


@dataclass(frozen=True)
class Page:
    """Both lines of a page, as a browser holds them, and the components that it shows at first."""

    streamlit: ClientConnection
    live: ClientConnection
    components: Sequence[BidiComponent]


@contextmanager
def open_page(portal_url: str) -> Iterator[Page]:
    """Open a session as a browser does: the live socket carries the updates of what it shows."""
    with _connection(portal_url) as connection:
        components = _components(_run(connection, "lang=en"))
        address = portal_url.replace("http", "ws", 1) + "/live"
        with connect(address, origin=Origin(portal_url), max_size=None) as live:
            live.send(json.dumps(live_request(components)))
            yield Page(connection, live, components)


@contextmanager
def open_session(
    portal_url: str, query: str = "lang=en", tls: SSLContext | None = None
) -> Iterator[ClientConnection]:
    """Open a session whose page is rendered once; it receives every push until it is closed."""
    with _connection(portal_url, tls) as connection:
        _run(connection, query)
        yield connection


def _connection(portal_url: str, tls: SSLContext | None = None) -> ClientConnection:
    address = portal_url.replace("http", "ws", 1) + "/_stcore/stream"
    protocols, origin = [Subprotocol("streamlit")], Origin(portal_url)
    return connect(address, subprotocols=protocols, origin=origin, max_size=None, ssl=tls)


def _run(connection: ClientConnection, query: str) -> Sequence[ForwardMsg]:
    """Render the page. Returns all messages up to its end. Raises AssertionError if it fails."""
    request = BackMsg()
    request.rerun_script.query_string = query
    connection.send(request.SerializeToString())
    messages = [next_message(connection)]
    while messages[-1].WhichOneof("type") != "script_finished":
        messages.append(next_message(connection))
        assert messages[-1].delta.new_element.WhichOneof("type") != "exception", messages[-1]
    return messages


def _components(messages: Sequence[ForwardMsg]) -> Sequence[BidiComponent]:
    elements = (m.delta.new_element for m in messages if m.WhichOneof("type") == "delta")
    return [e.bidi_component for e in elements if e.WhichOneof("type") == "bidi_component"]


def live_request(components: Sequence[BidiComponent]) -> dict[str, Any]:
    """Return what a page sends over the live socket if it shows these components."""
    frames = [json.loads(component.json) for component in components if component.json]
    views = [frame for frame in frames if "live" in frame]
    session = next(frame["live"]["session"] for frame in views)
    return {"session": session, "views": {frame["mount"]: frame["drawing"] for frame in views}}


def wait_for(connection: ClientConnection, kind: str) -> ForwardMsg:
    """Return the next message of this kind."""
    while True:
        message = next_message(connection)
        if message.WhichOneof("type") == kind:
            return message


def next_message(connection: ClientConnection) -> ForwardMsg:
    return _parsed(connection.recv(timeout=TIMEOUT))


def kind_of(content: str | bytes) -> str:
    """Return the kind of a message of the page."""
    return str(_parsed(content).WhichOneof("type"))


def _parsed(content: str | bytes) -> ForwardMsg:
    message = ForwardMsg()
    message.ParseFromString(content if isinstance(content, bytes) else content.encode())
    return message
