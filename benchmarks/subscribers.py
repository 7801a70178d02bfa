"""How long an event takes from its commit to the subscribers of the feed, and what they cost.

python benchmarks/subscribers.py [subscribers] [events per second] [seconds]     default: 500 100 20

A service of its own in a process of its own; events are appended by another process, as workers do.
All subscribers are in this process, so that on two cores they take a part of the service's time.
"""

import asyncio
import json
import multiprocessing
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from statistics import quantiles
from urllib.parse import urlsplit

import psutil
import requests

sys.path.insert(0, str(Path(__file__).parent.parent))

from etl_monitor.service.events import event_log
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.open import open_database
from tests.support.service_process import RunningService, running_service

_ID = re.compile(rb"id: (\d+)\n")
_SETTLE = 3.0  # seconds; a short run takes less
_PROBES = 30


@dataclass
class Subscribers:
    """Connections to the feed; when each event arrived at each of them."""

    service: RunningService
    connected: int = 0
    received: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def follow(self) -> None:
        parts = urlsplit(self.service.base_url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(
            f"GET /etl/jobs/stream HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Authorization: Bearer {self.service.token}\r\n\r\n".encode()
        )
        await reader.readuntil(b": connected\n\n")
        self.connected += 1
        rest = b""
        while content := await reader.read(1 << 16):
            now, rest = time.monotonic(), rest + content
            for found in _ID.finditer(rest):
                self.received[int(found[1])].append(now)
            rest = rest[rest.rfind(b"\n") + 1 :]


def append_events(folders: Folders, count: int, rate: float, committed: "Queue[float]") -> None:
    """Append events at this rate; put the time of each commit into the queue."""
    with open_database(folders) as db:
        begin = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, begin + number / rate - time.monotonic()))
            data = {
                "jobId": "j" * 36,
                "progress": number % 100,
                "updatedAt": "2026-01-01T00:00:00Z",
            }
            with db.writing() as tx:
                event_log.append(tx, "job_progress", json.dumps(data), job_id="j")
            committed.put(time.monotonic())


async def measure(
    service: RunningService, folders: Folders, count: int, rate: float, seconds: float
) -> Sequence[float]:
    """Print what the subscribers cost. Returns the seconds from commit to receipt of each event."""
    process = psutil.Process(service.process.pid)
    subscribers = Subscribers(service)
    settle = min(_SETTLE, seconds)
    # The service's threads start for the first ones.
    tasks = await connect(subscribers, max(1, count // 5), settle)
    first, few = len(tasks), process.memory_info().rss
    tasks += await connect(subscribers, count - first, settle)
    idle = await asyncio.to_thread(answer_times, service)
    used = sum(process.cpu_times()[:2])
    memory = (process.memory_info().rss - few) / max(1, count - first)
    committed = await asyncio.to_thread(run_writer, folders, rate, seconds)
    await asyncio.sleep(settle)
    used = sum(process.cpu_times()[:2]) - used
    busy_memory = (process.memory_info().rss - few) / max(1, count - first)
    for task in tasks:
        task.cancel()
    position_of_first = min(subscribers.received)
    delays = [
        at - committed[position - position_of_first]
        for position, times in subscribers.received.items()
        for at in times
    ]
    complete = all(len(times) == count for times in subscribers.received.values())
    print(f"{count} subscribers, {rate:g} events/s for {seconds:g} s")
    print(f"received by all: {complete and len(subscribers.received) == len(committed)}")
    show("commit → receive", delays)
    show("/healthz, feeds idle", idle)
    kilobytes = f"{memory / 1000:.0f} kB idle, {busy_memory / 1000:.0f} kB after"
    print(f"memory of a further subscriber: {kilobytes}")
    print(f"processor time of the service: {used:.1f} s")
    return delays


async def connect(
    subscribers: Subscribers, count: int, settle: float
) -> list["asyncio.Task[None]"]:
    total = subscribers.connected + count
    tasks = [asyncio.create_task(subscribers.follow()) for _ in range(count)]
    while subscribers.connected < total:
        await asyncio.sleep(settle)
    return tasks


def run_writer(folders: Folders, rate: float, seconds: float) -> Sequence[float]:
    with multiprocessing.Manager() as manager:
        committed = manager.Queue()
        arguments = (folders, int(rate * seconds), rate, committed)
        writer = multiprocessing.get_context("spawn").Process(target=append_events, args=arguments)
        writer.start()
        writer.join()
        return [committed.get() for _ in range(committed.qsize())]


def answer_times(service: RunningService) -> Sequence[float]:
    return [
        requests.get(service.base_url + "/healthz", timeout=60).elapsed.total_seconds()
        for _ in range(_PROBES)
    ]


def show(name: str, delays: Sequence[float]) -> None:
    percentiles = quantiles(delays, n=100)
    p50, p95 = percentiles[49] * 1000, percentiles[94] * 1000
    print(f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {max(delays) * 1000:.0f} ms")


def main(count: float = 500, rate: float = 100, seconds: float = 20) -> None:
    environment = {"ETL_MONITOR_FEEDS_PER_TOKEN": "100000", "ETL_MONITOR_WORKERS": "1"}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_service(Path(folder) / "data", env=environment) as service,
    ):
        folders = Folders(root=service.data_dir)
        asyncio.run(measure(service, folders, int(count), rate, seconds))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
