"""A portal that others can reach needs a sign-in; headers of both programs."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from etl_monitor.asgi.security_headers import OF_THE_SERVICE, of_the_portal
from etl_monitor.portal.startup_checks import is_loopback
from tests.portal.test_start import start
from tests.support.people import Person
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted import SETTING
from tests.support.service_process import RunningService, running_service


def start_error(folder: Path, **settings: str) -> str:
    """Return the last line, which is ours; Streamlit prints its greeting before."""
    code, output = start(folder, settings)
    assert code == 2, output
    return output.strip().splitlines()[-1]


@pytest.mark.long
def test_an_address_open_to_others_needs_a_sign_in(tmp_path: Path) -> None:
    line = start_error(tmp_path, STREAMLIT_SERVER_ADDRESS="0.0.0.0")
    assert line.startswith("server.address=0.0.0.0 can be reached from other machines")
    assert "ETL_MONITOR_SIGN_IN" in line
    assert not (tmp_path / "data").exists()


@pytest.mark.long
@pytest.mark.parametrize(("sign_in", "cors"), [("off", "true"), ("oidc", "false")])
def test_the_protection_from_other_sites_cannot_be_switched_off(
    tmp_path: Path, sign_in: str, cors: str
) -> None:
    off = {"STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false", "STREAMLIT_SERVER_ENABLE_CORS": cors}
    line = start_error(tmp_path, ETL_MONITOR_SIGN_IN=sign_in, **off)
    both = " and server.enableCORS" if cors == "false" else ""
    assert line.startswith(f"server.enableXsrfProtection{both} cannot be switched off")
    assert not (tmp_path / "data").exists()


def test_loopback_addresses() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost")))
    others = ("", "0.0.0.0", "::", "192.0.2.1", "portal.example.com", "localhost.example.com")
    assert not any(map(is_loopback, others))


@pytest.mark.long
def test_a_sign_in_needs_a_provider(tmp_path: Path) -> None:
    line = start_error(tmp_path, ETL_MONITOR_SIGN_IN="oidc")
    assert line.startswith("ETL_MONITOR_SIGN_IN=oidc, but the sign-in cannot be used")
    assert "secrets.toml" in line


def test_headers_of_the_service(tmp_path: Path) -> None:
    with running_service(tmp_path / "data") as service:
        for path, status in (("/healthz", 200), ("/etl/jobs", 200), ("/nothing", 404)):
            assert_has_headers(service, path, status)
        feed = service.call("GET", "/etl/jobs/stream", stream=True)
        assert feed.headers["Cache-Control"] == "no-cache"
        assert feed.headers["X-Content-Type-Options"] == "nosniff"
        feed.close()


def assert_has_headers(service: RunningService, path: str, status: int) -> None:
    reply = service.call("GET", path)
    assert reply.status_code == status
    for name, value in OF_THE_SERVICE.items():
        assert reply.headers[name] == value
    assert "Server" not in reply.headers


@pytest.mark.skipif(sys.platform == "win32", reason="no such rights on Windows")
def test_other_local_users_cannot_read_the_data_directory(tmp_path: Path) -> None:
    usual = os.umask(0o022)
    try:
        with running_service(tmp_path / "data", env=SETTING) as service:
            person = Person(service=service, user_id="kim", folder=tmp_path)
            assert person.processed()["status"] == "completed"
            _, gate = person.upload_held()
            paths = [service.data_dir, *service.data_dir.rglob("*")]
            readable = [str(path) for path in paths if path.stat().st_mode & 0o077]
            gate.touch()
    finally:
        os.umask(usual)
    names = {path.name for path in paths}
    assert {"etl.sqlite", "etl.sqlite-wal", "uploads", "results", "work", "incoming"} <= names
    assert len(paths) > 10
    assert readable == []


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with running_portal(tmp_path_factory.mktemp("portal")) as portal:
        yield portal


def test_headers_of_the_portal(portal: PortalProcess) -> None:
    for path in ("/", "/monitor", "/healthz", "/_stcore/health", "/static/nothing.js"):
        headers = requests.get(portal.url + path, timeout=60).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert headers["Referrer-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "'unsafe-eval'" not in policy
        script = next(part for part in policy.split("; ") if part.startswith("script-src"))
        assert "unsafe" not in script


def test_an_upload_from_another_site_is_refused(portal: PortalProcess) -> None:
    """This is Streamlit's own protection, which our settings leave switched on."""
    address = f"{portal.url}/_stcore/upload_file/session/file"
    reply = requests.put(address, files={"file": b"x"}, timeout=60)
    assert reply.status_code == 403


def test_only_streamlits_own_inline_scripts_run() -> None:
    page = b"<html><script>a = 1</script><script src='x.js'></script></html>"
    policy = of_the_portal(page)["Content-Security-Policy"]
    assert policy.count("'sha256-") == 1


def test_named_origins_may_frame_the_portal() -> None:
    headers = of_the_portal(b"", ["https://intranet.example.com", "https://*.corp.example.com"])
    assert (
        "frame-ancestors 'self' https://intranet.example.com https://*.corp.example.com"
        in (headers["Content-Security-Policy"])
    )
    assert "X-Frame-Options" not in headers


def test_by_default_only_the_portal_frames_itself() -> None:
    headers = of_the_portal(b"")
    assert headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
