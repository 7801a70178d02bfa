"""What the lists of the service cost at 100,000 jobs and 10,000 tests with results, beside 1,000
and 100.

    python -m benchmarks.lists [postgresql+psycopg://…]

Each query is asked of both databases in turn, with its reply as JSON. Rows that a list shows are
as many in both; a word that every title has is in 100 times as many jobs. On SQLite the processor
time is measured, which other programs hardly change; a server takes its time elsewhere. The address
is of an empty PostgreSQL database each, `{size}` in it stands for the number of jobs.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.list_data import fill
from benchmarks.list_queries import Query, queries
from etl_monitor.service.api.responses import success
from etl_monitor.service.storage.counted import COUNTED
from etl_monitor.service.storage.database import Database, sqlite_url

_SIZES = (1_000, 100_000)  # jobs
_ROUNDS = 9

Clock = Callable[[], float]


def main(address: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        databases = [Database(_address(size, folder, address)) for size in _SIZES]
        for size, db in zip(_SIZES, databases, strict=True):
            began = time.perf_counter()
            fill(db, size)
            print(f"{size:,} jobs written in {time.perf_counter() - began:.0f} s")
        print(
            f"{'query':<44}{'small':>9}{'large':>9}  {'ratio':>6}  (spread){'first time':>28}",
            flush=True,
        )
        for name, query in queries().items():
            _print(name, *_measured(query, databases), _first(query, databases))
        for db in databases:
            db.close()


def _address(size: int, folder: str, address: str | None) -> str:
    return address.format(size=size) if address else sqlite_url(Path(folder) / f"{size}.sqlite")


def _print(
    name: str, small: float, large: float, ratios: Sequence[float], first: Sequence[float]
) -> None:
    middle = statistics.median(ratios)
    spread = f"({min(ratios):.1f} to {max(ratios):.1f})"
    times = f"{small:>6.1f} ms{large:>6.1f} ms  {middle:>5.1f}x  {spread:<18}"
    print(f"{name:<44}{times}{first[0]:>7.1f} ms{first[1]:>7.1f} ms", flush=True)


def _first(query: Query, databases: Sequence[Database]) -> Sequence[float]:
    """Return the times of a reading that finds no counts of an earlier one, as after a start."""
    COUNTED.clear()
    return [_milliseconds(query, db) for db in databases]


def _measured(query: Query, databases: Sequence[Database]) -> tuple[float, float, Sequence[float]]:
    """Return the medians in milliseconds, and the ratio of each round."""
    rounds = [tuple(_milliseconds(query, db) for db in databases) for _ in range(_ROUNDS + 1)][1:]
    small, large = (statistics.median(times) for times in zip(*rounds, strict=True))
    return small, large, [large / small for small, large in rounds]


def _milliseconds(query: Query, db: Database) -> float:
    clock: Clock = time.process_time if db.is_sqlite else time.perf_counter
    began = clock()
    with db.reading() as tx:
        reply = query(tx)
    success(reply).model_dump_json(by_alias=True)
    return (clock() - began) * 1e3


if __name__ == "__main__":
    main(*sys.argv[1:])
