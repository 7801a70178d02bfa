"""The newest list of results for a query, requested only after something has happened."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial

from etl_monitor.client import ResultList
from etl_monitor.client.filters import ResultSort
from etl_monitor.ui.live.query_cache import Entry, QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.job import Job
from etl_monitor.wire.result import TestResult
from etl_monitor.wire.search import parse

SORTS: tuple[ResultSort, ...] = ("newest", "lastRun", "title", "person", "respondents")
PAGE_SIZE = 25  # results
BULK_LIMIT = 1000  # results; the service's own limit for one command
_VALID_WITHOUT_EVENTS = 3.0  # seconds


@dataclass(frozen=True, kw_only=True)
class ResultQuery:
    """What a page of the list shows. Empty values do not narrow."""

    text: str = ""
    status: str = ""
    kind: str = ""
    person: str = ""
    sort: ResultSort = "newest"
    limit: int = PAGE_SIZE
    offset: int = 0

    @property
    def is_narrow(self) -> bool:
        return bool(self.text or self.status or self.kind or self.person)


_lists: QueryCache[ResultList] = QueryCache()


def result_list(query: ResultQuery, ctx: RenderContext) -> ResultList:
    """Raises what `QueryCache.read` raises."""
    # An older back end does not announce new tests in its feed, so its lists expire.
    max_age = None if ctx.snapshot.position else _VALID_WITHOUT_EVENTS
    key, version = _key(query, ctx), ctx.snapshot.status_version
    return _lists.read(ctx, key, version, partial(_request, query, ctx), max_age=max_age)


def last_result_list(query: ResultQuery, ctx: RenderContext) -> Entry[ResultList] | None:
    """Return the last reply with its time, for use while the service is unreachable."""
    return _lists.last(_key(query, ctx))


def _key(query: ResultQuery, ctx: RenderContext) -> Hashable:
    return (ctx.monitoring.client.base_url, ctx.t.language, query)


def _request(query: ResultQuery, ctx: RenderContext) -> ResultList:
    client = ctx.monitoring.client.with_language(ctx.t.language)
    results = client.results(
        status=query.status or None,
        q=query.text or None,
        test_kind=query.kind or None,
        user_id=query.person or None,
        sort=query.sort,
        limit=query.limit,
        offset=query.offset,
    )
    return results if ctx.snapshot.position else _narrowed(results.results, query)


def _narrowed(results: Sequence[TestResult], query: ResultQuery) -> ResultList:
    """Apply the query here: an older back end lists everything, whatever the request says."""
    matches = [result for result in results if _matches(result, query)]
    page = matches[query.offset : query.offset + query.limit]
    return ResultList(results=tuple(page), total=len(matches))


def _matches(result: TestResult, query: ResultQuery) -> bool:
    filters = (query.status, query.kind, query.person)
    values = (result.status, result.test_kind, result.user_id)
    if any(f and f != value for f, value in zip(filters, values, strict=True)):
        return False
    return parse(query.text).matches(_as_job(result))


def _as_job(result: TestResult) -> Job:
    """Return the fields in which a result is searched: its newest job's, and its own."""
    job = result.active_job or result.last_job or Job(job_id="")
    own = {"test_id": result.id, "title": result.title, "user_id": result.user_id}
    return job.model_copy(update=own | {"test_kind": result.test_kind})
