"""Read test results: a page of them, one, its documents, statistics and scores."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, Select, exists, select
from sqlalchemy import func as sql

from etl_monitor.service import errors
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results.filter import (
    BY_ORDER,
    COLUMNS,
    ResultFilter,
    condition,
    count,
    count_without_words,
    each_test_condition,
)
from etl_monitor.service.results.order import Order, ResultSort
from etl_monitor.service.storage.rows import UNREADABLE, read_row
from etl_monitor.service.storage.tables import documents, jobs, results, tests
from etl_monitor.wire.job import Job
from etl_monitor.wire.result import Document, DocumentText, ResultStatus, TestResult
from etl_monitor.wire.statistics import Statistics

FALLBACK_LANGUAGE = "en"

_joined = tests.outerjoin(results)
_columns = (tests, results.c.completed_at)
_TEST_FIELDS = [
    "user_id",
    "anp_seq",
    "completed_at",
    "title",
    "test_kind",
    "respondents",
    "created_at",
]
# If many tests match, and a quarter of those that other words could find, the
# first ones in the order of the page, so many times as the page ends at, are looked at one by one.
_FEW, _CANDIDATES = 100, 4
_SORTED = 1000  # tests; if more match, they are read in the order of the page until it is full

_document_columns = [column for column in documents.c if column.name != "content"]


def page(
    tx: Connection,
    matching: ResultFilter,
    language: str,
    *,
    limit: int,
    offset: int = 0,
    sort: ResultSort = ResultSort.NEWEST,
    descending: bool | None = None,
) -> tuple[Sequence[TestResult], int]:
    """Return a page in the order of `sort`, and the number of matching tests on all pages."""
    total = count(tx, matching)
    is_descending = sort.is_descending if descending is None else descending
    order = Order(sort=sort, is_descending=is_descending, language=language)
    page_ids = _page_ids(tx, matching, order, offset, min(limit, total), total)
    query = select(*_columns).select_from(_joined).where(tests.c.test_id.in_(page_ids))
    return _read(tx, query.order_by(*order.columns), language), total


def _page_ids(
    tx: Connection, matching: ResultFilter, order: Order, offset: int, limit: int, total: int
) -> Sequence[str]:
    """Whole rows are read of the page only: sorting them would take longer than all else."""
    columns = BY_ORDER if total > _SORTED and order.sort is not ResultSort.NEWEST else COLUMNS
    one_by_one = each_test_condition(tx, matching) if total > _FEW else None
    if one_by_one is not None and count_without_words(tx, matching) < _CANDIDATES * total:
        most = _CANDIDATES * (offset + limit)
        candidates = order.first(matching.condition(columns), most).subquery()
        found = one_by_one(candidates.c.newest_job)
        query = select(candidates.c.test_id).where(found).limit(limit).offset(offset)
        ids = tx.execute(query).scalars().all()
        if len(ids) == limit:
            return ids
    first = order.first(condition(tx, matching, columns), offset + limit)
    return tx.execute(first.limit(limit).offset(offset)).scalars().all()


def get(tx: Connection, test_id: str, language: str) -> TestResult:
    query = select(*_columns).select_from(_joined).where(tests.c.test_id == test_id)
    rows = _read(tx, query, language)
    if not rows:
        raise errors.TestNotFound(test_id=test_id)
    return rows[0]


def test_row(tx: Connection, test_id: str) -> Row[Any]:
    row = tx.execute(select(tests).where(tests.c.test_id == test_id)).one_or_none()
    if row is None:
        raise errors.TestNotFound(test_id=test_id)
    return row


def test_row_of_user(tx: Connection, user_id: str, anp_seq: int) -> Row[Any]:
    query = select(tests).where(tests.c.user_id == user_id, tests.c.anp_seq == anp_seq)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise errors.TestOfUserNotFound(user_id=user_id, anp_seq=anp_seq)
    return row


def has_results(tx: Connection, test_id: str) -> bool:
    return bool(tx.execute(select(exists().where(results.c.test_id == test_id))).scalar_one())


def document(tx: Connection, test_id: str, document_id: str, language: str) -> DocumentText:
    query = select(documents).where(
        documents.c.document_id == document_id, documents.c.test_id == test_id
    )
    translations = tx.execute(query).all()
    if not translations:
        raise errors.DocumentNotFound(test_id=test_id, document_id=document_id)
    row = _in_language(translations, language)
    fields = _document(row).model_dump() | {"content": row.content, "language": row.language}
    return read_row(DocumentText, fields, "documents", content="", language=language)


def statistics(tx: Connection, test_id: str) -> Statistics:
    test_row(tx, test_id)
    query = select(results.c.statistics).where(results.c.test_id == test_id)
    stored = tx.execute(query).scalar_one_or_none()
    if stored is None:
        raise errors.NoStatistics(test_id=test_id)
    try:
        return Statistics.model_validate_json(stored)
    except ValidationError as error:
        UNREADABLE.labels("results").inc()
        raise errors.UnreadableStatistics(test_id=test_id) from error


def scores_file(tx: Connection, test_id: str) -> str:
    """Return the name of the test's score file in the results folder."""
    test_row(tx, test_id)
    query = select(results.c.scores).where(results.c.test_id == test_id)
    name = tx.execute(query).scalar_one_or_none()
    if name is None:
        raise errors.NoScores(test_id=test_id)
    return str(name)


