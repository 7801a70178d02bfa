"""A page of the portal without a browser: Streamlit's own protocol over its websocket."""

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

TIMEOUT = 60.0  # seconds


@contextmanager
def open_session(portal_url: str, query: str = "lang=en") -> Iterator[ClientConnection]:
    """Open a session whose page is rendered once; it receives every push until it is closed."""
    address = portal_url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(
        address, subprotocols=[Subprotocol("streamlit")], origin=Origin(portal_url), max_size=None
    ) as connection:
        request = BackMsg()
        request.rerun_script.query_string = query
        connection.send(request.SerializeToString())
        wait_for(connection, "script_finished")
        yield connection


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
