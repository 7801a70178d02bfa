"""The portal below `server.baseUrlPath`, and behind nginx that strips a prefix."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from etl_monitor.wire.roles import Role
from tests.support.contexts import Contexts
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs, row
from tests.support.needs import cannot
from tests.support.oidc_provider import running_provider, secrets_file
from tests.support.people import Person
from tests.support.portal_process import free_port, running_portal
from tests.support.scripted import SETTING
from tests.support.service_process import running_service
from tests.support.some_tokens import new_token

ADA: dict[str, Any] = {"sub": "ada", "email": "ada@example.com", "groups": ["admins"]}
NGINX = """
user root; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port};
    location /etl/portal/ {{
      proxy_pass http://127.0.0.1:{target}{path};
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }}
    location / {{ return 418 "another program"; }}
  }}
}}
"""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A portal that browsers find at `url`, which ends with a slash, and one of its people."""

    url: str
    person: Person


@contextmanager
def running_nginx(folder: Path, port: int, target: int, path: str) -> Iterator[None]:
    """Run nginx, which passes `/etl/portal/…` to the target's `path`."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        cannot("no nginx on this machine (apt-get install nginx-light)")
    folder.mkdir()
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, port=port, target=target, path=path))
    process = subprocess.Popen([nginx, "-c", str(file), "-e", str(folder / "error.log")])
    try:
        eventually(lambda: _listens(port), within=30)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(port: int) -> None:
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module", params=["stripped", "configured"])
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Folder]:
    """`stripped`: only nginx knows of the folder. `configured`: only Streamlit changes paths."""
    tmp = tmp_path_factory.mktemp(request.param)
    port, target = free_port(), free_port()
    url, base = f"http://127.0.0.1:{port}/etl/portal/", "/etl/portal"
    is_configured = request.param == "configured"
    with (
        running_provider(tmp, ADA) as provider,
        running_service(tmp / "data", env=SETTING) as service,
    ):
        environment: Mapping[str, str] = {
            "ETL_MONITOR_API_URL": service.base_url,
            "ETL_MONITOR_API_TOKEN": new_token(service.data_dir, Role.PORTAL),
            "ETL_MONITOR_SIGN_IN": "oidc",
            "ETL_MONITOR_ROLE_CLAIM": "groups",
            "ETL_MONITOR_ROLE_MAP": "admins=admin",
            "STREAMLIT_SECRETS_FILES": str(secrets_file(tmp, provider, portal=url)),
        } | ({"STREAMLIT_SERVER_BASE_URL_PATH": "etl/portal"} if is_configured else {})
        with (
            running_portal(tmp, environment=environment, port=target),
            running_nginx(tmp / "nginx", port, target, f"{base}/" if is_configured else "/"),
        ):
            yield Folder(url=url, person=Person(service=service, user_id="kim", folder=tmp))


def requests_outside(page: Page, folder: Folder) -> list[str]:
    """Return the requests of this page that leave the folder, as they come."""
    host, left = folder.url.removesuffix("etl/portal/"), list[str]()
    page.on("request", lambda r: left.append(r.url) if is_outside(r.url, host, folder) else None)
    return left


def is_outside(url: str, host: str, folder: Folder) -> bool:
    return url.startswith(host) and not url.startswith(folder.url)


@pytest.fixture
def page(contexts: Contexts) -> Iterator[Page]:
    with contexts.lent() as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        # Chromium tells of the reply to a beacon only if the request was intercepted.
        page.route("**/drawn", lambda route: route.continue_())
        yield page


def test_nothing_leaves_the_folder(folder: Folder, page: Page) -> None:
    test = folder.person.processed(title="Below a folder")
    job_id = test["lastJob"]["jobId"]
    page.goto(folder.url)
    left = requests_outside(page, folder)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="ada", exact=True).click()
    expect(page.get_by_text("ada@example.com · Admin")).to_be_visible()
    assert page.url.partition("?")[0] == folder.url

    with page.expect_response(lambda reply: reply.url == f"{folder.url}drawn") as painted:
        held, gate = folder.person.upload_held()
        gate.touch()
        folder.person.job_becomes(held["activeJob"]["jobId"], "completed")
    assert painted.value.status == 204

    row(page, "Below a folder").get_by_role("link").first.click()
    result = f"{folder.url}result?id={test['id']}&lang=en"
    expect(page).to_have_url(result)
    page.reload()
    expect(page.get_by_role("heading", name="Below a folder")).to_be_visible()

    page.goto(f"{folder.url}activity/?lang=ko")  # copied, with a slash too many
    expect(connection(page, "live")).to_be_visible()
    assert page.url.startswith(f"{folder.url}activity?")
    page.locator(f'a[href^="monitor?job={job_id}"]').first.click()
    expect(jobs(page, job_id=job_id).first).to_be_visible()
    assert page.url.startswith(f"{folder.url}monitor?job={job_id}")
    page.get_by_role("button", name="로그아웃").click()
    expect(page).to_have_url(re.compile("end_session.*etl%2Fportal%2F"))  # the provider's page
    page.goto(f"{folder.url}auth/logout")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.url.partition("?")[0] == folder.url
    assert left == []


def test_programs_find_health_and_metrics_in_the_folder(folder: Folder) -> None:
    assert requests.get(f"{folder.url}healthz", timeout=10).json()["status"] == "ok"
    assert "etl_monitor_build_info" in requests.get(f"{folder.url}metrics", timeout=10).text
