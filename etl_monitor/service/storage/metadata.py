"""What all tables have in common: their metadata, and the kinds of table there are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, Table

from etl_monitor.service.storage.column_types import UtcTime

metadata = MetaData()

DERIVED = "kept by triggers"
"""The key in the `info` of a table whose rows follow from others; they are not copied."""


def blocks_table(name: str) -> Table:
    """Return a table of the blocks of rows that `storage/blocks.py` counts (migration 0020)."""
    return Table(
        name,
        metadata,
        Column("first_key", BigInteger, primary_key=True, autoincrement=False),
        Column("stamp", BigInteger, nullable=False),  # random, another after each change
        Column("rows", BigInteger, nullable=False),
        Column("first_at", UtcTime),  # no row is older, and none is newer than `last_at`
        Column("last_at", UtcTime),
        info={DERIVED: True},
    )


def stored(table: Table) -> Sequence[Column[Any]]:
    """Return the columns that are written; the database computes the others from them."""
    return [column for column in table.c if column.computed is None]
