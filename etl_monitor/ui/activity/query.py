"""Query the activity log: which entries, and one page of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from etl_monitor.client import ActivityPage, EtlClient
from etl_monitor.wire.activity import ActivityEntry, ActivityOutcome

# An action's name in the catalogue.
ACTIONS = {
    "upload": "upload",
    "process": "reprocess",
    "cancel": "cancel",
    "retry": "retry",
    "promote": "promote",
    "mark_seen": "mark-seen",
    "delete": "delete",
    "replay_samples": "samples-replay",
    "remove_samples": "samples-remove",
    "download": "download-scores",
    "add_token": "token-add",
    "revoke_token": "token-revoke",
}
PERIODS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
PAGE_SIZE = 50  # entries
EXPORT_LIMIT = 100_000  # entries; for more the page suggests a period or a filter
_REPLY_LIMIT = 1000  # entries; the service's own limit for one reply


@dataclass(frozen=True, kw_only=True)
class ActivityQuery:
    """Empty values do not narrow. `before` and `after` are ids of entries; at most one is set."""

    q: str = ""
    action: str = ""
    outcome: str = ""
    period: str = ""
    job_id: str = ""
    before: int | None = None
    after: int | None = None

    @property
    def is_narrow(self) -> bool:
        return self.first_page != ActivityQuery()

    @property
    def is_first_page(self) -> bool:
        return self.before is None and self.after is None

    @property
    def first_page(self) -> "ActivityQuery":
        return replace(self, before=None, after=None)

    @property
    def since(self) -> datetime | None:
        """The period's start, to the minute: an equal query stays equal for a while."""
        if self.period not in PERIODS:
            return None
        return (datetime.now(UTC) - PERIODS[self.period]).replace(second=0, microsecond=0)


@dataclass(frozen=True, kw_only=True)
class LogPage:
    """One page of the log. `total` counts the entries of all pages."""

    entries: tuple[ActivityEntry, ...] = ()
    total: int = 0
    has_newer: bool = False
    has_older: bool = False


def log_page(client: EtlClient, query: ActivityQuery) -> LogPage:
    """Return the page of the query. Raises what the client raises.

    One entry more than a page shows is requested, to learn whether there is another page.
    """
    reply = _request(client, query, PAGE_SIZE + 1)
    has_more = len(reply.entries) > PAGE_SIZE
    if query.after is not None:
        if not has_more:  # the newest page, which is shown in full
            return log_page(client, query.first_page)
        entries = reply.entries[-PAGE_SIZE:]
        return LogPage(entries=entries, total=reply.total, has_newer=True, has_older=True)
    return LogPage(
        entries=reply.entries[:PAGE_SIZE],
        total=reply.total,
        has_newer=query.before is not None,
        has_older=has_more,
    )


def count_entries(client: EtlClient, query: ActivityQuery) -> int:
    return _request(client, query.first_page, 1).total


def all_entries(client: EtlClient, query: ActivityQuery) -> Iterator[ActivityEntry]:
    """Yield the entries of all pages, newest first, up to EXPORT_LIMIT. The service notes it."""
    rest, left = query.first_page, EXPORT_LIMIT
    while left > 0:
        is_first = rest.is_first_page
        entries = _request(client, rest, min(_REPLY_LIMIT, left), is_download=is_first).entries
        yield from entries
        left -= len(entries)
        if len(entries) < _REPLY_LIMIT:
            return
        rest = replace(rest, before=entries[-1].id)


def _request(
    client: EtlClient, query: ActivityQuery, limit: int, *, is_download: bool = False
) -> ActivityPage:
    return client.activity(
        is_download=is_download,
        limit=limit,
        before=query.before,
        after=query.after,
        job_id=query.job_id or None,
        action=query.action or None,
        outcome=ActivityOutcome(query.outcome) if query.outcome else None,
        q=query.q or None,
        since=query.since,
    )
