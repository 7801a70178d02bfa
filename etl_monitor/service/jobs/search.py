"""Find jobs by a search text: by an index of trigrams.

On SQLite the index `job_search` (migration 0011) holds one text for each job, its fields ended by
line feeds. A word of three characters or more is looked up as a phrase. A shorter one, such as most
Korean words, has no trigram: it stands for all the indexed trigrams that begin with it.

PostgreSQL has an index of `_TEXT` (migration 0017) if its extension `pg_trgm` can be created.
Without it, and for words of one or two characters, texts are compared.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    column,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.samples import samples_containing
from etl_monitor.wire.search import SEARCHED, Search

_TRIGRAM = 3  # characters
_LAST = "\U0010ffff"  # sorts behind every other character
_NO_TRIGRAM = '"\x01\x01\x01"'  # a phrase that no text has

index = table("job_search", column("job_search"), column("rowid"))
"""Its `rowid` is the job's `sequence`."""

_TEXT: ColumnElement[str] = literal_column(
    "(" + " || chr(10) || ".join(f"coalesce(jobs.{name}, '')" for name in SEARCHED) + ")", String
)
"""The text of a job on PostgreSQL, in the words of its index."""

_trigrams = table("job_search_trigrams", column("term"))


def search_condition(
    search: Search, sequence: ColumnElement[int] = jobs.c.sequence
) -> ColumnElement[bool]:
    """Return the condition on `jobs`; `sequence` is its column."""
    terms = _terms(search)
    if not terms:
        return narrowing(search)
    in_index = sequence.in_(select(index.c.rowid).where(_has_terms(terms)))
    in_text = _by_dialect(in_index, and_(*map(_is_in_text, terms)))
    return and_(or_(in_text, _in_samples(terms)), narrowing(search))


def index_condition(tx: Connection, search: Search) -> ColumnElement[bool] | None:
    """Return the condition on `index`; what it leaves out is `narrowing`. None if there is no such
    index, no word to look up, or samples that are found by a title that is not stored."""
    terms = _terms(search)
    if not terms or tx.dialect.name != "sqlite" or _finds_samples(tx, terms):
        return None
    return _has_terms(terms)


def narrowing(search: Search) -> ColumnElement[bool]:
    """Return what the search demands of single columns of `jobs`."""
    return and_(True, *_narrowing(search))


def _terms(search: Search) -> Sequence[str]:
    return tuple(dict.fromkeys((*search.terms, *search.people, *search.kinds)))


def _narrowing(search: Search) -> Iterator[ColumnElement[bool]]:
    for status in search.statuses:
        yield jobs.c.status == status if status in set(JobStatus) else false()
    for part in search.people:
        yield jobs.c.user_id.icontains(part, autoescape=True)
    for part in search.kinds:
        yield jobs.c.test_kind.icontains(part, autoescape=True)


def _has_terms(terms: Sequence[str]) -> ColumnElement[bool]:
    query: ColumnElement[str] = _phrases(terms[0])
    for word in terms[1:]:
        query = query + " AND " + _phrases(word)
    return index.c.job_search.op("MATCH", is_comparison=True)(query)


def _phrases(word: str) -> ColumnElement[str]:
    """Return the part of the full-text query that stands for a word."""
    if len(word) >= _TRIGRAM:
        return literal(_quoted(word))
    quoted = literal('"') + func.replace(_trigrams.c.term, '"', '""') + '"'
    begins = and_(_trigrams.c.term >= word, _trigrams.c.term < word + _LAST)
    query = select(func.group_concat(quoted, " OR ")).where(begins).scalar_subquery()
    return literal("(") + func.coalesce(query, _NO_TRIGRAM) + ")"


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


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
