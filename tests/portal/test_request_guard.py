"""Foreign names and foreign pages at the doors of the portal and of its service."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.support.portal_process import PortalProcess, running_portal
from tests.support.portal_session import open_session

FOREIGN = ("http://localhost:3000", "https://evil.example", "null")
ALLOWED = "etl.example.com"


@dataclass(kw_only=True)
class BlackHole:
    """A proxy that takes connections and never answers."""

    address: str
    connections: list[socket.socket] = field(default_factory=list)


@contextmanager
def black_hole() -> Iterator[BlackHole]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hole = BlackHole(address=f"http://127.0.0.1:{listener.getsockname()[1]}")

        def accept() -> None:
            try:
                while True:
                    hole.connections.append(listener.accept()[0])
            except OSError:
                return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield hole
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in hole.connections:
            connection.close()


@pytest.fixture(scope="module")
def hole() -> Iterator[BlackHole]:
    with black_hole() as hole:
        yield hole


@pytest.fixture(scope="module")
def proxied(hole: BlackHole) -> Mapping[str, str]:
    """The environment of a program that sends all requests into the hole."""
    return {
        name: hole.address
        for scheme in ("http", "https", "all")
        for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper())
    }


@pytest.fixture(scope="module")
def portal(
    proxied: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    environment = {**proxied, "ETL_MONITOR_ALLOWED_HOSTS": f"{ALLOWED}, *.corp.example.com"}
    with running_portal(tmp_path_factory.mktemp("portal"), environment=environment) as portal:
        yield portal


def service_address(portal: PortalProcess) -> str:
    ports = [c.laddr.port for c in portal.service().net_connections() if c.status == "LISTEN"]
    return f"http://127.0.0.1:{ports[0]}"


def handshake(portal: PortalProcess, *, origin: str | None, host: str | None = None) -> int:
    """Return the status with which a WebSocket handshake is answered; 101 if it is accepted."""
    port = int(portal.url.rpartition(":")[2])
    name = f"127.0.0.1:{port}" if host is None else host
    try:
        with connect(
            f"ws://{name}/_stcore/stream",  # the name in the address is what the header says
            sock=socket.create_connection(("127.0.0.1", port)),
            subprotocols=[Subprotocol("streamlit")],
            origin=None if origin is None else Origin(origin),
        ):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_a_page_whose_name_resolves_to_the_portal_reads_nothing(portal: PortalProcess) -> None:
    for address in (portal.url, service_address(portal)):
        for path in ("/", "/healthz", "/metrics"):
            reply = requests.get(address + path, headers={"Host": "evil.example"}, timeout=60)
            assert reply.status_code == 403
            assert "evil.example" in reply.text
    assert handshake(portal, origin="http://evil.example", host="evil.example") == 403


def test_the_portals_reason_is_in_both_languages(portal: PortalProcess) -> None:
    text = requests.get(portal.url, headers={"Host": "evil.example"}, timeout=60).text
    assert "ETL_MONITOR_ALLOWED_HOSTS" in text
    assert "응답하지 않습니다" in text
    assert "does not answer" in text


def test_the_services_reason_is_an_error_like_others(portal: PortalProcess) -> None:
    headers = {"Host": "<script>evil"}
    reply = requests.get(service_address(portal) + "/healthz", headers=headers, timeout=60)
    error = json.loads(reply.text)["error"]
    assert (reply.status_code, error["code"]) == (403, "host_not_allowed")
    assert error["details"]["host"] == "'<script>evil'"


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_opens_no_session_and_changes_nothing(
    portal: PortalProcess, origin: str
) -> None:
    assert handshake(portal, origin=origin) == 403
    headers = {"Origin": origin}
    assert requests.post(portal.url + "/drawn", headers=headers, timeout=60).status_code == 403
    upload = portal.url + "/_stcore/upload_file/a/b"
    assert requests.put(upload, headers=headers, data=b"x", timeout=60).status_code == 403
    service = service_address(portal) + "/etl/process"
    reply = requests.post(service, headers=headers, json={}, timeout=60)
    assert reply.json()["error"]["code"] == "origin_not_allowed"


def test_the_portals_own_page_opens_a_session(portal: PortalProcess) -> None:
    with open_session(portal.url):
        pass
    assert handshake(portal, origin=None) == 101


@pytest.mark.parametrize("host", [ALLOWED, "team.corp.example.com"])
def test_an_allowed_name_is_served_behind_a_proxy_with_tls(
    portal: PortalProcess, host: str
) -> None:
    reply = requests.get(portal.url + "/healthz", headers={"Host": host}, timeout=60)
    assert reply.status_code == 200
    assert handshake(portal, origin=f"https://{host}", host=host) == 101
    assert handshake(portal, origin="https://evil.example", host=host) == 403


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (f"{ALLOWED}:443", f"https://{ALLOWED}"),
        (f"{ALLOWED}.", f"https://{ALLOWED}"),
        (ALLOWED, f"https://{ALLOWED.upper()}"),
        (ALLOWED, f"http://{ALLOWED}:80"),
        ("[::1]", "http://[::1]:80"),
    ],
)
def test_an_origin_that_spells_the_host_otherwise_opens_a_session(
    portal: PortalProcess, hole: BlackHole, host: str, origin: str
) -> None:
    """Some proxies add the port to the host. Streamlit requested an outside address then."""
    assert handshake(portal, origin=origin, host=host) == 101
    assert hole.connections == []


_SECRETS = """
[auth]
redirect_uri = "https://etl.example.com/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "portal"
client_secret = "secret"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""


def test_a_portal_on_all_addresses_starts_without_connecting_to_the_outside(
    hole: BlackHole, proxied: Mapping[str, str], tmp_path: Path
) -> None:
    """Streamlit requests the machine's address from an outside one, to print it."""
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(_SECRETS)
    environment = {
        **proxied,
        "ETL_MONITOR_SIGN_IN": "oidc",
        "STREAMLIT_SECRETS_FILES": str(secrets),
        "STREAMLIT_SERVER_ADDRESS": "0.0.0.0",
        "no_proxy": "127.0.0.1",
    }
    with running_portal(tmp_path, environment=environment, with_service=False):
        assert hole.connections == []


def test_neither_program_connects_to_the_outside(portal: PortalProcess, hole: BlackHole) -> None:
    """Streamlit asks an outside address for its own IP if a handshake has a foreign origin: it did
    so on the event loop, and eight handshakes froze every page for 16 s."""
    for host in (None, "evil.example", ALLOWED, "team.corp.example.com"):
        for origin in (None, *FOREIGN, "http://192.0.2.1", "https://portal.example:8501"):
            handshake(portal, origin=origin, host=host)
    assert requests.get(portal.url + "/healthz", timeout=60).status_code == 200
    assert hole.connections == []
