"""Copy all rows of one database into another one, of either kind, as of one moment."""

from sqlalchemy import Connection, Table, delete, insert, select
from sqlalchemy import func as sql

from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import DERIVED, metadata, stored

_BATCH = 1_000  # rows


def copy_rows(source: Database, target: Database) -> None:
    """Replace what is in `target` by the rows of `source`, the event log's id and position
    included.

    `source` has the tables of this version; `target` gets them.
    """
    migrate.upgrade(target)
    with source.reading() as read, target.writing() as write:
        for table in reversed(metadata.sorted_tables):
            write.execute(delete(table))
        for table in metadata.sorted_tables:
            if DERIVED not in table.info:
                _copy_table(read, write, table)
                _continue_numbers(write, table)


def _copy_table(read: Connection, write: Connection, table: Table) -> None:
    rows = read.execution_options(yield_per=_BATCH).execute(select(*stored(table)))
    for batch in rows.mappings().partitions(_BATCH):
        write.execute(insert(table), [dict(row) for row in batch])


def _continue_numbers(write: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after the copied ones; SQLite does so by itself."""
    key = table.autoincrement_column
    if key is None or write.dialect.name != "postgresql":
        return
    sequence = sql.pg_get_serial_sequence(table.name, key.name)
    highest = select(sql.max(key)).scalar_subquery()
    write.execute(select(sql.setval(sequence, sql.coalesce(highest, 1), highest.is_not(None))))
