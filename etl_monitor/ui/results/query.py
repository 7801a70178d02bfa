"""The newest list of results for a query, asked of the service only when something has happened."""

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial

from etl_monitor.client import ResultList
from etl_monitor.client.filters import ResultSort
from etl_monitor.ui.live.query_cache import Answer, QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.result import TestResult

SORTS: tuple[ResultSort, ...] = ("newest", "lastRun", "title", "person", "respondents")
PAGE = 25
_A_MOMENT = 3.0  # seconds
MANY = 1000  # as many as the service takes at once


@dataclass(frozen=True, kw_only=True)
class ResultQuery:
    """What a results page asks for."""

    text: str = ""
    status: str = ""
    kind: str = ""
    person: str = ""
    sort: ResultSort = "newest"
    limit: int = PAGE
    offset: int = 0

    @property
    def is_narrow(self) -> bool:
        return bool(self.text or self.status or self.kind or self.person)


_lists: QueryCache[ResultList] = QueryCache()


def result_list(query: ResultQuery, ctx: RenderContext) -> ResultList:
    """Raises ServiceUnavailable or Refused as the service's client does."""
    return _lists(_question(query, ctx), _mark(ctx), partial(_ask, query, ctx))


def last_result_list(query: ResultQuery, ctx: RenderContext) -> Answer[ResultList] | None:
    """What was listed last, with its time: for while the service does not answer."""
    return _lists.last(_question(query, ctx))


def _mark(ctx: RenderContext) -> Hashable:
    """Where nothing happened since, the list is the same. An older back end takes up tests without
    a word in its feed: what it listed holds for a moment."""
    if ctx.snapshot.position:
        return ctx.snapshot.status_version
    return (ctx.snapshot.status_version, int(time.monotonic() / _A_MOMENT))


def _question(query: ResultQuery, ctx: RenderContext) -> Hashable:
    return (ctx.monitoring.client.base_url, ctx.t.language, query)


def _ask(query: ResultQuery, ctx: RenderContext) -> ResultList:
    client = ctx.monitoring.client.with_language(ctx.t.language)
    told = client.results(
        status=query.status or None,
        q=query.text or None,
        test_kind=query.kind or None,
        user_id=query.person or None,
        sort=query.sort,
        limit=query.limit,
        offset=query.offset,
    )
    return told if ctx.snapshot.position else _narrowed(told.results, query)


def _narrowed(results: Sequence[TestResult], query: ResultQuery) -> ResultList:
    """Of an older back end's results, which it lists all, whatever is asked for."""
    fitting = [one for one in results if _fits(one, query)]
    shown = fitting[query.offset : query.offset + query.limit]
    return ResultList(results=tuple(shown), total=len(fitting))


def _fits(result: TestResult, query: ResultQuery) -> bool:
    wanted = (query.status, query.kind, query.person)
    known = (result.status, result.test_kind, result.user_id)
    if any(one and one != other for one, other in zip(wanted, known, strict=True)):
        return False
    t = (result.id, result.title or "", result.user_id, result.test_kind or "")
    return any(query.text.lower() in text.lower() for text in t)
