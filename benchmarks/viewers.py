"""What each viewer costs the portal: pages with a live socket, beside pages that Streamlit reruns.

    python -m benchmarks.viewers [SECONDS] [EVENTS A SECOND] [VIEWERS …]   default: 10 20 1 200 1000

The portal is the real one, in a process of its own. A viewer is what a browser has: a session of
Streamlit that has drawn `/monitor` with 20 jobs, and a live socket; it sends no pings. All viewers
are in one other process, so on two cores they take a part of the portal's time. Without the socket,
each piece of news reruns a fragment of each page, at most five times a second. A quiet page has no
events; beside it is a fragment with `run_every=1` that draws 20 rows, for as many sessions. Both
portals are also measured without a page: Streamlit looks at its settings' files, and uvicorn at its
clock, several times a second.
"""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from etl_monitor.asgi.descriptors import raise_limit
from tests.support.driven_feed import DrivenFeed, driven_feed
from tests.support.portal_process import ROOT, PortalProcess, running_portal
from tests.support.portal_session import live_request

_JOBS = 20
_FEW = 10  # viewers whose pages are rerun
_QUIET = 50  # at most
_LEAST = 0.0001  # of a processor: a short round may show no time at all
_USUAL = ROOT / "benchmarks" / "pages" / "usual.py"
_SHOWN = re.compile(r"(\d{3},\d{3}) of 10,000,000")


@dataclass(frozen=True)
class Seen:
    """What viewers had of one round. `cpu`: of the portal, share of a processor."""

    cpu: float
    deliveries: int  # messages to viewers
    delays: Sequence[float]  # seconds from an event to the last viewer's message with it
    bytes: int  # over the viewers' lines, messages of Streamlit's own included

    @property
    def p95(self) -> float:
        delays = sorted(self.delays)
        return delays[int(0.95 * (len(delays) - 1))] if delays else 0.0


@dataclass(frozen=True, kw_only=True)
class Idle:
    """What a portal takes of a processor without a page (`alone`), and with all of them."""

    alone: float
    whole: float

    @property
    def added(self) -> float:
        return max(_LEAST, self.whole - self.alone)

    def __str__(self) -> str:
        added, whole = 100 * self.added, 100 * self.whole
        return f"{whole:.2f} % of a processor, {added:.2f} % more than without a page"


Message = tuple[float, int, int]  # when, the newest number in it or 0, its size


class Viewers:
    """Viewers in a process of their own, from their first drawing to the end of the round."""

    def __init__(self, url: str, count: int, kind: str) -> None:
        self.count = count
        command = [sys.executable, "-m", "benchmarks.viewers", "watch", url, str(count), kind]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def end(self) -> Sequence[Sequence[Message]]:
        """Return the messages of each viewer."""
        out, _ = self._process.communicate("end\n")
        viewers: list[list[Message]] = json.loads(out)
        return viewers


def measure(
    portal: PortalProcess, feed: DrivenFeed, viewers: Viewers, rate: float, seconds: float
) -> Seen:
    """Send events of the jobs that the first page shows."""
    for job in range(feed.jobs):
        feed.send(job)
    time.sleep(4)  # a new page gets no updates for three seconds
    process, begin, first = psutil.Process(portal.process.pid), time.monotonic(), len(feed.sent)
    before, since = _cpu(process), time.time()
    for number in range(round(rate * seconds)):
        feed.send(number % min(feed.jobs, _JOBS))
        time.sleep(max(0.0, begin + (number + 1) / rate - time.monotonic()))
    time.sleep(max(1.0, begin + seconds - time.monotonic()))
    cpu = (_cpu(process) - before) / (time.monotonic() - begin)
    received = [[found for found in viewer if found[0] > since] for viewer in viewers.end()]
    sent = {number: feed.sent[number] for number in list(feed.sent)[first:]}
    messages = [message for viewer in received for message in viewer]
    deliveries, size = sum(bool(m[1]) for m in messages), sum(m[2] for m in messages)
    return Seen(cpu, deliveries, list(_delays(sent, received)), size)


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


def _delays(sent: Mapping[int, float], viewers: Sequence[Sequence[Message]]) -> Iterator[float]:
    """Yield for each event the time until the last viewer had it, or a later one."""
    for number, at in sent.items():
        got = [next((m[0] for m in viewer if m[1] >= number), None) for viewer in viewers]
        if None not in got:
            yield max(t for t in got if t is not None) - at


async def watch(url: str, count: int, kind: str) -> None:
    """Be the viewers, until a line comes from standard input."""
    received: list[list[Message]] = [[] for _ in range(count)]
    lines: list[ClientConnection] = []
    tasks = []
    for seen in received:  # one after the other, so that the portal is not flooded
        page, components = await _opened(url, kind)
        lines.append(page)
        tasks.append(asyncio.create_task(_read(page, seen, counts=kind != "live")))
        if kind == "live":
            live = await connect(
                _address(url, "/live"), origin=Origin(url), max_size=None, ping_interval=None
            )
            await live.send(json.dumps(live_request(components)))
            lines.append(live)
            tasks.append(asyncio.create_task(_read(live, seen, counts=True)))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for task in tasks:
        task.cancel()
    print(json.dumps(received), flush=True)


