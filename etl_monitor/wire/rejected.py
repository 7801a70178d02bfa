"""Where an answer file went wrong: how many rows were left out, by column and reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from etl_monitor.wire.base import Record

MOST_COLUMNS = 100  # named in a summary
MOST_REASONS = 20  # of a company's own pipeline


class RejectedColumn(Record):
    """`reasons`: in how many of the rows left out for a reason this column is at fault. `column` is
    None for what concerns a row as a whole."""

    column: str | None = None
    reasons: dict[str, int]

    @property
    def rows(self) -> int:
        return sum(self.reasons.values())


class RejectedSummary(Record):
    """`rows` and `reasons` count every row that was left out, once; a row counts in each column in
    which it is at fault. First come the columns that are worst for a reason, then those that are
    second to them, and so on; `more_columns` are not named."""

    rows: int
    reasons: dict[str, int]
    columns: tuple[RejectedColumn, ...] = ()
    more_columns: int = 0

    @classmethod
    def of(cls, reasons: Mapping[str, int], cells: Mapping[tuple[str | None, str], int]) -> Self:
        """`reasons`: rows by reason. `cells`: rows by column and reason."""
        named = dict(sorted(reasons.items(), key=lambda item: -item[1])[:MOST_REASONS])
        by_column: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
        for (column, reason), count in cells.items():
            if count and reason in named:
                by_column[column][reason] = count
        columns = [RejectedColumn(column=name, reasons=of) for name, of in by_column.items()]
        ordered = _worst_first(columns, named)
        return cls(
            rows=sum(reasons.values()),
            reasons=named,
            columns=tuple(ordered[:MOST_COLUMNS]),
            more_columns=max(0, len(ordered) - MOST_COLUMNS),
        )


def _worst_first(
    columns: Iterable[RejectedColumn], reasons: Iterable[str]
) -> Sequence[RejectedColumn]:
    """A column that alone is at fault for a rare reason is not behind fifty with a frequent one."""
    by_rows = sorted(columns, key=lambda column: -column.rows)
    ranks: dict[str | None, int] = {}
    for reason in reasons:
        at_fault = [column for column in by_rows if reason in column.reasons]
        at_fault.sort(key=lambda column: -column.reasons[reason])
        for rank, column in enumerate(at_fault):
            ranks[column.column] = min(rank, ranks.get(column.column, rank))
    return sorted(by_rows, key=lambda column: ranks[column.column])
