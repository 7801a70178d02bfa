"""Tokens and secrets do not appear in logs, replies or process lists."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from etl_monitor.wire.delegation import HEADER, DelegatedUser, sign
from etl_monitor.wire.roles import Role
from tests.portal.test_start import start
from tests.support.eventually import eventually
from tests.support.oidc_provider import CLIENT_SECRET, COOKIE_SECRET, running_provider, secrets_file
from tests.support.people import Person as Visitor
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted import SETTING, Script
from tests.support.service_process import RunningService, running_service
from tests.support.some_tokens import new_token

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with running_service(tmp_path_factory.mktemp("service") / "data", env=SETTING) as running:
        yield running


@pytest.fixture(scope="module")
def portal_token(service: RunningService) -> str:
    return new_token(service.data_dir, Role.PORTAL)


def replies(service: RunningService, token: str) -> str:
    """Return the replies to many requests with this token, valid and changed, headers included."""
    received = []
    in_address = f"?token={token}"
    for path in ("/me", "/system", "/metrics", "/activity", "/etl/jobs", "/openapi.json", "/x"):
        received.append(requests.get(service.base_url + path + in_address, timeout=60))
        received.append(service.call("GET", path, headers={"Authorization": f"Bearer {token}"}))
    for wrong in (token[:-1], token + "x", token.upper()):
        received.append(requests.get(f"{service.base_url}/etl/jobs?token={wrong}", timeout=60))
        received.append(
            service.call("GET", "/etl/jobs", headers={"Authorization": f"Bearer {wrong}"})
        )
    odd = f"/etl/jobs?token={token}&limit={token}&nothing={token}"
    received.append(requests.get(service.base_url + odd, timeout=60))
    body = {"userId": "kim", "anpSeq": token, "forceReprocess": token}
    received.append(service.call("POST", "/etl/process", json=body))
    texts = "\n".join(f"{reply.headers}\n{reply.text}" for reply in received)
    return texts + "\n".join(reply.url for reply in received if reply.history)


def send_malformed(service: RunningService, token: str) -> None:
    """Send requests that are not HTTP. If these are logged, then by the HTTP server itself."""
    address = urlsplit(service.base_url)
    for line in (f"GET /etl/jobs?token={token} HTTP/9.9", f"\x16\x03 {token}", f"GET {token}"):
        with socket.create_connection((address.hostname, address.port), timeout=60) as raw:
            raw.sendall(f"{line}\r\nAuthorization: Bearer {token}\r\nX: \x01\r\n\r\n".encode())
            raw.recv(4096)


def command_lines(process: psutil.Process) -> str:
    processes = [process, *process.children(recursive=True)]
    return "\n".join(" ".join(running.cmdline()) for running in processes)


def test_the_service_shows_no_token(
    service: RunningService, portal_token: str, tmp_path: Path
) -> None:
    visitor = Visitor(service=service, user_id="kim", folder=tmp_path)
    for script in (Script(), Script(fail=True), Script(bug=True), Script(die=True)):
        visitor.upload(script)
    tokens = [service.token, new_token(service.data_dir, Role.VIEWER), portal_token]
    output = "".join(replies(service, token) for token in tokens)
    for token in tokens:
        send_malformed(service, token)
    process = psutil.Process(service.process.pid)

    def all_are_over() -> None:
        assert service.data("GET", "/etl/jobs/active") == []

    eventually(all_are_over, within=60)
    output += command_lines(process) + service.log.read_text("utf-8")
    for job in service.data("GET", "/etl/jobs"):
        output += service.call("GET", f"/etl/jobs/{job['jobId']}").text
    assert "worker_ready" in output
    assert [token for token in tokens if token in output] == []


def test_jobs_do_not_inherit_the_token(service: RunningService) -> None:
    """A company's own pipeline runs in the process of a job."""
    workers = eventually(lambda: _workers(service))
    assert [worker for worker in workers if service.token in worker.environ().values()] == []


def _workers(service: RunningService) -> list[psutil.Process]:
    workers = psutil.Process(service.process.pid).children(recursive=True)
    assert workers
    return workers


def test_the_header_of_a_named_user_is_not_logged(
    service: RunningService, portal_token: str
) -> None:
    service_id = service.data("GET", "/me")["serviceId"]
    user = DelegatedUser(name="kim", role=Role.ADMIN)
    header = sign(user, token=portal_token, service=service_id)
    headers = {"Authorization": f"Bearer {portal_token}", HEADER: header}
    for call in (("GET", "/me"), ("DELETE", "/samples"), ("POST", "/etl/jobs/x/cancel")):
        service.call(*call, headers=headers)
    assert header not in service.log.read_text("utf-8")
    assert header not in service.call("GET", "/activity").text


def test_the_portal_shows_no_secret(tmp_path: Path) -> None:
    with (
        running_service(tmp_path / "data", env=SETTING) as service,
        running_provider(tmp_path, {"sub": "kim"}) as provider,
    ):
        token = new_token(service.data_dir, Role.PORTAL)
        settings = {
            "ETL_MONITOR_API_URL": service.base_url,
            "ETL_MONITOR_API_TOKEN": token,
            "ETL_MONITOR_SIGN_IN": "oidc",
            "STREAMLIT_SECRETS_FILES": str(secrets_file(tmp_path, provider)),
        }
        with running_portal(tmp_path, environment=settings) as portal:
            output = pages(portal)
            service.kill()
            output += pages(portal)
            output += command_lines(psutil.Process(portal.process.pid))
    output += portal.log.read_text("utf-8", errors="replace")
    secrets = (token, CLIENT_SECRET, COOKIE_SECRET)
    assert [secret for secret in secrets if secret in output] == []


def test_the_portal_shows_no_token_of_its_embedded_service(tmp_path: Path) -> None:
    with running_portal(tmp_path) as portal:
        token = portal.service().environ()["ETL_MONITOR_API_TOKEN"]
        output = pages(portal) + command_lines(psutil.Process(portal.process.pid))
    output += portal.log.read_text("utf-8", errors="replace")
    assert len(token) > 30
    assert token not in output


def pages(portal: PortalProcess) -> str:
    """Return headers and texts of the portal's replies."""
    paths = ("/", "/system", "/healthz", "/metrics", "/_stcore/host-config", "/auth/login")
    received = [requests.get(portal.url + path, timeout=60) for path in paths]
    return "".join(f"{reply.headers}\n{reply.text}" for reply in received)


def test_an_invalid_token_is_not_printed(tmp_path: Path) -> None:
    """The error for an invalid setting shows its value, except for a token."""
    secret = "s3cret-with-a\nline-break"
    settings = {"ETL_MONITOR_API_URL": "http://127.0.0.1:9", "ETL_MONITOR_API_TOKEN": secret}
    code, output = start(tmp_path, settings)
    assert code == 2
    assert "s3cret" not in output
