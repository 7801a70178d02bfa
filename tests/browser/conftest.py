"""Fixtures of the browser tests: a real Chromium, driven by Playwright."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.contexts import Contexts
from tests.support.people import Person
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted import SETTING
from tests.support.service_process import RunningService, running_service

# A shared machine may be slow; an assertion that holds returns at once.
expect.set_options(timeout=20_000)

OpenPage = Callable[..., Page]

# Console errors of a page whose portal was stopped, for `open_page(…, expects=PORTAL_GONE)`.
PORTAL_GONE = (
    "net::ERR_",  # refused or interrupted
    "WebSocket connection",
    "WebSocket is already in CLOSING or CLOSED state",
    "when disconnected from server",
    "Streamlit server is not responding",
    "/_stcore/",
    # While the page still loaded:
    "Failed to fetch dynamically imported module",
    "Unable to preload CSS",
)

# On a deep link Streamlit probes whether the page's address is its base path; it is not.
_DEEP_LINK_PROBE = re.compile(r"404 .*/[a-z]+/_stcore/(health|host-config)$")


@dataclass(frozen=True, kw_only=True)
class House:
    """A service whose jobs do what their files say, a portal for it, and a person who uses them."""

    portal: PortalProcess
    service: RunningService
    person: Person


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for this folder only: while Playwright runs, its event loop counts as running
    in the tests' thread, and other tests cannot start one."""
    path = chromium_path()
    if path is None:
        missing = "no Chromium on this machine (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def contexts(browser: Browser) -> Contexts:
    return Contexts(browser)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """One portal for a module's tests, without samples."""
    with running_portal(tmp_path_factory.mktemp("portal")) as process:
        yield process


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all tests that need nothing special. No test leaves a job running in it."""
    folder = tmp_path_factory.mktemp("house")
    with running_service(folder / "data", env=SETTING | {"ETL_MONITOR_WORKERS": "3"}) as service:
        where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
        with running_portal(folder, environment=where) as portal:
            person = Person(service=service, user_id="kim", folder=folder)
            yield House(portal=portal, service=service, person=person)


@pytest.fixture(autouse=True)
def _no_job_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Cancel the jobs of a failed test: they would hold a worker and fail the next tests too."""
    service = request.getfixturevalue("house").service if "house" in request.fixturenames else None
    yield
    if service is not None:
        for job in service.data("GET", "/etl/jobs/active"):
            service.call("POST", f"/etl/jobs/{job['jobId']}/cancel")


@pytest.fixture
def open_page(contexts: Contexts) -> Iterator[OpenPage]:
    """Open pages, each as another visitor. After the test, the console of none may have an error
    besides those that the test `expects`, and none may have sent a request to another machine."""
    faults: list[str] = []

    def open_it(
        url: str,
        *,
        locale: str = "en-US",
        dark: bool = False,
        width: int = 1440,
        height: int = 1000,
        expects: Sequence[str] = (),
    ) -> Page:
        def note(message: ConsoleMessage) -> None:
            text = f"{message.text} {message.location['url']}"
            if message.type == "error" and not _is_expected(text, expects):
                faults.append(text)

        page = visitors.enter_context(contexts.lent(locale)).new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on("console", note)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda r: faults.append(r.url) if _is_foreign(r.url) else None)
        page.set_default_timeout(30_000)
        page.goto(url)
        return page

    with ExitStack() as visitors:
        yield open_it
    assert faults == []


def _is_foreign(url: str) -> bool:
    own = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:")
    return not url.startswith(own)


def _is_expected(text: str, expects: Sequence[str]) -> bool:
    return bool(_DEEP_LINK_PROBE.search(text)) or any(sign in text for sign in expects)
