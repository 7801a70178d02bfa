"""Tokens and secrets are nowhere but where they are needed: not in logs, replies, process lists."""

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


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    with running_service(tmp_path / "data", env=SETTING) as running:
        yield running


def replies(service: RunningService, token: str) -> str:
    """Everything that the service says in a day, to whoever has this token."""
    said = []
    in_address = f"?token={token}"
    for path in ("/me", "/system", "/metrics", "/activity", "/etl/jobs", "/openapi.json", "/x"):
        said.append(requests.get(service.base_url + path + in_address, timeout=10))
        said.append(service.call("GET", path, headers={"Authorization": f"Bearer {token}"}))
    for wrong in (token[:-1], token + "x", token.upper()):
        said.append(requests.get(f"{service.base_url}/etl/jobs?token={wrong}", timeout=10))
        said.append(service.call("GET", "/etl/jobs", headers={"Authorization": f"Bearer {wrong}"}))
    odd = f"/etl/jobs?token={token}&limit={token}&nothing={token}"
    said.append(requests.get(service.base_url + odd, timeout=10))
    body = {"userId": "kim", "anpSeq": token, "forceReprocess": token}
    said.append(service.call("POST", "/etl/process", json=body))
    told = "\n".join(f"{one.headers}\n{one.text}" for one in said)
    return told + "\n".join(one.url for one in said if one.history)


def malformed(service: RunningService, token: str) -> None:
    """What is not even HTTP is logged by the server itself, if by anybody."""
    address = urlsplit(service.base_url)
    for line in (f"GET /etl/jobs?token={token} HTTP/9.9", f"\x16\x03 {token}", f"GET {token}"):
        with socket.create_connection((address.hostname, address.port), timeout=10) as raw:
            raw.sendall(f"{line}\r\nAuthorization: Bearer {token}\r\nX: \x01\r\n\r\n".encode())
            raw.recv(4096)


def command_lines(process: psutil.Process) -> str:
    family = [process, *process.children(recursive=True)]
    return "\n".join(" ".join(one.cmdline()) for one in family)


def test_the_service_keeps_them(service: RunningService, tmp_path: Path) -> None:
    visitor = Visitor(service=service, user_id="kim", folder=tmp_path)
    for script in (Script(), Script(fail=True), Script(bug=True), Script(die=True)):
        visitor.upload(script)
    others = [new_token(service.data_dir, role) for role in (Role.VIEWER, Role.PORTAL)]
    tokens = [service.token, *others]
    said = "".join(replies(service, token) for token in tokens)
    for token in tokens:
        malformed(service, token)
    process = psutil.Process(service.process.pid)

    def all_are_over() -> None:
        assert service.data("GET", "/etl/jobs/active") == []

    eventually(all_are_over, within=60)
    seen = said + command_lines(process) + service.log.read_text("utf-8")
    for job in service.data("GET", "/etl/jobs"):
        seen += service.call("GET", f"/etl/jobs/{job['jobId']}").text
    assert "worker_ready" in seen
    assert [token for token in tokens if token in seen] == []


def test_jobs_do_not_inherit_the_token(service: RunningService) -> None:
    """A company's own pipeline runs in them."""
    workers = psutil.Process(service.process.pid).children(recursive=True)
    assert workers
    assert [one for one in workers if service.token in one.environ().values()] == []


def test_what_names_a_person_is_not_logged(service: RunningService) -> None:
    token = new_token(service.data_dir, Role.PORTAL)
    service_id = service.data("GET", "/me")["serviceId"]
    header = sign(DelegatedUser(name="kim", role=Role.ADMIN), token=token, service=service_id)
    headers = {"Authorization": f"Bearer {token}", HEADER: header}
    for call in (("GET", "/me"), ("DELETE", "/samples"), ("POST", "/etl/jobs/x/cancel")):
        service.call(*call, headers=headers)
    assert header not in service.log.read_text("utf-8")
    assert header not in service.call("GET", "/activity").text


def test_the_portal_keeps_them(service: RunningService, tmp_path: Path) -> None:
    token = new_token(service.data_dir, Role.PORTAL)
    with running_provider(tmp_path, {"sub": "kim"}) as provider:
        settings = {
            "ETL_MONITOR_API_URL": service.base_url,
            "ETL_MONITOR_API_TOKEN": token,
            "ETL_MONITOR_SIGN_IN": "oidc",
            "STREAMLIT_SECRETS_FILES": str(secrets_file(tmp_path, provider)),
        }
        with running_portal(tmp_path, environment=settings) as portal:
            said = pages(portal)
            service.kill()
            said += pages(portal)
            said += command_lines(psutil.Process(portal.process.pid))
    seen = said + portal.log.read_text("utf-8", errors="replace")
    secrets = (token, CLIENT_SECRET, COOKIE_SECRET)
    assert [secret for secret in secrets if secret in seen] == []


def test_the_token_of_the_embedded_service(tmp_path: Path) -> None:
    with running_portal(tmp_path) as portal:
        token = portal.service().environ()["ETL_MONITOR_API_TOKEN"]
        seen = pages(portal) + command_lines(psutil.Process(portal.process.pid))
    seen += portal.log.read_text("utf-8", errors="replace")
    assert len(token) > 30
    assert token not in seen


def pages(portal: PortalProcess) -> str:
    paths = ("/", "/system", "/healthz", "/metrics", "/_stcore/host-config", "/auth/login")
    said = [requests.get(portal.url + path, timeout=10) for path in paths]
    return "".join(f"{one.headers}\n{one.text}" for one in said)


def test_a_broken_token_is_not_told(tmp_path: Path) -> None:
    """A setting that cannot be used is named with its value, but for this one."""
    secret = "s3cret-with-a\nline-break"
    settings = {"ETL_MONITOR_API_URL": "http://127.0.0.1:9", "ETL_MONITOR_API_TOKEN": secret}
    code, output = start(tmp_path, settings)
    assert code == 2
    assert "s3cret" not in output
