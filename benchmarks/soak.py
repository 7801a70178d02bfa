"""Hours of load and kills: the service with a portal, ten followers, 20 pages, jobs without pause.

make soak        python benchmarks/soak.py [minutes] [pages] [followers]     default: 120 20 10

A page has both lines of a browser: Streamlit's, and the live socket with the updates. Every second
page leaves after some seconds and comes again. So many jobs are started that the feed has about 50
events per second. A worker is killed with -9 each minute and
the service each ten minutes, in a short run more often; it starts again at once. One line a minute;
at the end the outcome, and exit code 1 if a promise was broken: a position skipped or repeated, a
job that left its final state, a follower that differs from the service, memory, descriptors or
threads that grow.
"""

import logging
import random
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from websockets.exceptions import ConnectionClosed

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.support.eventually import eventually
from tests.support.kills import process
from tests.support.lives import kill, workers
from tests.support.people import Person
from tests.support.portal_process import PortalProcess, free_port, running_portal
from tests.support.portal_session import open_page
from tests.support.scripted import SETTING, Script
from tests.support.service_process import RunningService, running_service
from tests.support.watcher import Watcher

RATE = 50  # events per second
WORKER_INTERVAL, SERVICE_INTERVAL, SAMPLE_INTERVAL = 60.0, 600.0, 10.0  # seconds
TESTS = 30
EVENTS_OF_A_JOB = 28  # about, in four seconds
GROWTH = 1.25  # of memory, from the second quarter of the time to the last one
MORE_DESCRIPTORS = MORE_THREADS = 20
LONGEST_VISIT = 30.0  # seconds
TOKEN = "soak"  # of a service that only this process uses
ENVIRONMENT = SETTING | {
    "ETL_MONITOR_API_TOKEN": TOKEN,
    "ETL_MONITOR_WORKERS": "8",
    "ETL_MONITOR_FEED_HEARTBEAT": "3",
}
FINAL = {"completed", "failed", "cancelled"}


