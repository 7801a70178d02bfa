"""What an event costs a page without a live socket: bytes over its line, and the portal's time.

    python -m benchmarks.bus [SECONDS] [VIEWERS] [CHECKOUT …]      default: 10 10

All viewers show `/monitor` with 200 jobs: pages to which the portal pushes, then pages that poll
(`ETL_MONITOR_LIVE_UPDATES=poll`). Events come one a second, then 20 a second. Each CHECKOUT is
another working copy of this repository, which is measured in turn with this one.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.viewers import Viewers, measure
from tests.support.driven_feed import DrivenFeed, driven_feed
from tests.support.portal_process import ROOT, PortalProcess, running_portal

_JOBS = 200
_RATES = (1, 20)  # events a second
_MODES = {"rerun": {}, "poll": {"ETL_MONITOR_LIVE_UPDATES": "poll"}}


@contextmanager
def portal_of(checkout: Path, feed: DrivenFeed, mode: str) -> Iterator[PortalProcess]:
    environment = {"ETL_MONITOR_API_URL": feed.address, "PYTHONPATH": str(checkout)}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_portal(
            Path(folder),
            script=checkout / "app.py",
            cwd=checkout,
            environment=environment | _MODES[mode],
        ) as portal,
    ):
        yield portal


def show(what: str, size: float, each: float, p95: float) -> None:
    print(
        f"{what:<40}{size:>9.0f} bytes an event and viewer{each:>7.2f} ms a delivery, "
        f"p95 {p95:.0f} ms",
        flush=True,
    )


def main(seconds: str = "10", viewers: str = "10", *others: str) -> None:
    for mode in _MODES:
        for checkout in (ROOT, *map(Path, others)):
            with driven_feed(_JOBS) as feed, portal_of(checkout, feed, mode) as portal:
                for rate in _RATES:
                    pages = Viewers(portal.url, int(viewers), mode)
                    figures = _round(portal, feed, pages, rate, int(seconds))
                    show(f"{checkout.name}, {mode}, {rate} events/s", *figures)


def _round(
    portal: PortalProcess, feed: DrivenFeed, pages: Viewers, rate: int, seconds: int
) -> tuple[float, float, float]:
    """Return bytes for each event and viewer, ms for each delivery, and p95 in ms."""
    seen = measure(portal, feed, pages, rate, seconds)
    each = 1000 * seen.cpu * seconds / max(1, seen.deliveries)
    return seen.bytes / (rate * seconds * pages.count), each, 1000 * seen.p95


if __name__ == "__main__":
    main(*sys.argv[1:])
