"""Sign-in with a real provider: what people see, what they may do, under which name."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import Page, expect

from etl_monitor.settings import Settings
from etl_monitor.wire.roles import Role
from tests.support.cluster import portal_metric
from tests.support.contexts import Contexts
from tests.support.eventually import eventually
from tests.support.oidc_provider import COOKIE_SECRET, running_provider, secrets_file
from tests.support.people import Person
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted import SETTING
from tests.support.service_process import RunningService, running_service
from tests.support.some_tokens import new_token

PEOPLE: list[dict[str, Any]] = [
    {"sub": "vera", "email": "vera@example.com", "groups": ["readers"]},
    {"sub": "viktor", "email": "viktor@example.com", "groups": ["readers"]},
    {"sub": "oskar", "email": "oskar@example.com", "groups": ["staff", "etl-team"]},
    {"sub": "ada", "email": "ada@example.com", "groups": ["etl-admins"]},
    {"sub": "nora", "email": "nora@example.com", "groups": ["cooks"]},
]


@dataclass(frozen=True, kw_only=True)
class House:
    portal: PortalProcess
    service: RunningService
    person: Person


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Provider, service and portal; the portal has a token of the role `portal`."""
    folder = tmp_path_factory.mktemp("house")
    with (
        running_provider(folder, *PEOPLE) as provider,
        running_service(folder / "data", env=SETTING | {"ETL_MONITOR_WORKERS": "2"}) as service,
    ):
        environment = {
            "ETL_MONITOR_API_URL": service.base_url,
            "ETL_MONITOR_API_TOKEN": new_token(service.data_dir, Role.PORTAL),
            "ETL_MONITOR_SIGN_IN": "oidc",
            "ETL_MONITOR_ROLE_CLAIM": "groups",
            "ETL_MONITOR_ROLE_MAP": "readers=viewer,etl-team=operator,etl-admins=admin",
            "STREAMLIT_SECRETS_FILES": str(secrets_file(folder, provider)),
        }
        with running_portal(folder, environment=environment) as portal:
            person = Person(service=service, user_id="kim", folder=folder)
            yield House(portal=portal, service=service, person=person)


@pytest.fixture
def arrive(contexts: Contexts, house: House) -> Iterator[Callable[..., Page]]:
    """Open the portal as another visitor, and sign in as `sub` if that is given."""

    def open_portal(sub: str | None = None, path: str = "/") -> Page:
        page = visitors.enter_context(contexts.lent()).new_page()
        page.set_default_timeout(30_000)
        page.goto(house.portal.url + path)
        if sub is not None:
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("button", name=sub, exact=True).click()
        return page

    with ExitStack() as visitors:
        yield open_portal


def job(page: Page, job_id: str) -> Any:
    return page.locator(f'.etl-card[data-job-id="{job_id}"]')


def test_nothing_is_shown_before_the_sign_in(house: House, arrive: Callable[..., Page]) -> None:
    test = house.person.upload()
    page = arrive()
    for path in ("/", "/monitor", "/activity", "/system", f"/result?id={test['id']}"):
        page.goto(house.portal.url + path)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert page.locator("[data-job-id], [data-test-id], [data-connection]").count() == 0


def test_a_file_is_for_people_who_signed_in_and_noted_under_their_name(
    house: House, arrive: Callable[..., Page]
) -> None:
    address = f"{house.portal.url}/activity.csv?action=download"
    anonymous = arrive().request.get(address)
    assert (anonymous.status, "Sign in" in anonymous.text()) == (401, True)
    page = arrive("nora")
    expect(page.get_by_text("You do not have access yet")).to_be_visible()
    assert page.request.get(address).status == 403
    page = arrive("vera")
    expect(page.get_by_text("vera@example.com · Viewer")).to_be_visible()
    assert page.request.get(address).status == 200
    entry = house.service.data("GET", "/activity?action=download")[0]
    assert (entry["actor"], entry["role"]) == ("vera@example.com", "viewer")


def test_an_operator_acts_under_their_own_name(house: House, arrive: Callable[..., Page]) -> None:
    test, _ = house.person.upload_held()
    job_id = test["activeJob"]["jobId"]
    page = arrive("oskar")
    expect(page.get_by_text("oskar@example.com · Operator")).to_be_visible()
    expect(page.get_by_role("button", name="Upload")).to_be_visible()
    job(page, job_id).get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel this job").click()
    expect(job(page, job_id)).to_have_attribute("data-status", "cancelled")
    assert house.person.job(job_id)["cancelRequestedBy"] == "oskar@example.com"
    entry = house.service.data("GET", f"/activity?jobId={job_id}&action=cancel")[0]
    assert (entry["actor"], entry["role"]) == ("oskar@example.com", "operator")

    page.goto(f"{house.portal.url}/result?id={test['id']}")
    expect(page.get_by_role("button", name=f"Retry job {job_id[:8]}")).to_be_visible()
    assert page.get_by_role("button", name="Delete").count() == 0