class Service:
    """A service on one port that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._data_dir, self._port = folder / "data", free_port()
        self._life = ExitStack()
        self.start()

    def start(self) -> None:
        life = running_service(self._data_dir, env=ENVIRONMENT, port=self._port)
        self.running = self._life.enter_context(life)

    def restart(self) -> None:
        kill(self.running)
        self._life.close()
        self.start()

    def close(self) -> None:
        self._life.close()

    def kill_a_worker(self) -> None:
        with suppress(psutil.NoSuchProcess):
            random.choice(workers(self.running)).kill()


@dataclass
class Samples:
    """Memory in MB, descriptors and threads of a program, over time."""

    memory: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)

    def add(self, pid: int) -> None:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            self.memory.append(process.memory_info().rss / 1e6)
            self.descriptors.append(process.num_fds())
            self.threads.append(process.num_threads())

    def problems(self, name: str) -> Iterator[str]:
        before, after = _quarters(self.memory)
        if after > before * GROWTH:
            yield f"{name}: memory grew from {before:.0f} to {after:.0f} MB"
        before, after = _quarters(self.descriptors)
        if after > before + MORE_DESCRIPTORS:
            yield f"{name}: descriptors grew from {before:.0f} to {after:.0f}"
        before, after = _quarters(self.threads)
        if after > before + MORE_THREADS:
            yield f"{name}: threads grew from {before:.0f} to {after:.0f}"


def _quarters(values: Sequence[float]) -> tuple[float, float]:
    """Return the median of the second quarter and of the last one."""
    quarter = max(1, len(values) // 4)
    return median(values[quarter : 2 * quarter] or values), median(values[-quarter:])


class Load:
    """Starts jobs of some tests, so that the feed has about RATE events a second."""

    def __init__(self, service: Service, folder: Path) -> None:
        self._service = service
        person = Person(service=service.running, user_id="soak", folder=folder)
        self._tests = [
            person.upload(Script(rows=200, pause=0.2), title=f"Test {n}") for n in range(TESTS)
        ]
        self._position = self.position()
        self._due = 0.0  # jobs to start

    def position(self) -> int:
        reply = self._service.running.call("GET", "/etl/jobs?limit=1")
        return int(reply.headers["X-Last-Event-Id"])

    def start_jobs(self, seconds: float) -> int:
        """Start the jobs of these seconds. Returns the number of events in them."""
        position = self.position()
        events, self._position = position - self._position, position
        self._due += seconds * RATE / EVENTS_OF_A_JOB
        for test in random.sample(self._tests, min(TESTS, int(self._due))):
            with suppress(AssertionError):  # it is being processed
                process(self._service.running, test)
                self._due -= 1
        return events


@contextmanager
def open_pages(portal: PortalProcess, count: int) -> Iterator[None]:
    """Keep pages open that read everything they are sent; one that is closed is opened again.

    Every second one leaves by itself after at most LONGEST_VISIT.
    """
    over = threading.Event()

    def visit(stay: float) -> None:
        with suppress(ConnectionClosed, TimeoutError, OSError), open_page(portal.url) as page:
            until = time.monotonic() + stay
            while not over.is_set() and time.monotonic() < until:
                with suppress(TimeoutError):
                    page.live.recv(timeout=1)
                with suppress(TimeoutError):
                    page.streamlit.recv(timeout=0)

    def read_on(*, leaves: bool) -> None:
        while not over.is_set():
            visit(random.uniform(0, LONGEST_VISIT) if leaves else float("inf"))

    threads = [
        threading.Thread(target=read_on, kwargs={"leaves": number % 2 > 0}, daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()


def run(folder: Path, *, seconds: float, pages: int, followers: int) -> list[str]:
    """Return the broken promises."""
    with ExitStack() as stack:
        service = Service(folder)
        stack.callback(service.close)
        address = service.running.base_url
        settings = {"ETL_MONITOR_API_URL": address, "ETL_MONITOR_API_TOKEN": TOKEN}
        settings |= {"ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "100000"}
        (folder / "portal").mkdir()
        portal = stack.enter_context(running_portal(folder / "portal", environment=settings))
        load = Load(service, folder)
        watchers = [Watcher(address, TOKEN) for _ in range(followers)]
        stack.enter_context(open_pages(portal, pages))
        samples = torture(service, portal, load, seconds)
        _until_idle(service.running)
        problems = [p for name, sample in samples.items() for p in sample.problems(name)]
        return problems + list(_differences(service.running, watchers))


def torture(
    service: Service, portal: PortalProcess, load: Load, seconds: float
) -> dict[str, Samples]:
    samples: dict[str, Samples] = defaultdict(Samples)
    begin = last = reported = time.monotonic()
    every = {
        "worker": min(WORKER_INTERVAL, seconds / 5),
        "service": min(SERVICE_INTERVAL, seconds / 2),
        "sample": min(SAMPLE_INTERVAL, seconds / 100),
    }
    due = {name: begin + interval for name, interval in every.items()}
    events = 0
    while (now := time.monotonic()) < begin + seconds:
        if now >= due["service"]:
            service.restart()
            due["service"] += every["service"]
        if now >= due["worker"]:
            service.kill_a_worker()
            due["worker"] += every["worker"]
        if now >= due["sample"]:
            samples["service"].add(service.running.process.pid)
            samples["portal"].add(portal.process.pid)
            due["sample"] += every["sample"]
        events += load.start_jobs(now - last)
        last = now
        if now >= reported + 60:
            report((now - begin) / 60, events / (now - reported), samples)
            reported, events = now, 0
        time.sleep(max(0.0, 1 - (time.monotonic() - now)))
    return samples


def report(minutes: float, rate: float, samples: dict[str, Samples]) -> None:
    figures = "".join(
        f"   {name} {sample.memory[-1]:.0f} MB, {sample.descriptors[-1]} descriptors, "
        f"{sample.threads[-1]} threads"
        for name, sample in samples.items()
    )
    print(f"{minutes:5.0f} min   {rate:4.0f} events/s{figures}", flush=True)


def _until_idle(service: RunningService) -> None:
    def is_idle() -> None:
        assert service.data("GET", "/etl/jobs/active") == []

    eventually(is_idle, within=300, every=1)


def _differences(service: RunningService, watchers: Sequence[Watcher]) -> Iterator[str]:
    """Yield what is wrong with the jobs at the end, and with what the followers have received."""
    jobs: Any = service.data("GET", "/etl/jobs?limit=1000")
    states = {job["jobId"]: job["status"] for job in jobs}
    yield from (f"{job} is {state}" for job, state in states.items() if state not in FINAL)
    codes = {job["errorCode"] for job in jobs if job["status"] == "failed"}
    if unexpected := codes - {"worker_lost"}:
        yield f"jobs failed with {sorted(map(str, unexpected))}"
    for number, watcher in enumerate(watchers, start=1):
        yield from (f"follower {number}: {text}" for text in _faults(watcher, states))


def _faults(watcher: Watcher, states: dict[str, str]) -> Iterator[str]:
    def is_equal() -> None:
        seen = watcher.store.snapshot().jobs
        assert all(seen[job].status.value == states[job] for job in states if job in seen)

    try:
        eventually(is_equal, within=60)
    except AssertionError:
        yield "its jobs are not those of the service"
    counters = watcher.store.snapshot().counters
    if counters.gaps or counters.duplicates or counters.malformed:
        yield f"{counters}"
    try:
        watcher.close()
    except AssertionError as error:
        yield f"a job went back: {error}"


def main(minutes: float = 120, pages: float = 20, followers: float = 10) -> None:
    logging.getLogger("etl_monitor").setLevel(logging.CRITICAL)  # the followers' breaks
    with tempfile.TemporaryDirectory() as folder:
        problems = run(
            Path(folder), seconds=minutes * 60, pages=int(pages), followers=int(followers)
        )
    print("\n".join(problems) or "Every promise was kept.")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
