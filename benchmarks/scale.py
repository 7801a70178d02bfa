"""How far one service, one database and one portal go, computed from measured costs.

    python -m benchmarks.scale > docs/scale.md

Each cost is a sentence of `docs/performance.md`; `tests/docs/test_scale.py` finds it there, and
compares the document with this output.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

FACTORS = (1, 10, 100, 1000)
WORKING_DAY = 8 * 3600  # seconds in which a day's work arrives


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A measured cost. `quote`: where `docs/performance.md` states it; `value` is in `unit`."""

    name: str
    value: float
    unit: str
    quote: str


EVENT = Cost(
    name="writing one change of a job with its event",
    value=0.3e-3,
    unit="s of the service's processor; one writer at a time",
    quote="processor time 0.28 to 0.30 ms",
)
VIEWER = Cost(
    name="one open monitor while 20 or more events arrive each second",
    value=0.66e-3,
    unit="of the portal's core (its deliveries are joined, so more events cost no more)",
    quote="1,000 open monitors cost two thirds of a core",
)
FOLLOWED = Cost(
    name="one event that a portal reads",
    value=1 / 60_000,
    unit="s of the portal's processor",
    quote="reads about 60,000 events a second",
)
ROW = Cost(
    name="scoring one row of 50 answers",
    value=4e-6,
    unit="s of a worker's processor",
    quote="a million respondents are scored in about 4 s of one core",
)
FOUND_JOB = Cost(
    name="counting one job that a search finds, by status",
    value=1e-6,
    unit="s for the reader",
    quote="take about 1 µs a job",
)
STORED_JOB = Cost(
    name="one job in the database, with its indexes and its entry in the activity log",
    value=1950,
    unit="bytes",
    quote="100,000 jobs take 195 MB of SQLite",
)
COSTS = (EVENT, VIEWER, FOLLOWED, ROW, FOUND_JOB, STORED_JOB)


