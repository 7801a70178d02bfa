"""The portal's addresses, at the root, below `server.baseUrlPath` and behind a stripping proxy."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import RedirectResponse
from starlette.types import Message
from streamlit import config

from etl_monitor.portal import addresses, routes

FOLDERS = st.lists(st.text("abc-_~", min_size=1, max_size=8), max_size=3)


@pytest.fixture
def below_a_folder() -> Iterator[None]:
    config.set_option("server.baseUrlPath", "/etl/portal/")
    yield
    config.set_option("server.baseUrlPath", "")


def test_at_the_root_a_route_has_one_path() -> None:
    assert addresses.served_at("/healthz") == ("/healthz",)


@pytest.mark.usefixtures("below_a_folder")
def test_below_a_folder_routes_have_both_paths() -> None:
    assert addresses.served_at("/healthz") == ("/healthz", "/etl/portal/healthz")
    served = routes.served("/healthz", routes.healthz)
    assert [route.path for route in served] == ["/healthz", "/etl/portal/healthz"]


@pytest.mark.usefixtures("below_a_folder")
def test_the_sign_in_is_below_the_folder_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        addresses, "generate_login_redirect_url", lambda _name: "/etl/portal/auth/login?provider=x"
    )
    assert addresses.sign_in() == "auth/login?provider=x"


@given(FOLDERS)
def test_pages_stay_in_the_folder_of_any_page(folders: list[str]) -> None:
    root = "/".join(["http://host", *folders, ""])
    for page in ("", "monitor?job=a", "result?id=b&lang=ko", "activity"):
        here = root + page
        assert urljoin(here, addresses.job_page("..", "en")) == f"{root}monitor?job=..&lang=en"
        assert urljoin(here, addresses.result_page("/?#", "ko")) == (
            f"{root}result?id=%2F%3F%23&lang=ko"
        )
        assert urljoin(here, addresses.PAINT_REPORTS) == f"{root}drawn"


def test_another_app_has_no_pages_of_ours() -> None:
    addresses.configure(has_pages=False)
    assert addresses.result_page("t", "en") == ""
    assert addresses.job_page("a/b", "en") == "?job=a%2Fb&lang=en"


@given(FOLDERS, FOLDERS, st.booleans())
def test_a_relative_redirect_leads_to_the_same_place(
    path: list[str], target: list[str], is_folder: bool
) -> None:
    here, there = "/" + "/".join(path), "/" + "/".join([*target, ""] if is_folder else target)
    relative = addresses.relative_to(here, there)
    assert not relative.startswith("/")
    assert urljoin(f"http://host{here}", relative) == f"http://host{there}"


@pytest.mark.parametrize("target", ["https://login.example.com/", "//elsewhere/", "x", ""])
def test_other_redirects_stay_as_they_are(target: str) -> None:
    assert addresses.relative_to("/auth/logout", target) == target


def test_redirects_of_the_portal_are_relative() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/auth/logout", "headers": []}
    asyncio.run(routes.RelativeRedirects(RedirectResponse("/"))(scope, receive, send))
    assert dict(sent[0]["headers"])[b"location"] == b"../"
