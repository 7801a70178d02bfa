"""Two services and two portals behind nginx, three workers, PostgreSQL and Redis: whatever is
killed, each job ends once, in a true state, and every table shows it."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func as sql
from sqlalchemy import select

from etl_monitor.client import EtlClient
from etl_monitor.monitoring import Monitoring
from etl_monitor.service.jobs.lifecycle import CANCELLED, COMPLETED, FAILED
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import events, job_log
from etl_monitor.service.storage.tables import jobs as jobs_table
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.wire.job import Job
from tests.support.cluster import TOKEN, Cluster, portal_metric, running_cluster
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs, row
from tests.support.nginx import portals_by_key
from tests.support.people import Person
from tests.support.portal_process import PortalProcess
from tests.support.scripted import UNHURRIED_SETTING, Script
from tests.support.service_process import RunningService, running_service

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]

MANY = 60  # jobs; 200 take five minutes on two busy cores (load 18)
VARIANTS = (10, 20, 30, 40)  # rows: each number gives other results
WITHIN = 300.0  # seconds, on a busy machine
FOLLOWERS = 4  # beside the portals'; the services' nginx gives half of them to each service


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Any]:
    """The results of each variant, as the local engine makes them."""
    folder = tmp_path_factory.mktemp("local")
    with running_service(folder / "data", env=UNHURRIED_SETTING) as service:
        person = Person(service=service, user_id="kim", folder=folder)
        made = {rows: person.processed(Script(rows=rows), title=_title(rows)) for rows in VARIANTS}
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
def pages(cluster: Cluster, browser: Browser) -> Iterator[Sequence[Page]]:
    """A page at each of the two portals."""
    with ExitStack() as stack:
        opened = []
        for key in _keys(cluster):
            context = browser.new_context(locale="en-US", reduced_motion="reduce")
            stack.callback(context.close)
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
    before = len(_ended(cluster))
    tests = _upload_many(person, MANY)
    for number, kill in enumerate((_kill_worker, _kill_leader, _kill_broker, _kill_database), 1):
        eventually(partial(_have_ended, cluster, before + number * MANY // 6), within=WITHIN)
        kill(cluster, followers)
    eventually(lambda: _nothing_is_active(person), within=WITHIN)

    lost = [test for test in tests if person.test(test)["status"] != "completed"]
    assert len(lost) <= len(cluster.workers)
    for test in lost:
        job = person.test(test)["lastJob"]
        assert (job["status"], job["errorCode"]) == ("failed", "worker_lost"), job
        person.service.data("POST", f"/etl/jobs/{job['jobId']}/retry")
    eventually(lambda: _nothing_is_active(person), within=WITHIN)

    for test, rows in zip(tests, itertools.cycle(VARIANTS), strict=False):
        assert _results(person.service, test) == expected[rows]
    assert set(_ended(cluster).values()) == {1}, "each job has ended once"
    assert _runs(cluster, tests) == dict.fromkeys(tests, 1), "each test was completed by one run"
    for monitoring in followers:
        eventually(partial(_shows_the_list, monitoring), within=WITHIN)
    for portal in cluster.portals:
        eventually(partial(_counts_as_the_list, portal, person.service), within=WITHIN)


def test_a_rolling_restart_loses_no_event_and_fails_no_job(
    cluster: Cluster, person: Person, followers: Sequence[Monitoring]
) -> None:
    """As an upgrade to a version that leaves the database as it is."""
    tests = _upload_many(person, 12)
    for service in cluster.services:
        service.stop()
        tests += _upload_many(person, 4)  # nginx passes them to the other one
        service.start()
    for worker in cluster.workers:
        worker.stop()
        worker.start()
    eventually(lambda: _nothing_is_active(person), within=WITHIN)
    assert {person.test(test)["status"] for test in tests} == {"completed"}
    for monitoring in followers:
        eventually(partial(_shows_the_list, monitoring), within=WITHIN)
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


def _upload_many(person: Person, count: int) -> list[str]:
    """Return the ids of new tests, of all variants in turn. Their jobs begin together."""
    gate = person.folder / "all-are-there"
    tests = [
        _accepted(person, Script(rows=rows, gate=str(gate)), _title(rows))
        for rows in itertools.islice(itertools.cycle(VARIANTS), count)
    ]
    gate.touch()
    return tests


def _accepted(person: Person, script: Script, title: str) -> str:
    """Upload a file, again if the database is busy (503). Returns the new test's id."""
    test_id: str = eventually(lambda: person.upload(script, title=title), within=WITHIN)["id"]
    return test_id


def _title(rows: int) -> str:
    return f"{rows} people"


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


def _kill_worker(cluster: Cluster, _: Sequence[Monitoring]) -> None:
    worker = cluster.workers[0]
    worker.kill()
    worker.start()


