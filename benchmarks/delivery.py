"""How long an event takes from its commit to the feed's subscribers, on PostgreSQL beside SQLite.

    python -m benchmarks.delivery [SUBSCRIBERS] [EVENTS PER SECOND] [SECONDS] [ROUNDS]

Default: 20 20 10 3. The two take turns. PostgreSQL runs on this machine and waits for its disk
(fsync), as SQLite does; a notification of each commit wakes its feed, SQLite's feed polls.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.subscribers import measure
from etl_monitor.service.storage.data_dir import Folders
from tests.support.eventually import eventually
from tests.support.servers import Server, _accepts_queries, new_database, running_postgres
from tests.support.service_process import running_service


def main(subscribers: float = 20, rate: float = 20, seconds: float = 10, rounds: float = 3) -> None:
    with running_postgres() as server:
        server.kill()
        server.command = [*server.command, "-c", "fsync=on"]  # the last one counts
        server.start()
        eventually(lambda: _accepts_queries(server), within=60)
        pairs = [
            (
                _delays(None, int(subscribers), rate, seconds),
                _delays(server, int(subscribers), rate, seconds),
            )
            for _ in range(int(rounds))
        ]
    for name, percent in (("p50", 50), ("p95", 95)):
        _print(name, [tuple(_percentile(delays, percent) for delays in pair) for pair in pairs])


def _delays(
    server: Server | None, subscribers: int, rate: float, seconds: float
) -> Sequence[float]:
    print(f"on {'SQLite' if server is None else 'PostgreSQL'}:")
    url = None if server is None else new_database(server)
    environment = {"ETL_MONITOR_WORKERS": "1"}
    if url is not None:
        environment["ETL_MONITOR_DATABASE_URL"] = url
    with (
        tempfile.TemporaryDirectory() as folder,
        running_service(Path(folder) / "data", env=environment) as service,
    ):
        folders = Folders(root=service.data_dir, external_database=url)
        return asyncio.run(measure(service, folders, subscribers, rate, seconds))


def _percentile(delays: Sequence[float], percent: int) -> float:
    return statistics.quantiles(delays, n=100)[percent - 1]


def _print(name: str, pairs: Sequence[tuple[float, ...]]) -> None:
    ratios = [postgres / sqlite for sqlite, postgres in pairs]
    sqlite, postgres = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    print(f"commit → receive {name}: PostgreSQL {middle:.2f} x SQLite ({low:.2f} to {high:.2f}),")
    print(f"  {postgres:.0f} ms beside {sqlite:.0f} ms")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
