"""What a piece of news costs the portal for each viewer: over the live socket, and as a rerun.

python benchmarks/live_viewers.py [jobs] [events per second] [seconds]     default: 20 20 10

The server is this process: one page's monitor, and its live socket. Viewers are sockets of another
process that all show this page. Beside it, in turn: what a rerun of the page's bus costs for each
viewer at least, which is to render the page's payload and to encode it, without Streamlit's part.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import connect

sys.path.insert(0, str(Path(__file__).parent.parent))

import etl_monitor as em
from etl_monitor.portal import live_metrics
from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.jobs.monitor import MonitorView
from etl_monitor.ui.live import hub
from etl_monitor.ui.session.view import RenderContext
from tests.support import factories
from tests.support.app_page import frames, run
from tests.support.eventually import eventually
from tests.support.job_events import partial
from tests.support.portal_process import free_port
from tests.support.scripted_server import HOLD, ScriptedServer, reply, stream

VIEWERS = (1, 50, 200, 1000)
RERUNS = 50


def page() -> None:
    import etl_monitor as em

    em.progress_monitor()


@contextmanager
def server(jobs: int) -> Iterator[int]:
    """Serve the live socket for a page with so many running jobs. Yields the port."""
    listed = [factories.running(job_id=f"job-{n}", test_id=f"test-{n}") for n in range(jobs)]
    records = [job.model_dump(mode="json", by_alias=True) for job in listed]
    with ScriptedServer() as service:
        service.on("/etl/jobs", reply(records, x_last_event_id="1", x_total_count=str(jobs)))
        service.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        os.environ["ETL_MONITOR_API_URL"] = service.address
        assert em.use_etl_monitoring().wait_until(lambda seen: seen.connection.is_live, 10)
        app, port = Starlette(routes=em.ROUTES, lifespan=em.lifespan), free_port()
        running = uvicorn.Server(
            uvicorn.Config(app, port=port, log_level="error", ws_per_message_deflate=False)
        )
        thread = threading.Thread(target=running.run)
        thread.start()
        eventually(lambda: _check(started=running.started))
        yield port
        running.should_exit = True
        thread.join()
        em.use_etl_monitoring().close()


def _check(*, started: bool) -> None:
    assert started


async def watch(port: int, viewers: int, question: str) -> None:
    """Be the viewers until the round ends. Prints the 95th percentile of the delays."""
    ready = asyncio.Semaphore(0)
    delays: list[float] = []

    async def view() -> None:
        async with connect(f"ws://127.0.0.1:{port}/live", max_size=None) as socket:
            await socket.send(question)
            ready.release()
            async for text in socket:
                if f"the end of {viewers}" in str(text):
                    return
                sent = datetime.fromisoformat(json.loads(text)["now"])
                delays.append((datetime.now(UTC) - sent).total_seconds())

    tasks = [asyncio.create_task(view()) for _ in range(viewers)]
    for _ in range(viewers):
        await ready.acquire()
    print("ready", flush=True)
    await asyncio.gather(*tasks)
    print(quantiles(delays, n=100)[94] if len(delays) > 1 else 0.0, flush=True)


def measure(port: int, question: str, viewers: int, jobs: int, rate: int, seconds: int) -> None:
    command = [sys.executable, __file__, "watch", str(port), str(viewers), question]
    watcher = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert watcher.stdout is not None
    assert watcher.stdout.readline() == "ready\n"
    store = em.use_etl_monitoring().store
    deliveries, cpu, begin = _value(live_metrics.DELIVERIES), time.process_time(), time.monotonic()
    for number in range(rate * seconds):
        store.apply(partial(f"job-{number % jobs}", rows_done=number + 1), "")
        time.sleep(max(0.0, begin + (number + 1) / rate - time.monotonic()))
    cpu = time.process_time() - cpu
    deliveries = _value(live_metrics.DELIVERIES) - deliveries
    store.apply(partial("job-0", title=f"the end of {viewers}"), "")
    p95 = float(watcher.stdout.readline())
    watcher.wait()
    share = 100 * cpu / seconds
    each = 1e6 * cpu / max(deliveries, 1)
    print(f"{viewers:>8} {deliveries / seconds:>13.0f} {share:>9.1f} % {each:>12.0f} {p95:>10.3f}")


def _value(counter: Any) -> float:
    return float(next(iter(counter.collect())).samples[0].value)


def rerun_cost(ctx: RenderContext) -> float:
    """Return the CPU of rendering and encoding the page's payload once, in microseconds."""
    costs = []
    for _ in range(RERUNS):
        begin = time.process_time()
        json.dumps(MonitorView(job_filter=MonitorFilter()).render(ctx), ensure_ascii=False)
        costs.append(time.process_time() - begin)
    return 1e6 * median(costs)


def main(jobs: int = 20, rate: int = 20, seconds: int = 10) -> None:
    with server(jobs) as port:
        app = run(page)
        shown = {frame["mount"]: frame for frame in frames(app)}
        session = next(frame["live"]["session"] for frame in shown.values())
        views = {key: frame["drawing"] for key, frame in shown.items()}
        question = json.dumps({"session": session, "views": views})
        current = hub.current()
        assert current is not None
        state = current.session(session)
        assert state is not None
        print(f"{jobs} jobs, {rate} events/s, {seconds} s")
        print(" viewers  deliveries/s  CPU of one  µs/delivery  p95 on the line (s)")
        for viewers in VIEWERS:
            measure(port, question, viewers, jobs, rate, seconds)
        store = em.use_etl_monitoring()
        with factories.render_context(*store.snapshot().jobs.values()) as ctx:
            print(f"a rerun renders and encodes in {rerun_cost(ctx):.0f} µs, for each viewer")


if __name__ == "__main__":
    if sys.argv[1:2] == ["watch"]:
        asyncio.run(watch(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
    else:
        main(*map(int, sys.argv[1:]))
