"""What one more drawing of the monitor costs the portal: for a filter or a page of one person
alone.

    python -m benchmarks.drawing [ROUNDS]     default: 60

Each round changes one of the running jobs and draws the monitor twice: in a time zone that all
share, whose other rows were made before, and in a new one, whose rows are all made now, as they
were in each drawing before. The processor time is counted.
"""

import statistics
import sys
import time
from dataclasses import replace
from itertools import islice
from zoneinfo import available_timezones

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.jobs.monitor import MonitorView
from etl_monitor.ui.session.view import RenderContext
from tests.support import factories
from tests.support.job_events import partial

SIZES = (20, 200, 1000)  # running jobs
SHARED = Translator("en", "Asia/Seoul")
VIEW = MonitorView(job_filter=MonitorFilter())


def milliseconds(ctx: RenderContext, t: Translator) -> float:
    own = replace(ctx, t=t, snapshot=ctx.monitoring.snapshot())
    begin = time.process_time()
    VIEW.render(own)
    return 1000 * (time.process_time() - begin)


def measure(size: int, rounds: int) -> tuple[float, float]:
    """Return the medians of both drawings, in milliseconds."""
    jobs = [factories.running(job_id=f"job-{number}", progress=10) for number in range(size)]
    zones = islice(sorted(available_timezones() - {SHARED.zone}), rounds)
    shared, alone = [], []
    with factories.render_context(*jobs) as ctx:
        store = ctx.monitoring.store
        store.replace(jobs, "1")
        milliseconds(ctx, SHARED)
        for number, zone in enumerate(zones):
            store.apply(partial(f"job-{number % size}", progress=20 + number), f"{number + 2}")
            shared.append(milliseconds(ctx, SHARED))
            alone.append(milliseconds(ctx, Translator("en", zone)))
    return statistics.median(shared), statistics.median(alone)


def main(rounds: int = 60) -> None:
    for size in SIZES:
        shared, alone = measure(size, rounds)
        ratio = shared / alone
        print(f"{size:5} jobs: {shared:.2f} ms beside {alone:.2f} ms: {ratio:.2f} x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