@dataclass(frozen=True, kw_only=True)
class Load:
    """A company's load; all but the size of a file grow with it."""

    factor: int

    @property
    def viewers(self) -> int:
        return 20 * self.factor

    @property
    def jobs_a_day(self) -> int:
        return 2000 * self.factor

    @property
    def rows(self) -> int:
        return 10_000  # a file

    @property
    def events(self) -> int:
        """A second, at the day's busiest."""
        return 20 * self.factor

    @property
    def stored_jobs(self) -> int:
        """A year's, of 250 days."""
        return 250 * self.jobs_a_day


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the product. `limit`: the least value at which it no longer keeps up."""

    name: str
    unit: str
    limit: float

    def used(self, load: Load) -> float:
        return _USED[self.name](load)

    def share(self, load: Load) -> float:
        return self.used(load) / self.limit


WRITER = Part(name="the database's one writer", unit="core", limit=1)
PORTAL = Part(name="one portal, its viewers", unit="core", limit=1)
FOLLOWER = Part(name="one portal, its follower", unit="core", limit=1)
WORKERS = Part(name="four workers, scoring", unit="cores", limit=4)
SEARCH = Part(name="the first search that finds all jobs of a year", unit="s", limit=2)
DISK = Part(name="the database's disk", unit="GB", limit=500)
PARTS = (WRITER, PORTAL, FOLLOWER, WORKERS, SEARCH, DISK)

_USED: dict[str, Callable[[Load], float]] = {
    WRITER.name: lambda load: load.events * EVENT.value,
    PORTAL.name: lambda load: load.viewers * VIEWER.value,
    FOLLOWER.name: lambda load: load.events * FOLLOWED.value,
    WORKERS.name: lambda load: load.jobs_a_day * load.rows * ROW.value / WORKING_DAY,
    SEARCH.name: lambda load: load.stored_jobs * FOUND_JOB.value,
    DISK.name: lambda load: load.stored_jobs * STORED_JOB.value / 1e9,
}

NEXT_STEPS = {
    SEARCH.name: "store fewer jobs (with the default, 0.2 s); then totals of a search that are"
    " exact up to a limit, which changes `X-Total-Count`",
    WRITER.name: "one transaction for the progress of several jobs, sent by a machine's workers"
    " together; then a database for each part of the company, each with its own feed, and a portal"
    " that follows several",
    PORTAL.name: "several portals behind nginx, as in [deploying](deploying.md#several-machines):"
    " each follows the feed itself",
    DISK.name: "fewer stored jobs, or partitions of `jobs` by year",
}


def document() -> Iterator[str]:
    yield "# How far it goes"
    yield (
        "Computed by `python -m benchmarks.scale` from the costs that [performance.md]"
        "(performance.md) states; a test compares the two. Processor times are those of the machine"
        " of the measurements, two cores that others used as well: on a quiet one, all limits lie"
        " further."
    )
    yield "## Measured costs"
    yield _table(("cost of", "value", ""), (_cost_row(cost) for cost in COSTS))
    yield "## Load"
    yield (
        f"1 × is a company with {Load(factor=1).viewers} people who look at once. All but the size"
        " of a file grows. A year of jobs is more than the service stores by default"
        " (`ETL_MONITOR_KEEP_JOBS`, 200,000)."
    )
    yield _table(("load", *_headings()), _load_rows())
    yield "## What is used"
    yield (
        "The share of each part at the busiest time. At 100 % it no longer keeps up. One service,"
        " one database and one portal are assumed, and four workers."
    )
    yield _table(("part", "limit", *_headings()), _share_rows())
    yield "## What breaks first"
    yield _table(("load", "beyond its limit, the first one first"), _beyond_rows())
    yield "The next step of each:"
    yield "\n".join(_next_steps())
    yield "## What is not computed"
    yield (
        "Costs are taken to grow evenly: searches were measured with up to 100,000 jobs, viewers up"
        " to 1,000, writers up to four processes. Waiting for the disk: a transaction of SQLite or"
        " PostgreSQL waits for one synchronisation,"
        " which took 0.9 ms on the disk of the measurements. The feeding of many portals: 500"
        " subscribers of one service received 100 events a second within 77 ms (p95). Documents and"
        " charts of a result, which depend on the number of its scales and not on rows."
    )


def _headings() -> tuple[str, ...]:
    return tuple(f"{factor:,} ×" for factor in FACTORS)


def _cost_row(cost: Cost) -> tuple[str, ...]:
    return cost.name, f"{cost.value:.3g}", cost.unit


def _load_rows() -> Iterator[tuple[str, ...]]:
    loads = [Load(factor=factor) for factor in FACTORS]
    for name, attribute in (
        ("people who look at once", "viewers"),
        ("jobs a day", "jobs_a_day"),
        ("rows of a file", "rows"),
        ("events a second, at the busiest", "events"),
        ("jobs stored after a year", "stored_jobs"),
    ):
        yield name, *(f"{getattr(load, attribute):,}" for load in loads)


def _share_rows() -> Iterator[tuple[str, ...]]:
    for part in PARTS:
        shares = (_per_cent(part.share(Load(factor=factor))) for factor in FACTORS)
        yield part.name, f"{part.limit:g} {part.unit}", *shares


def _per_cent(share: float) -> str:
    return f"{100 * share:,.2g} %" if share < 0.1 else f"{100 * share:,.0f} %"


def beyond_limit(factor: int) -> list[Part]:
    """Return the parts that no longer keep up, the most overloaded one first."""
    load = Load(factor=factor)
    parts = [part for part in PARTS if part.share(load) >= 1]
    return sorted(parts, key=lambda part: part.share(load), reverse=True)


def _beyond_rows() -> Iterator[tuple[str, ...]]:
    for factor in FACTORS[1:]:
        load = Load(factor=factor)
        parts = [f"{part.name} ({_per_cent(part.share(load))})" for part in beyond_limit(factor)]
        yield f"{factor:,} ×", "; ".join(parts) or "nothing"


def _next_steps() -> Iterator[str]:
    for part in beyond_limit(FACTORS[-1]):
        yield f"- *{part.name}*: {NEXT_STEPS[part.name]}."


def _table(heading: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [heading, tuple("---" for _ in heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    print("\n\n".join(document()))


if __name__ == "__main__":
    main()
