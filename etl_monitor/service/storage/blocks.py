"""Counts of many rows, by blocks of about 2,000 that follow each other.

Triggers (migration 0020) give a block a new random stamp whenever one of its rows changes in what a
filter can see. What was counted in a block with a stamp holds for as long as it has that stamp, in
any transaction and any process, so only blocks that changed are counted again. The block also
says between which times its rows lie, so that of a period's blocks only those at its ends are
counted by time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    func,
    select,
)

from etl_monitor.service.storage.counted import COUNTED, Counts
from etl_monitor.service.storage.explain import reads_all

FEW = 8
"""Blocks that PostgreSQL may count by reading all rows of a table."""

_BEYOND = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Period:
    """`since` is inclusive, `until` is not; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def condition(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        return and_(True, *self._conditions(at))

    def _conditions(self, at: ColumnElement[datetime]) -> Iterator[ColumnElement[bool]]:
        if self.since is not None:
            yield at >= self.since
        if self.until is not None:
            yield at < self.until

    def contains(self, block: "Block") -> bool:
        """Whether all of its rows are of the period. A damaged time says nothing."""
        if self == Period():
            return True
        if not block.has_times:
            return False
        is_after = self.since is None or self.since <= block.first_at
        return is_after and (self.until is None or self.until > block.last_at)

    def overlaps(self, block: "Block") -> bool:
        """Whether a row of it may be of the period."""
        if not block.has_times:
            return True
        is_after = self.since is None or self.since <= block.last_at
        return is_after and (self.until is None or self.until > block.first_at)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Rows with numbers from `first` to `last`; no row is outside of the times."""

    first: int
    last: int
    stamp: int
    first_at: Any  # a datetime unless damaged
    last_at: Any

    @property
    def has_times(self) -> bool:
        return isinstance(self.first_at, datetime) and isinstance(self.last_at, datetime)


@dataclass(frozen=True, kw_only=True)
class Counting:
    """What is counted in each block.

    `name`: equal names count the same. `query`: returns what selects `size` numbers, without a
    period and limited by `within`. `key`: the number of its rows; `at`: their time.
    """

    name: str
    size: int
    query: Callable[[], Select[Any]]
    key: ColumnElement[int]
    at: ColumnElement[datetime]


def within(key: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that limits a query to the blocks that are counted."""
    return key.between(bindparam("first_key"), bindparam("last_key"))


def count_by_blocks(tx: Connection, table: Table, counting: Counting, period: Period) -> Counts:
    """Return the numbers that the query selects, each summed over all rows of the period."""
    overlapping = _overlapping(tx, table, period)
    inside = [block for block in overlapping if period.contains(block)]
    stamps = [block.stamp for block in inside]
    remembered = COUNTED.get(counting.name, stamps)
    stale = [block for block in inside if block.stamp not in remembered]
    edges = [block for block in overlapping if not period.contains(block)]
    counts = [*remembered.values()]
    if stale or edges:
        query = counting.query()
        fresh = _count(tx, query, counting.key, stale)
        COUNTED.put(counting.name, fresh)
        limited = query.where(period.condition(counting.at))
        of_edges = _count(tx, limited, counting.key, edges)
        counts += [*fresh.values(), *of_edges.values()]
    return tuple(map(sum, zip(*counts, (0,) * counting.size, strict=True)))


def bounds(tx: Connection, table: Table, period: Period) -> tuple[int, int] | None:
    """Return between which numbers all rows of the period lie; None if there are none."""
    overlapping = _overlapping(tx, table, period)
    return (overlapping[0].first, overlapping[-1].last) if overlapping else None


def _overlapping(tx: Connection, table: Table, period: Period) -> Sequence[Block]:
    rows = tx.execute(select(table).where(table.c.rows > 0).order_by(table.c.first_key)).all()
    ends = [*(row.first_key - 1 for row in rows[1:]), _BEYOND][: len(rows)]
    blocks = (
        Block(
            first=row.first_key,
            last=last,
            stamp=row.stamp,
            first_at=row.first_at,
            last_at=row.last_at,
        )
        for row, last in zip(rows, ends, strict=True)
    )
    return [block for block in blocks if period.overlaps(block)]


def _count(
    tx: Connection, query: Select[Any], key: ColumnElement[int], blocks: Sequence[Block]
) -> Mapping[int, Counts]:
    """Return the counts by the block's stamp."""
    if tx.dialect.name == "postgresql":
        parts = (part for run in _runs(blocks) for part in _parts(tx, query, run))
        counted = (_count_at_once(tx, query, key, part) for part in parts)
        return {stamp: counts for part in counted for stamp, counts in part.items()}
    limits = ({"first_key": block.first, "last_key": block.last} for block in blocks)
    rows = [tuple(row) for values in limits for row in tx.execute(query, values)]
    return {block.stamp: row for block, row in zip(blocks, rows, strict=True)}


def _count_at_once(
    tx: Connection, query: Select[Any], key: ColumnElement[int], blocks: Sequence[Block]
) -> Mapping[int, Counts]:
    """One query for all, so that an index of words is read once. SQLite would sort the rows."""
    firsts = [block.first for block in blocks]
    # Written into the statement, which so differs each time: one that repeats becomes a prepared
    # one, for which PostgreSQL soon chooses an index regardless of the numbers.
    in_statement = bindparam("firsts", type_=ARRAY(BigInteger), literal_execute=True)
    number = func.width_bucket(key, in_statement).label("number")
    limits = {**_limits(blocks), "firsts": firsts}
    grouped = tx.execute(query.add_columns(number).group_by(number), limits)
    zeros = (0,) * len(query.selected_columns)
    return dict.fromkeys((block.stamp for block in blocks), zeros) | {
        blocks[position - 1].stamp: tuple(numbers) for *numbers, position in grouped
    }


def _parts(
    tx: Connection, query: Select[Any], blocks: Sequence[Block]
) -> Iterator[Sequence[Block]]:
    """Yield all blocks at once if an index leads to the rows that are counted, as that of rare
    words; else parts that are small enough for the index of their numbers."""
    if len(blocks) <= FEW or not reads_all(tx, query, _limits(blocks)):
        yield blocks
        return
    middle = len(blocks) // 2
    yield from _parts(tx, query, blocks[:middle])
    yield from _parts(tx, query, blocks[middle:])


def _limits(blocks: Sequence[Block]) -> Mapping[str, object]:
    return {"first_key": blocks[0].first, "last_key": blocks[-1].last}


def _runs(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Yield the blocks that follow each other without a gap."""
    run: list[Block] = []
    for block in blocks:
        if run and run[-1].last + 1 != block.first:
            yield run
            run = []
        run.append(block)
    if run:
        yield run
