"""The filter of a list of results: which tests it contains, and how many."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, false, select, true
from sqlalchemy import func as sql

from etl_monitor.service.jobs.filter import Columns
from etl_monitor.service.jobs.search import (
    found_sequences,
    index,
    is_found,
    is_indexed,
    search_condition,
)
from etl_monitor.service.storage.blocks import Counting, Period, count_by_blocks, within
from etl_monitor.service.storage.sql_text import unindexed
from etl_monitor.service.storage.tables import job_blocks, jobs, test_counts, tests
from etl_monitor.wire.result import ResultStatus
from etl_monitor.wire.search import Search, parse

# A result's status by what a person may search for.
_STATUS_OF = {
    **{status.value: status for status in ResultStatus},
    "pending": ResultStatus.PROCESSING,
    "running": ResultStatus.PROCESSING,
}

COLUMNS: Columns = dict(tests.c)
_COUNTED: Columns = dict(test_counts.c)
BY_ORDER: Columns = {name: unindexed(column) for name, column in tests.c.items()}
"""As `jobs.filter.BY_ORDER`."""


@dataclass(frozen=True, kw_only=True)
class ResultFilter:
    status: ResultStatus | None = None
    user_id: str | None = None
    test_kind: str | None = None
    q: str | None = None

    @property
    def search(self) -> Search:
        return parse(self.q or "")

    @property
    def text_search(self) -> Search:
        """What is looked up in a test's newest job, which has its title, person and kind."""
        return replace(self.search, statuses=())

    def condition(self, columns: Columns = COLUMNS) -> ColumnElement[bool]:
        """Return the condition without words. `columns`: those of `tests`, or `_COUNTED` or
        `BY_ORDER`."""
        return and_(True, *self._conditions(columns))

    def _conditions(self, columns: Columns) -> Iterator[ColumnElement[bool]]:
        if self.status is not None:
            yield _has_status(columns["status"], self.status)
        for status in self.search.statuses:
            of_result = _STATUS_OF.get(status)
            yield false() if of_result is None else _has_status(columns["status"], of_result)
        if self.user_id is not None:
            yield columns["user_id"] == self.user_id
        if self.test_kind is not None:
            yield columns["test_kind"] == self.test_kind


def condition(
    tx: Connection, matching: ResultFilter, columns: Columns = COLUMNS
) -> ColumnElement[bool]:
    return and_(matching.condition(columns), _has_words(tx, matching.text_search))


def each_test_condition(
    tx: Connection, matching: ResultFilter
) -> Callable[[ColumnElement[int]], ColumnElement[bool]] | None:
    """Return the condition that a test with this newest job has the words, by a look into the
    search index for each test. None if there is no such index, or no word to look up."""
    text_search = matching.text_search
    if not is_indexed(tx, text_search):
        return None
    return lambda newest: is_found(text_search, newest)


def count(tx: Connection, matching: ResultFilter) -> int:
    """Return how many tests match, counted in the blocks of their newest jobs."""
    if matching.text_search == Search():
        return count_without_words(tx, matching)
    counting = Counting(
        name=repr(matching),
        size=1,
        query=lambda: _of_blocks(tx, matching),
        key=tests.c.newest_job,
        at=tests.c.created_at,
    )
    return count_by_blocks(tx, job_blocks, counting, Period())[0]


def count_without_words(tx: Connection, matching: ResultFilter) -> int:
    """Return how many tests would match if words made no difference."""
    total = sql.coalesce(sql.sum(test_counts.c.tests), 0)
    return int(tx.execute(select(total).where(matching.condition(_COUNTED))).scalar_one())


def _of_blocks(tx: Connection, matching: ResultFilter) -> Select[Any]:
    found = _has_words(tx, matching.text_search, within(index.rowid), resolve=True)
    others = matching.condition(BY_ORDER)
    query = select(sql.count()).select_from(tests)
    return query.where(others, found, within(tests.c.newest_job))


def _has_words(
    tx: Connection,
    text_search: Search,
    entries: ColumnElement[bool] | None = None,
    *,
    resolve: bool = False,
) -> ColumnElement[bool]:
    """`entries` and `resolve`: as `found_sequences` takes them."""
    if text_search == Search():
        return true()
    if tx.dialect.name == "sqlite":
        return tests.c.newest_job.in_(found_sequences(tx, text_search, entries, resolve=resolve))
    is_newest = jobs.c.sequence == tests.c.newest_job
    limit = true() if entries is None else within(jobs.c.sequence)
    return exists().where(is_newest, limit, search_condition(text_search))


def _has_status(column: ColumnElement[str], status: ResultStatus) -> ColumnElement[bool]:
    """A state that the wire does not have stands for a test without results."""
    is_known = status in (ResultStatus.PROCESSING, ResultStatus.COMPLETED)
    return column == (status if is_known else ResultStatus.FAILED)
