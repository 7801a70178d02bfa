"""Find entries of the activity log by a text that is in one of their fields.

SQLite has an index of trigrams, `activity_search`. PostgreSQL has an index of `_TEXT` if its
extension `pg_trgm` can be created (migration 0020); else texts are compared.
"""

from sqlalchemy import ColumnElement, Connection, String, false, literal_column, or_, select, true

from etl_monitor.service.storage.tables import activity
from etl_monitor.service.storage.trigrams import TrigramIndex
from etl_monitor.wire.samples import samples_containing

SEARCHED = ("actor", "title", "reason", "code", "job_id", "new_job_id", "test_id")

index = TrigramIndex("activity_search")
"""Its `rowid` is the entry's `id`."""

_TEXT: ColumnElement[str] = literal_column(
    "(" + " || chr(10) || ".join(f"coalesce(activity.{name}, '')" for name in SEARCHED) + ")",
    String,
)
"""The text of an entry on PostgreSQL, in the words of its index."""


def contains(
    tx: Connection, text: str, entries: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Return the condition on `activity`; samples have titles in each language. `entries`: a
    condition on the entries of `index` that are read."""
    samples = tuple(samples_containing(text))
    in_samples = activity.c.test_id.in_(samples) if samples else false()
    return or_(_has(tx, text, true() if entries is None else entries), in_samples)


def is_indexed(tx: Connection, text: str) -> bool:
    """Whether `index` finds all: there is such an index, the text is of one field, and no sample
    has it in a title that is not stored."""
    is_sample = any(True for _ in samples_containing(text))
    return tx.dialect.name == "sqlite" and "\n" not in text and not is_sample


def _has(tx: Connection, text: str, entries: ColumnElement[bool]) -> ColumnElement[bool]:
    if "\n" in text:  # would go from one field into the next
        return or_(*(activity.c[name].icontains(text, autoescape=True) for name in SEARCHED))
    if tx.dialect.name == "sqlite":
        found = select(index.rowid).where(index.has_words([text.lower()]), entries)
        return activity.c.id.in_(found)
    return _TEXT.icontains(text, autoescape=True)