async def _opened(url: str, kind: str) -> tuple[ClientConnection, Sequence[Any]]:
    page = await connect(
        _address(url, "/_stcore/stream"),
        subprotocols=[Subprotocol("streamlit")],
        origin=Origin(url),
        max_size=None,
        ping_interval=None,
    )
    request = BackMsg()
    request.rerun_script.query_string = "lang=en"
    if kind != "usual":
        request.rerun_script.page_name = "monitor"
    await page.send(request.SerializeToString())
    components = []
    while (message := _parsed(await page.recv())).WhichOneof("type") != "script_finished":
        element = message.delta.new_element
        if element.WhichOneof("type") == "bidi_component":
            components.append(element.bidi_component)
        if message.WhichOneof("type") == "auto_rerun" and kind in ("usual", "poll"):
            asyncio.create_task(_rerun(page, message.auto_rerun))  # noqa: RUF006  # until the end
    return page, components


async def _rerun(page: ClientConnection, every: Any) -> None:
    """Rerun a fragment as a browser does for `run_every`."""
    while True:
        await asyncio.sleep(every.interval)
        request = BackMsg()
        request.rerun_script.query_string = "lang=en"
        request.rerun_script.fragment_id = every.fragment_id
        request.rerun_script.is_auto_rerun = True
        await page.send(request.SerializeToString())


async def _read(line: ClientConnection, seen: list[Message], *, counts: bool) -> None:
    async for message in line:
        if isinstance(message, bytes):
            element = _parsed(message).delta.new_element
            text = element.bidi_component.json or element.text.body
        else:
            text = message
        numbers = [int(number.replace(",", "")) for number in _SHOWN.findall(text)]
        if counts:
            seen.append((time.time(), max(numbers, default=0), len(message)))


def _parsed(content: str | bytes) -> ForwardMsg:
    message = ForwardMsg()
    message.ParseFromString(content if isinstance(content, bytes) else content.encode())
    return message


def _address(url: str, path: str) -> str:
    return url.replace("http", "ws", 1) + path


@contextmanager
def portal_of(
    feed: DrivenFeed, folder: Path, script: Path | None = None
) -> Iterator[PortalProcess]:
    environment = {"ETL_MONITOR_API_URL": feed.address, "PYTHONPATH": str(ROOT)}
    with running_portal(
        folder,
        environment=environment,
        script=script or ROOT / "app.py",
        health="/_stcore/health" if script else "/healthz",
    ) as portal:
        yield portal


def main(seconds: float = 10, rate: float = 20, *viewers: float) -> None:
    raise_limit()
    counts = [*map(int, viewers)] or [1, 200, 1000]
    pages = min(_QUIET, max(counts))
    with tempfile.TemporaryDirectory() as name:
        with driven_feed(_JOBS) as feed, portal_of(feed, Path(name), _USUAL) as portal:
            usual = _idle(portal, feed, pages, "usual", 6 * seconds)
        with driven_feed(_JOBS) as feed, portal_of(feed, Path(name)) as portal:
            _show_viewers(portal, feed, counts, rate, seconds, 1e6 * usual.added / pages)
            quiet = _idle(portal, feed, pages, "live", 6 * seconds)
            print(f"feeds of the portal: {feed.requests}")
    print(f"{pages} quiet pages: {quiet}")
    print(f"{pages} pages with run_every=1: {usual}")
    whole, added = usual.whole / max(_LEAST, quiet.whole), usual.added / quiet.added
    print(f"quiet pages beside them: 1/{whole:.0f}; without what no page causes: 1/{added:.0f}")


def _show_viewers(
    portal: PortalProcess,
    feed: DrivenFeed,
    counts: Sequence[int],
    rate: float,
    seconds: float,
    usual: float,
) -> None:
    """Print the rounds with news. `usual`: microseconds of a rerun in the usual way."""
    rerun = _round(portal, feed, _FEW, "rerun", rate, seconds)
    each = _show(f"{_FEW} pages without a socket", rerun, seconds)
    print(f"{'a rerun of the usual fragment':<34}{usual:>8.0f} µs")
    first = None
    for count in counts:
        live = _round(portal, feed, count, "live", rate, seconds)
        _show(f"{count} pages with a live socket", live, seconds)
        first = first or live
        if live is not first:
            _show_further(live, first, (each, usual), seconds)


def _idle(portal: PortalProcess, feed: DrivenFeed, pages: int, kind: str, seconds: float) -> Idle:
    alone, whole = (_round(portal, feed, count, kind, 0, seconds).cpu for count in (0, pages))
    return Idle(alone=alone, whole=whole)


def _round(
    portal: PortalProcess, feed: DrivenFeed, count: int, kind: str, rate: float, seconds: float
) -> Seen:
    return measure(portal, feed, Viewers(portal.url, count, kind), rate, seconds)


def _show(what: str, seen: Seen, seconds: float) -> float:
    """Print a round; return the microseconds of processor time for each delivery."""
    each = 1e6 * seen.cpu * seconds / max(1, seen.deliveries)
    print(
        f"{what:<34}{seen.deliveries / seconds:>8.0f} deliveries/s{100 * seen.cpu:>7.1f} % of a "
        f"processor{each:>8.0f} µs each, last viewer's p95 {1000 * seen.p95:.0f} ms",
        flush=True,
    )
    return each


def _show_further(live: Seen, first: Seen, reruns: tuple[float, float], seconds: float) -> None:
    """Print what a further delivery costs: the drawing itself is made once."""
    deliveries = max(1, live.deliveries - first.deliveries)
    further = 1e6 * (live.cpu - first.cpu) * seconds / deliveries
    ours, usual = (rerun / max(1.0, further) for rerun in reruns)
    print(
        f"{'':34}each further one {further:.0f} µs, 1/{ours:.0f} of a page without a socket, "
        f"1/{usual:.0f} of the usual fragment"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["watch"]:
        raise_limit()
        asyncio.run(watch(sys.argv[2], int(sys.argv[3]), sys.argv[4]))
    else:
        main(*map(float, sys.argv[1:]))
