"""The files for nginx of docs/deploying.md as they are, with certificates of an authority that only
those trust who have its file: requests, feeds, both websockets and the sign-in."""

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from etl_monitor.sse import read_events
from etl_monitor.wire.roles import Role
from tests.docs.test_deploying import blocks
from tests.support.certificates import Authority, new_authority
from tests.support.marks import connection, jobs
from tests.support.nginx import running_tls_nginx
from tests.support.oidc_provider import running_provider, secrets_file
from tests.support.people import Person
from tests.support.portal_process import running_portal
from tests.support.portal_session import open_session
from tests.support.scripted import SETTING
from tests.support.servers import Server, free_port
from tests.support.service_process import RunningService, running_service
from tests.support.some_tokens import new_token

PORTAL, SERVICE = "portal.example.com", "etl.example.com"
ADA: dict[str, Any] = {"sub": "ada", "email": "ada@example.com", "groups": ["admins"]}


@dataclass(frozen=True, kw_only=True)
class Site:
    """`ports`: nginx's for the portal, for the service, and without TLS."""

    authority: Authority
    ports: tuple[int, int, int]
    portal: int
    service: RunningService
    person: Person

    @property
    def page(self) -> str:
        return f"https://{PORTAL}:{self.ports[0]}"

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority.file))

    def get(self, address: str, **options: Any) -> requests.Response:
        return requests.get(address, verify=str(self.authority.file), timeout=60, **options)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Service and portal as the document sets them up. The portal follows the service by nginx."""
    tmp = tmp_path_factory.mktemp("tls")
    authority = new_authority(tmp)
    for name in (PORTAL, SERVICE):
        authority.issue(name)
    ports, target = (free_port(), free_port(), free_port()), free_port()
    setting = SETTING | {"ETL_MONITOR_ALLOWED_HOSTS": SERVICE}
    with (
        running_provider(tmp, ADA) as provider,
        running_service(tmp / "data", env=setting) as service,
    ):
        secrets = secrets_file(tmp, provider, portal=f"https://localhost:{ports[0]}/")
        environment = {
            "ETL_MONITOR_API_URL": f"https://localhost:{ports[1]}",
            "ETL_MONITOR_API_TOKEN": new_token(service.data_dir, Role.PORTAL),
            "ETL_MONITOR_ALLOWED_HOSTS": PORTAL,
            "ETL_MONITOR_SIGN_IN": "oidc",
            "ETL_MONITOR_ROLE_CLAIM": "groups",
            "ETL_MONITOR_ROLE_MAP": "admins=admin",
            "ETL_MONITOR_RECONNECT_INTERVAL": "0.5",
            "ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "1000000",
            "REQUESTS_CA_BUNDLE": str(authority.file),
            "STREAMLIT_SECRETS_FILES": str(secrets),
        }
        with running_portal(tmp, environment=environment, port=target):
            person = Person(service=service, user_id="kim", folder=tmp)
            yield Site(
                authority=authority, ports=ports, portal=target, service=service, person=person
            )


@pytest.fixture(scope="module", params=blocks("nginx"), ids=["one machine", "several services"])
def nginx(site: Site, request: pytest.FixtureRequest) -> Iterator[Server]:
    port = int(site.service.base_url.rpartition(":")[2])
    with running_tls_nginx(
        request.param, site.authority.folder, portal=site.portal, service=port, ports=site.ports
    ) as server:
        yield server


@pytest.fixture(autouse=True)
def _names(nginx: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the documented names lead to this machine, in this process."""
    ask = socket.getaddrinfo

    def address(host: Any, *arguments: Any, **options: Any) -> Any:
        return ask("127.0.0.1" if host in (PORTAL, SERVICE) else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", address)


def test_only_who_trusts_the_authority_gets_an_answer(site: Site, nginx: Server) -> None:
    assert site.get(f"{site.page}/").status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{site.page}/", timeout=60)
    assert "[warn]" not in (nginx.folder / "error.log").read_text("utf-8")


def test_a_request_without_tls_is_sent_on_to_the_portal(site: Site) -> None:
    plain = f"http://{PORTAL}:{site.ports[2]}/monitor?lang=ko"
    reply = site.get(plain, allow_redirects=False)
    assert (reply.status_code, reply.headers["Location"]) == (
        301,
        f"https://{PORTAL}/monitor?lang=ko",
    )


def test_metrics_are_not_for_everybody(site: Site) -> None:
    assert site.get(f"{site.page}/metrics").status_code == 404
    assert site.get(f"{site.page}/healthz").status_code == 404


def test_a_feed_brings_each_event_at_once(site: Site) -> None:
    """The job ends only after its start was read, so nothing may wait for more events."""
    address = f"https://{SERVICE}:{site.ports[1]}/etl/jobs/stream"
    token = {"Authorization": f"Bearer {site.service.token}"}
    with site.get(address, headers=token, stream=True) as feed:
        assert feed.status_code == 200
        events = read_events(feed.iter_content(None))
        test, gate = site.person.upload_held()
        job_id = test["activeJob"]["jobId"]
        next(e for e in events if e.event == "job_started" and job_id in e.data)
        gate.touch()
        next(e for e in events if e.event == "job_completed" and job_id in e.data)


def test_both_websockets_open(site: Site) -> None:
    with open_session(site.page, tls=site.tls):
        pass  # its page was rendered
    address = site.page.replace("https", "wss") + "/live"
    with connect(address, origin=Origin(site.page), ssl=site.tls) as live:
        live.send('{"session": "another", "views": {}}')
        with pytest.raises(ConnectionClosed, match="4404"):
            live.recv(timeout=60)


def test_a_person_signs_in_and_no_cookie_travels_without_tls(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="en-US", reduced_motion="reduce", ignore_https_errors=True)
    context.route(re.compile(r"^https?://(?!127\.0\.0\.1|localhost)"), lambda route: route.abort())
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"https://localhost:{site.ports[0]}/monitor?lang=en")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="ada", exact=True).click()
    expect(page.get_by_text("ada@example.com · Admin")).to_be_visible()
    expect(connection(page, "live").first).to_be_visible()
    test, gate = site.person.upload_held()
    job_id = test["activeJob"]["jobId"]
    expect(jobs(page, job_id=job_id, status="running").first).to_be_visible()
    gate.touch()
    expect(jobs(page, job_id=job_id, status="completed").first).to_be_visible()
    cookies = [c for c in context.cookies() if "localhost" in c["domain"]]
    assert {"_streamlit_user", "_streamlit_xsrf"} <= {c["name"] for c in cookies}
    assert [c["name"] for c in cookies if not c["secure"]] == []
    context.close()
