"""Two services and two portals behind nginx, three workers, PostgreSQL and Redis: whatever is
killed, each job ends once, in a true state, and every table shows it."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from etl_monitor.client import EtlClient
from etl_monitor.monitoring import Monitoring
from etl_monitor.wire.job import Job
from tests.support.cluster import TOKEN, Cluster, running_cluster
from tests.support.cluster_kills import kill_broker, kill_database, kill_leader, kill_worker
from tests.support.cluster_state import (
    counts_as_the_list,
    each_worker_holds_a_job,
    ends,
    have_ended,
    runs,
    shows_the_list,
)
from tests.support.contexts import Contexts
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs, row
from tests.support.nginx import portals_by_key, upstreams
from tests.support.people import Person
from tests.support.scripted import UNHURRIED_SETTING, Script
from tests.support.service_process import RunningService, running_service

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]

MANY = 200  # jobs
AT_ONCE = 8  # requests
VARIANTS = (10, 20, 30, 40)  # rows: each number gives other results
WITHIN = 300.0  # seconds, on a busy machine
soon = partial(eventually, within=WITHIN, every=0.25)  # each look takes time from the jobs
FOLLOWERS = 4  # beside the portals'; the services' nginx gives half of them to each service


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Any]:
    """The results of each variant, as the local engine makes them."""
    folder = tmp_path_factory.mktemp("local")
    with running_service(folder / "data", env=UNHURRIED_SETTING) as service:
        person = Person(service=service, user_id="kim", folder=folder)
        made = {
            rows: person.processed(Script(rows=rows), title=f"{rows} people") for rows in VARIANTS
        }
        return {rows: _results(service, test["id"]) for rows, test in made.items()}


@pytest.fixture(scope="module")
def cluster(
    expected: Mapping[int, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def person(cluster: Cluster, request: pytest.FixtureRequest, tmp_path: Path) -> Person:
    return Person(service=cluster.person_service(), user_id=request.node.name, folder=tmp_path)


@pytest.fixture
def followers(cluster: Cluster) -> Iterator[Sequence[Monitoring]]:
    """Programs that follow through nginx."""
    with ExitStack() as stack:
        following = []
        for _ in range(FOLLOWERS):
            client = EtlClient(cluster.address, TOKEN)
            monitoring = Monitoring(client, interval=0.5, max_attempts=10**6)
            following.append(stack.enter_context(closing(monitoring)))
            monitoring.connect()
        for monitoring in following:
            assert monitoring.wait_until(lambda s: s.connection.is_live, WITHIN)
        yield following


@pytest.fixture
def pages(cluster: Cluster, contexts: Contexts) -> Iterator[Sequence[Page]]:
    """A page at each of the two portals."""
    with ExitStack() as stack:
        opened = []
        for key in _keys(cluster):
            context = stack.enter_context(contexts.lent())
            context.add_cookies([{"name": "etl_portal", "value": key, "url": cluster.page}])
            opened.append(context.new_page())
            opened[-1].set_default_timeout(60_000)
        yield opened


def _keys(cluster: Cluster) -> Sequence[str]:
    """Return values of the cookie that lead to the first and to the second portal."""
    found: dict[str, str] = {}
    for number in range(100):
        key = f"key-{number}"
        requests.get(cluster.page, cookies={"etl_portal": key}, timeout=60)
        (portal,) = eventually(partial(_portals_of, cluster, key))
        found[portal] = key
        if len(found) == len(cluster.portals):
            return [found[portal.url.removeprefix("http://")] for portal in cluster.portals]
    raise AssertionError(found)


def _portals_of(cluster: Cluster, key: str) -> set[str]:
    """Return the portals that answered this cookie, once nginx has logged one."""
    portals = portals_by_key(cluster.nginx)
    assert key in portals
    return portals[key]


def test_a_job_submitted_at_one_portal_moves_at_the_other(
    cluster: Cluster, person: Person, pages: Sequence[Page], tmp_path: Path
) -> None:
    here, there = pages
    gate = tmp_path / "gate"
    gate.touch()
    person.processed(Script(gate=str(gate)), title="Here")
    gate.unlink()
    there.goto(f"{cluster.page}monitor?lang=en")
    expect(connection(there, "live")).to_be_visible(timeout=60_000)
    here.goto(f"{cluster.page}?lang=en")
    row(here, "Here").get_by_role("button", name="Reprocess Here").click()
    here.get_by_role("dialog").get_by_role("button", name="Reprocess").click()
    moving = jobs(there, status="running").first
    expect(moving).to_be_visible(timeout=60_000)
    job_id = str(moving.get_attribute("data-job-id"))
    gate.touch()
    done = jobs(there, job_id=job_id, status="completed").first
    expect(done).to_be_visible(timeout=60_000)
    expect(jobs(here, job_id=job_id, status="completed").first).to_be_visible(timeout=60_000)
    _each_cookie_has_one_portal(cluster)


def test_a_browser_without_a_cookie_stays_at_the_portal_that_answered(cluster: Cluster) -> None:
    with requests.Session() as session:
        session.get(cluster.page, timeout=60).raise_for_status()
        key = session.cookies["etl_portal"]
        for _ in range(4):
            reply = session.get(cluster.page, timeout=60)
            assert (
                "Set-Cookie" not in reply.headers or "etl_portal" not in reply.headers["Set-Cookie"]
            )
    assert len(portals_by_key(cluster.nginx)[key]) == 1


def test_kills_under_many_jobs_lose_none_and_double_none(
    cluster: Cluster,
    person: Person,
    followers: Sequence[Monitoring],
    expected: Mapping[int, Any],
) -> None:
    gate = person.folder / "gate"
    tests = _upload_many(person, MANY, gate)
    _each_service_takes_part(cluster)
    soon(partial(each_worker_holds_a_job, cluster))
    kill_worker(cluster)
    gate.touch()
    for number, kill in enumerate((kill_leader, kill_broker, kill_database), 1):
        soon(partial(have_ended, cluster, tests, number * MANY // 5))
        kill(cluster, followers)
    _nothing_is_active(person)

    lost = [job for job in _jobs_of(followers[0], tests) if job.status != "completed"]
    assert 1 <= len(lost) <= len(cluster.workers)
    for job in lost:
        assert (job.status, job.error_code) == ("failed", "worker_lost"), job
        person.service.data("POST", f"/etl/jobs/{job.job_id}/retry")
    _nothing_is_active(person)

    for rows, made in zip(itertools.cycle(VARIANTS), _all_results(person, tests), strict=False):
        assert made == expected[rows]
    assert set(ends(cluster).values()) == {1}, "each job has ended once"
    assert runs(cluster, tests) == dict.fromkeys(tests, 1), "each test was completed by one run"
    for monitoring in followers:
        soon(partial(shows_the_list, monitoring))
    for portal in cluster.portals:
        soon(partial(counts_as_the_list, portal, person.service))


def test_a_rolling_restart_loses_no_event_and_fails_no_job(
    cluster: Cluster, person: Person, followers: Sequence[Monitoring]
) -> None:
    """As an upgrade to a version that leaves the database as it is."""
    gate = person.folder / "gate"
    tests = _upload_many(person, 12, gate)
    gate.touch()
    for service in cluster.services:
        service.stop()
        tests += _upload_many(person, 4, gate)  # nginx passes them to the other one
        service.start()
    for worker in cluster.workers:
        worker.stop()
        worker.start()
    _nothing_is_active(person)
    assert {person.test(test)["status"] for test in tests} == {"completed"}
    for monitoring in followers:
        soon(partial(shows_the_list, monitoring))
    cluster.leader()


def test_a_page_of_a_killed_portal_opens_at_the_other(
    cluster: Cluster, person: Person, pages: Sequence[Page]
) -> None:
    page, _ = pages
    page.goto(f"{cluster.page}?lang=en")
    expect(connection(page, "live")).to_be_visible(timeout=60_000)
    cluster.portals[0].kill()
    person.processed(title="After the portal")
    page.reload()
    expect(row(page, "After the portal")).to_be_visible(timeout=60_000)
    expect(connection(page, "live")).to_be_visible(timeout=60_000)


def _upload_many(person: Person, count: int, gate: Path) -> list[str]:
    """Return the ids of new tests, of all variants in turn, whose jobs wait for the gate."""

    def uploaded(rows: int) -> str:
        return _accepted(person, Script(rows=rows, gate=str(gate)), f"{rows} people")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(uploaded, itertools.islice(itertools.cycle(VARIANTS), count)))


def _accepted(person: Person, script: Script, title: str) -> str:
    """Upload a file, again if the database is busy (503). Returns the new test's id."""
    test_id: str = soon(lambda: person.upload(script, title=title))["id"]
    return test_id


