"""Find jobs by a search text: by an index of trigrams.

On SQLite the index `job_search` (migration 0011) holds one text for each job.

PostgreSQL has an index of `_TEXT` (migration 0017) if its extension `pg_trgm` can be created.
Without it, and for words of one or two characters, texts are compared.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    exists,
    false,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from etl_monitor.service.storage.sql_text import unindexed
from etl_monitor.service.storage.tables import jobs
from etl_monitor.service.storage.trigrams import TrigramIndex
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.samples import samples_containing
from etl_monitor.wire.search import SEARCHED, Search

index = TrigramIndex("job_search")
"""Its `rowid` is the job's `sequence`."""

_TEXT: ColumnElement[str] = literal_column(
    "(" + " || chr(10) || ".join(f"coalesce(jobs.{name}, '')" for name in SEARCHED) + ")", String
)
"""The text of a job on PostgreSQL, in the words of its index."""


def search_condition(
    search: Search,
    sequence: ColumnElement[int] = jobs.c.sequence,
    entries: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """Return the condition on `jobs`; `sequence` is its column. `entries`: a condition on the
    entries of `index` that are read."""
    terms = _terms(search)
    if not terms:
        return narrowing(search)
    limit = true() if entries is None else entries
    in_index = sequence.in_(select(index.rowid).where(index.has_words(terms), limit))
    in_text = _by_dialect(in_index, and_(*map(_is_in_text, terms)))
    return and_(or_(in_text, _in_samples(terms)), narrowing(search))


def is_indexed(tx: Connection, search: Search) -> bool:
    """Whether `index` finds all: there is such an index, a word to look up, and no sample that is
    found by a title that is not stored."""
    terms = _terms(search)
    return bool(terms) and tx.dialect.name == "sqlite" and not _finds_samples(tx, terms)


def index_condition(search: Search, tx: Connection | None = None) -> ColumnElement[bool]:
    """Return the condition on `index` of a search that `is_indexed`; what it leaves out is
    `narrowing`. `tx`: as `TrigramIndex.has_words` takes it."""
    return index.has_words(_terms(search), tx)


def found_sequences(
    tx: Connection,
    search: Search,
    entries: ColumnElement[bool] | None = None,
    *,
    resolve: bool = False,
) -> Select[int]:
    """Select the sequences of the jobs that are found, with `entries` as in `search_condition`.
    `resolve`: look up the trigrams of short words now, once for many queries."""
    if not is_indexed(tx, search):
        return select(jobs.c.sequence).where(search_condition(search, entries=entries))
    limit = true() if entries is None else entries
    query = select(index.rowid).where(index_condition(search, tx if resolve else None), limit)
    return _narrowed(query, search)


def is_found(search: Search, sequence: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a single job is found, of a search that `is_indexed`: its person
    and kind need not be looked up in the index, its row has them."""
    has_words = index.has_words(search.terms or _terms(search))
    return _narrowed(select(index.rowid).where(has_words, index.rowid == sequence), search).exists()


def _narrowed(query: Select[int], search: Search) -> Select[int]:
    if search == Search(terms=search.terms):
        return query
    narrowed = narrowing(search, unindexed(jobs.c.status))
    return query.join(jobs, jobs.c.sequence == index.rowid).where(narrowed)


def narrowing(search: Search, status: ColumnElement[str] = jobs.c.status) -> ColumnElement[bool]:
    """Return what the search demands of single columns of `jobs`; `status` is one of them."""
    return and_(True, *_narrowing(search, status))


def _terms(search: Search) -> Sequence[str]:
    return tuple(dict.fromkeys((*search.terms, *search.people, *search.kinds)))


def _narrowing(search: Search, column: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    for status in search.statuses:
        yield column == status if status in set(JobStatus) else false()
    for part in search.people:
        yield jobs.c.user_id.icontains(part, autoescape=True)
    for part in search.kinds:
        yield jobs.c.test_kind.icontains(part, autoescape=True)


def _finds_samples(tx: Connection, terms: Sequence[str]) -> bool:
    ids = {test_id for word in terms for test_id in samples_containing(word)}
    is_found = exists().where(jobs.c.test_id.in_(ids))
    return bool(ids) and bool(tx.execute(select(is_found)).scalar_one())


def _in_samples(terms: Sequence[str]) -> ColumnElement[bool]:
    """Samples have a title in each language, of which the database has one."""
    by_title = {word: tuple(samples_containing(word)) for word in terms}
    found = {test_id for ids in by_title.values() for test_id in ids}
    matches = (or_(_has_word(word), jobs.c.test_id.in_(ids)) for word, ids in by_title.items())
    return and_(jobs.c.test_id.in_(found), *matches) if found else false()


def _has_word(word: str) -> ColumnElement[bool]:
    return or_(*(jobs.c[name].icontains(word, autoescape=True) for name in SEARCHED))


def _is_in_text(word: str) -> ColumnElement[bool]:
    """No word goes from one field into the next: words have no line feeds."""
    return _TEXT.icontains(word, autoescape=True)


class _by_dialect(FunctionElement[bool]):  # noqa: N801  # named like an SQL function
    """The first condition on SQLite, the second one elsewhere."""

    inherit_cache = True


@compiles(_by_dialect)
def _elsewhere(element: _by_dialect, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(list(element.clauses)[1], **how)


@compiles(_by_dialect, "sqlite")
def _on_sqlite(element: _by_dialect, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **how)