def _read(tx: Connection, query: Select[Any], language: str) -> Sequence[TestResult]:
    rows = tx.execute(query).all()
    ids = [row.test_id for row in rows]
    newest, by_test = _newest_jobs(tx, ids), _documents(tx, ids, language)
    return [_result(row, newest.get(row.test_id), by_test.get(row.test_id, ())) for row in rows]


def _result(row: Row[Any], newest: Job | None, its_documents: Sequence[Document]) -> TestResult:
    active = newest if newest is not None and newest.status.is_active else None
    fields = {name: row._mapping[name] for name in _TEST_FIELDS} | {
        "id": row.test_id,
        "status": _status(active, row.completed_at is not None),
        "documents": tuple(its_documents),
        "is_sample": row.sample_key is not None,
        "active_job": active,
        "last_job": newest,
    }
    return read_row(TestResult, fields, "tests", user_id="", anp_seq=0)


def _status(active: Job | None, has_results: bool) -> ResultStatus:
    """A test with old results counts as completed: a later attempt that fails leaves them."""
    if active is not None:
        return ResultStatus.PROCESSING
    return ResultStatus.COMPLETED if has_results else ResultStatus.FAILED


def _newest_jobs(tx: Connection, test_ids: Sequence[str]) -> dict[str, Job]:
    """Return each test's newest job. If the test has an active job, it is that one."""
    newest = (
        select(sql.max(jobs.c.sequence))
        .where(jobs.c.test_id.in_(test_ids))
        .group_by(jobs.c.test_id)
    )
    rows = tx.execute(select(jobs).where(jobs.c.sequence.in_(newest)))
    return {row.test_id: job_queries.as_job(row) for row in rows}


def _documents(
    tx: Connection, test_ids: Sequence[str], language: str
) -> Mapping[str, Sequence[Document]]:
    query = select(*_document_columns).where(documents.c.test_id.in_(test_ids))
    order = (documents.c.test_id, documents.c.number, documents.c.document_id)
    by_test: dict[str, list[Document]] = defaultdict(list)
    rows = tx.execute(query.order_by(*order))
    for _, translations in groupby(rows, key=lambda row: row.document_id):
        row = _in_language(translations, language)
        by_test[row.test_id].append(_document(row))
    return by_test


def _in_language(translations: Iterable[Row[Any]], language: str) -> Row[Any]:
    """Return the document in this language, else in English, else in any."""
    by_language = {row.language: row for row in translations}
    candidates = (language, FALLBACK_LANGUAGE, min(by_language))
    return next(by_language[name] for name in candidates if name in by_language)


def _document(row: Row[Any]) -> Document:
    fields = {name: row._mapping[name] for name in ("type", "summary", "created_at")}
    fields |= {"id": row.document_id, "content_preview": row.preview}
    return read_row(Document, fields, "documents", type="", summary="", content_preview="")