def _kill_leader(cluster: Cluster, followers: Sequence[Monitoring]) -> None:
    """Its followers go on at the other service, and that one leads, before it is back."""
    leader = cluster.leader()
    assert leader.metric("etl_monitor_feed_subscribers") > 0
    leader.kill()
    assert cluster.leader() is not leader
    for monitoring in followers:
        reached = int(monitoring.snapshot().position)
        assert monitoring.wait_until(partial(_is_live_beyond, reached), WITHIN)
    leader.start()


def _is_live_beyond(position: int, snapshot: Snapshot) -> bool:
    return snapshot.connection.is_live and int(snapshot.position) > position


def _kill_broker(cluster: Cluster, _: Sequence[Monitoring]) -> None:
    """A service notices once there is a job to announce."""
    cluster.redis.kill()
    person = Person(service=cluster.person_service(), user_id="kim", folder=Path())
    _accepted(person, Script(), "While the broker is away")

    def is_noticed() -> None:
        for machine in cluster.services:
            assert machine.running is not None
            assert "broker cannot be used" in machine.running.call("GET", "/readyz").text

    eventually(is_noticed, within=WITHIN)
    cluster.redis.start()


def _kill_database(cluster: Cluster, _: Sequence[Monitoring]) -> None:
    cluster.postgres.kill()
    for machine in cluster.services:
        assert machine.running is not None
        assert machine.running.call("GET", "/etl/jobs/active").status_code == 503
    cluster.postgres.start()
    eventually(lambda: _answers(cluster), within=WITHIN)
    cluster.leader()


def _answers(cluster: Cluster) -> None:
    for machine in cluster.services:
        assert machine.running is not None
        assert machine.running.call("GET", "/etl/jobs/active").status_code == 200


def _nothing_is_active(person: Person) -> None:
    assert person.service.data("GET", "/etl/jobs/active") == []


def _have_ended(cluster: Cluster, count: int) -> None:
    assert len(_ended(cluster)) >= count


def _ended(cluster: Cluster) -> Mapping[str, int]:
    """Return how many ends the event log has for each job, read from the database itself."""
    ends = events.c.name.in_((COMPLETED, FAILED, CANCELLED))
    query = select(events.c.job_id, sql.count()).where(ends).group_by(events.c.job_id)
    return _read(cluster, lambda tx: {row[0]: row[1] for row in tx.execute(query)})


def _runs(cluster: Cluster, tests: Sequence[str]) -> Mapping[str, int]:
    """Return how often the pipeline's first step ran for each test's completed jobs, without runs
    of jobs that went back to the queue."""
    ran = job_log.c.message.startswith("prepare ")
    query = (
        select(jobs_table.c.test_id, sql.count() - sql.max(jobs_table.c.restarts))
        .join(job_log, job_log.c.job_id == jobs_table.c.job_id)
        .where(ran, jobs_table.c.status == "completed", jobs_table.c.test_id.in_(tests))
        .group_by(jobs_table.c.test_id)
    )
    return _read(cluster, lambda tx: {row[0]: row[1] for row in tx.execute(query)})


def _read(cluster: Cluster, read: Callable[[Any], dict[str, int]]) -> dict[str, int]:
    with closing(Database(cluster.database_url)) as db, db.reading() as tx:
        return read(tx)


def _shows_the_list(monitoring: Monitoring) -> None:
    """The follower's table is the service's, and it received every event once, in order."""
    listed, snapshot = monitoring.client.all_jobs(), monitoring.snapshot()
    assert snapshot.position == listed.position
    assert _table(snapshot.jobs.values()) == _table(listed.jobs)
    counters = snapshot.counters
    assert (counters.gaps, counters.resyncs, counters.malformed) == (0, 0, 0)


def _table(shown: Any) -> dict[str, tuple[object, ...]]:
    return {job.job_id: _state(job) for job in shown}


def _state(job: Job) -> tuple[object, ...]:
    state = (job.status, job.progress, job.current_step, job.rows_done, job.attempt, job.test_id)
    return (*state, job.error_code, job.started_at, job.finished_at, job.updated_at)


def _counts_as_the_list(portal: PortalProcess, service: RunningService) -> None:
    counts = service.data("GET", "/etl/jobs/counts")
    name = "etl_monitor_store_jobs"
    assert {status: portal_metric(portal, name, status=status) for status in counts} == counts
    for counter in ("gaps", "resyncs", "malformed"):
        assert portal_metric(portal, f"etl_monitor_feed_{counter}_total") == 0


def _each_cookie_has_one_portal(cluster: Cluster) -> None:
    assert {len(portals) for portals in portals_by_key(cluster.nginx).values()} == {1}
