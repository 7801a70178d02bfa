"""Where a call may go, and what goes with it."""

import io
import socket
from typing import Any

import pytest
import requests

from etl_monitor.client import EtlClient
from etl_monitor.client.transport import access
from etl_monitor.errors import SettingError
from tests.client.calls import JOB, only, unavailable
from tests.support.scripted_server import ScriptedServer, closed_port, reply, status


def send_file(client: EtlClient) -> object:
    file = io.BytesIO(b"id,q1\n1,2\n")
    return client.upload(file, "a.csv", test_kind="k", title="t", user_id="u")


def test_a_port_without_a_listener_is_unreachable() -> None:
    error = unavailable(EtlClient(f"http://127.0.0.1:{closed_port()}", "s3cret").jobs)
    assert (error.code, error.details["reason"]) == ("unreachable", "refused")
    assert "s3cret" not in str(error)


def test_a_missing_response_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        client = EtlClient(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout=(1, 0.1))
        assert unavailable(client.jobs).code == "timeout"


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://[", "http://h:99999", "x"])
def test_an_invalid_address_is_a_setting_error(url: str) -> None:
    with pytest.raises(SettingError, match="cannot be used; allowed: an address such as"):
        EtlClient(url)


def test_an_invalid_address_is_shown_without_its_password() -> None:
    with pytest.raises(SettingError, match=r"http://\*\*\*@h:99999"):
        EtlClient("http://kim:s3cret@h:99999")


def test_a_token_that_no_header_can_carry_is_rejected_but_not_shown() -> None:
    with pytest.raises(SettingError) as raised:
        EtlClient("http://127.0.0.1", "s3cret\nX-Evil: 1")
    assert "s3cret" not in str(raised.value)


def test_a_token_may_have_letters_of_any_script(server: ScriptedServer) -> None:
    server.on("/etl/jobs/active", reply([]))
    EtlClient(server.address, " 토큰 ").active_jobs()
    sent = only(server, "/etl/jobs/active").headers["authorization"]
    assert sent.encode("latin-1").decode() == "Bearer 토큰"


def test_a_password_in_the_address_is_not_shown(server: ScriptedServer) -> None:
    client = EtlClient(server.address.replace("//", "//me:s3cret@"))
    server.on("/etl/jobs", status(500))
    error = unavailable(client.jobs)
    assert "s3cret" not in f"{error} {error.details} {client!r}"


def test_a_reading_call_follows_a_redirect_and_the_token_stays_with_its_origin(
    server: ScriptedServer, client: EtlClient
) -> None:
    with ScriptedServer() as other:
        server.on("/etl/jobs", status(302, location="/here"))
        server.on("/here", status(302, location=f"{other.address}/there"))
        other.on("/there", reply([JOB]))
        assert client.jobs(limit=5).total == 1
        assert "authorization" in only(server, "/here").headers
        assert "authorization" not in only(other, "/there").headers


@pytest.mark.parametrize(("code", "follows"), [(302, False), (307, True), (308, True)])
def test_a_command_follows_a_redirect_only_with_its_method(
    server: ScriptedServer, client: EtlClient, code: int, follows: bool
) -> None:
    server.on("/etl/jobs/a/retry", status(code, location="/b"))
    server.on("/b", reply({"jobId": "b"}))
    if follows:
        assert client.retry("a").job_id == "b"
    else:
        assert unavailable(lambda: client.retry("a")).code == f"http_{code}"
    assert all(request.method == "POST" for request in list(server.requests.queue))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("code", [307, 308])
def test_a_command_and_an_upload_never_leave_the_service(
    server: ScriptedServer, client: EtlClient, code: int, scheme: str
) -> None:
    with ScriptedServer() as other:
        target = other.address.replace("http", scheme, 1) + "/there"
        for call in ("/etl/jobs/a/retry", "/tests/results"):
            server.on(call, status(code, location=target))
        for send in (lambda: client.retry("a"), lambda: send_file(client)):
            error = unavailable(send)
            assert (error.code, error.details["target"]) == ("redirect_refused", target)
        assert other.requests.empty()


def test_the_token_does_not_go_to_another_scheme() -> None:
    for scheme, is_sent in (("https", True), ("http", False)):
        request = requests.Request("GET", f"{scheme}://etl.example.com/x").prepare()
        access("https://etl.example.com", "s3cret").auth(request.url or "")(request)
        assert ("Authorization" in request.headers) == is_sent


def test_a_redirected_upload_is_not_sent_without_its_file(
    server: ScriptedServer, client: EtlClient
) -> None:
    """The file was read while it was sent, and cannot be sent again."""
    server.on("/tests/results", status(307, location="/tests/results/"))
    assert unavailable(lambda: send_file(client)).code == "redirect_refused"
    assert server.seen("/tests/results/") == []


def test_a_redirect_loop_ends(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/etl/jobs", status(302, location="/etl/jobs"))
    assert unavailable(client.jobs).code == "not_a_service"


def test_a_reading_call_is_repeated_once_and_a_command_never(
    server: ScriptedServer, client: EtlClient
) -> None:
    def drop(exchange: Any) -> None:
        exchange.reset()

    server.on("/etl/jobs", drop, reply([JOB]))
    server.on("/etl/jobs/a/retry", drop, reply({"jobId": "b"}))
    assert client.jobs().total == 1
    assert unavailable(lambda: client.retry("a")).details["reason"] == "reset"
    assert len(server.seen("/etl/jobs/a/retry")) == 1
