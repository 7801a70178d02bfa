"""Store titles and names in Unicode's composed form (NFC), in which they are compared.

Hangul that was typed on macOS is decomposed: the same person was two. Their tests are numbered on
behind those of the composed name.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_COLUMNS = {
    "tests": ("title", "user_id", "file_name", "test_kind"),
    "jobs": ("title", "user_id", "test_kind", "requested_by", "cancel_requested_by"),
    "activity": ("actor", "title", "reason"),
}


def upgrade() -> None:
    tx = op.get_bind()
    for name in _decomposed(tx, "numbers", "user_id"):
        _join_person(tx, name, unicodedata.normalize("NFC", name))
    for table, columns in _COLUMNS.items():
        for column in columns:
            for text in _decomposed(tx, table, column):
                composed = unicodedata.normalize("NFC", text)
                of_text = sa.column(column) == text
                tx.execute(_table(table).update().where(of_text).values({column: composed}))


def _decomposed(tx: sa.Connection, table: str, column: str) -> Sequence[str]:
    query: sa.Select[Any] = sa.select(sa.column(column)).select_from(_table(table)).distinct()
    texts = (text for (text,) in tx.execute(query) if isinstance(text, str))
    return [text for text in texts if not unicodedata.is_normalized("NFC", text)]


def _join_person(tx: sa.Connection, name: str, composed: str) -> None:
    """Give a person's counter the composed name, or join it with the one that has it."""
    numbers = _table("numbers")
    person: sa.ColumnClause[str] = sa.column("user_id")
    last: sa.ColumnClause[int] = sa.column("last")
    count = sa.select(last).select_from(numbers)
    taken = tx.execute(count.where(person == composed)).scalar_one_or_none()
    if taken is None:
        tx.execute(numbers.update().where(person == name).values(user_id=composed))
        return
    more = tx.execute(count.where(person == name)).scalar_one()
    moved = {"user_id": composed, "anp_seq": sa.column("anp_seq") + taken}
    for table in ("tests", "jobs"):
        tx.execute(_table(table).update().where(person == name).values(moved))
    tx.execute(numbers.delete().where(person == name))
    tx.execute(numbers.update().where(person == composed).values(last=taken + more))


def _table(name: str) -> sa.TableClause:
    columns = {*_COLUMNS.get(name, ()), "user_id", "last", "anp_seq"}
    return sa.table(name, *map(sa.column, sorted(columns)))
