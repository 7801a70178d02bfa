"""What open jobs cost the portal: 40 people see the same list, each with another job open.

    python -m benchmarks.open_jobs [PEOPLE] [ROUNDS]     default: 40 60

Each round changes one of the running jobs, and draws what the people see: the list and the open
jobs, and beside it a list for each person, as while the details were a part of it (their own
drawing not counted). A job's details have six steps and 300 lines of log.
The drawing thread's processor time is counted; details are requested by others.
"""

import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.jobs.monitor import MonitorView
from etl_monitor.ui.live.channel import Channel
from etl_monitor.ui.live.drawings import Drawings
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.session.view import RenderContext, SessionState
from etl_monitor.wire.job import Job, JobDetail
from tests.support import factories
from tests.support.factories import ago
from tests.support.job_events import partial
from tests.support.scripted_server import ScriptedServer, reply

RUNNING = 20  # jobs in the list
LINES = 300
STEPS = ("extract", "validate", "score", "norm", "statistics", "documents")
VIEW = MonitorView(job_filter=MonitorFilter())


def detail_of(job: Job) -> JobDetail:
    step = {"index": 1, "status": "running", "rows_total": 1200, "started_at": ago(seconds=9)}
    line = {"at": "2026-03-05T06:07:08Z", "level": "info", "message": "a chunk is scored"}
    more = {"steps": [{**step, "name": name} for name in STEPS], "log": [line] * LINES}
    return JobDetail.model_validate(job.model_dump() | more)


@contextmanager
def people(count: int) -> Iterator[tuple[RenderContext, list[SessionState]]]:
    """Yield a context, and a session for each person, who has a job of their own open."""
    jobs = [factories.running(job_id=f"job-{n}", progress=10) for n in range(RUNNING)]
    jobs += [factories.completed(job_id=f"job-{n}") for n in range(RUNNING, count)]
    with ScriptedServer() as server:
        for job in jobs:
            detail = detail_of(job).model_dump(mode="json", by_alias=True)
            server.on(f"/etl/jobs/{job.job_id}", reply(detail))
        with factories.render_context(*jobs, base_url=server.address) as ctx:
            yield (
                ctx,
                [
                    SessionState(
                        jobs=JobTable(monitoring=ctx.monitoring, open_jobs=(f"job-{number}",))
                    )
                    for number in range(count)
                ],
            )


def attach(drawings: Drawings, session: SessionState, ctx: RenderContext) -> Iterable[Channel]:
    """Show the monitor with its open jobs to this person. Returns the channels."""
    own = replace(ctx, session=session)
    payload = VIEW.render(own)
    drawings.attach("monitor", VIEW, own, payload)
    for row, view in VIEW.inner_views(payload, own).items():
        drawings.attach(row, view, own, view.render(own))
    return session.channels.values()


def own_list(drawings: Drawings, number: int, ctx: RenderContext) -> Channel:
    """Return the channel of a monitor that no other person sees."""
    view = replace(VIEW, prefix=f"of-{number}")
    session = SessionState(jobs=JobTable(monitoring=ctx.monitoring))
    own = replace(ctx, session=session)
    drawings.attach("monitor", view, own, view.render(own))
    channel: Channel = session.channels["monitor"]
    return channel


def milliseconds(drawings: Drawings, channels: Iterable[Channel]) -> float:
    begin = time.thread_time()
    with drawings.pass_of(channels):
        pass
    return 1000 * (time.thread_time() - begin)


def main(count: int = 40, rounds: int = 60) -> None:
    opened, own = [], []
    with people(count) as (ctx, sessions):
        drawings = Drawings()
        shown = {channel for session in sessions for channel in attach(drawings, session, ctx)}
        lists = [own_list(drawings, number, ctx) for number in range(count)]
        for number in range(rounds):
            event = partial(f"job-{number % RUNNING}", progress=20 + number)
            ctx.monitoring.store.apply(event, f"{number + 2}")
            opened.append(milliseconds(drawings, shown))
            own.append(milliseconds(drawings, lists))
    mine, beside = statistics.median(opened), statistics.median(own)
    ratio = mine / beside
    print(f"{count} people, {len(shown)} drawings: {mine:.1f} ms for an event", end="")
    print(f" beside {beside:.1f} ms: {ratio:.3f} x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