def test_a_viewer_has_no_buttons(house: House, arrive: Callable[..., Page]) -> None:
    test, _ = house.person.upload_held()
    job_id = test["activeJob"]["jobId"]
    page = arrive("vera")
    expect(page.get_by_text("vera@example.com · Viewer")).to_be_visible()
    expect(job(page, job_id)).to_have_attribute("data-status", "running")
    for name in ("Upload", "Cancel job", "Retry job", "Reprocess", "Delete"):
        assert page.get_by_role("button", name=name).count() == 0
    assert page.get_by_role("checkbox").count() == 0


def test_people_share_a_drawing_if_their_rights_are_equal(
    house: House, arrive: Callable[..., Page]
) -> None:
    channels: list[float] = []
    for sub, may_cancel in (("vera", False), ("viktor", False), ("oskar", True)):
        page = arrive(sub, path="/monitor?lang=en")
        expect(page.locator('[data-connection="live"]').first).to_be_visible()
        _sockets_are(house.portal, len(channels) + 1)
        test, gate = house.person.upload_held()
        job_id = test["activeJob"]["jobId"]
        expect(job(page, job_id)).to_have_attribute("data-status", "running")
        assert (job(page, job_id).get_by_role("checkbox").count() > 0) is may_cancel
        gate.touch()
        expect(job(page, job_id)).to_have_attribute("data-status", "completed")
        channels.append(portal_metric(house.portal, "etl_monitor_live_channels"))
    alone, with_an_equal, with_an_operator = channels
    assert alone == with_an_equal < with_an_operator


def _sockets_are(portal: PortalProcess, count: int) -> None:
    def are() -> None:
        assert portal_metric(portal, "etl_monitor_live_sockets") == count

    eventually(are, within=60)


def test_an_admin_deletes(house: House, arrive: Callable[..., Page]) -> None:
    test = house.person.processed()
    page = arrive("ada")
    expect(page.get_by_text("ada@example.com · Admin")).to_be_visible()
    page.goto(f"{house.portal.url}/result?id={test['id']}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("was deleted")).to_be_visible()
    entry = house.service.data("GET", "/activity?action=delete")[0]
    assert (entry["actor"], entry["role"], entry["outcome"]) == ("ada@example.com", "admin", "done")


def test_without_a_role_there_is_only_the_sign_out(arrive: Callable[..., Page]) -> None:
    page = arrive("nora")
    expect(page.get_by_text("You are signed in as nora@example.com")).to_be_visible()
    assert page.locator("[data-job-id], [data-test-id], [data-connection]").count() == 0
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()  # at the provider, too
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_only_the_server_reads_the_cookie(arrive: Callable[..., Page]) -> None:
    page = arrive("oskar")
    expect(page.get_by_text("oskar@example.com · Operator")).to_be_visible()
    cookies = [c for c in page.context.cookies() if c["name"].startswith("_streamlit")]
    assert cookies
    assert all(cookie["httpOnly"] for cookie in cookies if "user" in cookie["name"])
    assert all(cookie["sameSite"] in ("Lax", "Strict") for cookie in cookies)


def test_a_changed_cookie_is_not_accepted(house: House, arrive: Callable[..., Page]) -> None:
    page = arrive("vera")
    expect(page.get_by_text("vera@example.com · Viewer")).to_be_visible()
    cookie = next(c for c in page.context.cookies() if c["name"] == "_streamlit_user")
    value = cookie["value"]
    middle = len(value) // 3
    changed = value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]
    page.context.add_cookies([{**cookie, "value": changed}])  # type: ignore[typeddict-item]
    page.goto(house.portal.url)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_updates_end_with_the_sign_in(house: House, arrive: Callable[..., Page]) -> None:
    """On a page that stays open and unused."""
    test, gate = house.person.upload_held()
    page = arrive()
    page.context.add_cookies([session_cookie(house, signed_in_for=15)])
    page.goto(house.portal.url)
    expect(job(page, test["activeJob"]["jobId"])).to_have_attribute("data-status", "running")
    gate.touch()

    def is_signed_out() -> None:
        house.person.processed()
        assert page.get_by_role("button", name="Sign in").is_visible()

    eventually(is_signed_out, within=90, every=1)
    house.person.processed()
    assert page.locator("[data-job-id], [data-test-id], [data-connection]").count() == 0


def session_cookie(house: House, *, signed_in_for: float) -> Any:
    """Return a cookie of Vera's that is valid for so many seconds."""
    made = time.time() - Settings().sign_in_hours * 3600 + signed_in_for
    claims = {**PEOPLE[0], "origin": house.portal.url, "is_logged_in": True, "iat": made}
    signer = URLSafeTimedSerializer(COOKIE_SECRET, salt="_streamlit_user")
    return {
        "name": "_streamlit_user",
        "value": signer.dumps(json.dumps(claims)),
        "url": house.portal.url,
    }