def _all_results(person: Person, tests: Sequence[str]) -> Iterable[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return pool.map(partial(_results, person.service), tests)


def _results(service: RunningService, test_id: str) -> Any:
    """Return what a test's results say, without ids and times."""
    result = service.data("GET", f"/tests/results/{test_id}")
    documents = [
        service.data("GET", f"/tests/results/{test_id}/documents/{document['id']}")
        for document in result["documents"]
    ]
    written = [{k: d[k] for k in ("type", "summary", "content")} for d in documents]
    statistics = service.data("GET", f"/tests/results/{test_id}/statistics")
    scores = service.call("GET", f"/tests/results/{test_id}/scores").content
    return result["respondents"], written, statistics, scores


def _each_service_takes_part(cluster: Cluster) -> None:
    uploads = upstreams(cluster.nginx, "POST /tests/results")
    assert uploads == {f"127.0.0.1:{machine.port}" for machine in cluster.services}
    for machine in cluster.services:
        assert machine.metric("etl_monitor_feed_subscribers") > 0


def _nothing_is_active(person: Person) -> None:
    """Wait until no job waits or runs."""

    def is_so() -> None:
        assert person.service.data("GET", "/etl/jobs/active") == []

    soon(is_so)


def _each_cookie_has_one_portal(cluster: Cluster) -> None:
    assert {len(portals) for portals in portals_by_key(cluster.nginx).values()} == {1}


def _jobs_of(monitoring: Monitoring, tests: Sequence[str]) -> list[Job]:
    return [job for job in monitoring.client.all_jobs().jobs if job.test_id in tests]
