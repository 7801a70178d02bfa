"""What of the activity log a person looks at, in the address, and the page of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from etl_monitor.client import EtlClient
from etl_monitor.wire.activity import ActivityEntry, Outcome
from etl_monitor.wire.replies import ActivityPage

# An action's name in the catalogue.
ACTIONS = {
    "upload": "upload",
    "process": "reprocess",
    "cancel": "cancel",
    "retry": "retry",
    "delete": "delete",
    "remove_samples": "samples-remove",
    "add_token": "token-add",
    "revoke_token": "token-revoke",
}
PERIODS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
PAGE = 50  # entries
_AT_ONCE = 1000  # the most that the service gives in one reply
EXPORTED = 100_000  # entries at most; beyond that a period or a filter is asked for


@dataclass(frozen=True, kw_only=True)
class ActivityQuery:
    """Empty values do not narrow. `before` and `after` are ids of entries, at most one is set."""

    q: str = ""
    action: str = ""
    outcome: str = ""
    period: str = ""
    job_id: str = ""
    before: int | None = None
    after: int | None = None

    @classmethod
    def of_address(cls, address: Mapping[str, str]) -> Self:
        """What cannot be used is left out."""
        before, after = _number(address.get("before")), _number(address.get("after"))
        return cls(
            q=address.get("q", "")[:200],
            action=_one_of(ACTIONS, address.get("action")),
            outcome=_one_of(list(Outcome), address.get("outcome")),
            period=_one_of(PERIODS, address.get("period")),
            job_id=address.get("jobId", "")[:200],
            before=before,
            after=None if before else after,
        )

    def address(self) -> dict[str, str]:
        told = {"q": self.q, "action": self.action, "outcome": self.outcome, "period": self.period}
        told |= {"jobId": self.job_id, "before": str(self.before or "")}
        return told | {"after": str(self.after or "")}

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
        """To the minute, so that the same question is the same for a while."""
        if self.period not in PERIODS:
            return None
        return (datetime.now(UTC) - PERIODS[self.period]).replace(second=0, microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of the log; `total` counts what is on the others too."""

    entries: tuple[ActivityEntry, ...] = ()
    total: int = 0
    has_newer: bool = False
    has_older: bool = False


def listing(client: EtlClient, query: ActivityQuery) -> Listing:
    """One more entry is asked for than is shown: so it is known whether there is another page."""
    page = _ask(client, query, PAGE + 1)
    is_more = len(page.entries) > PAGE
    if query.after is not None:
        if not is_more:  # the newest page, which is a full one
            return listing(client, query.first_page)
        entries = page.entries[-PAGE:]
        return Listing(entries=entries, total=page.total, has_newer=True, has_older=True)
    return Listing(
        entries=page.entries[:PAGE],
        total=page.total,
        has_newer=query.before is not None,
        has_older=is_more,
    )


def all_entries(client: EtlClient, query: ActivityQuery) -> Iterator[ActivityEntry]:
    """Newest first, page by page, whatever page is shown."""
    rest, left = query.first_page, EXPORTED
    while left > 0:
        entries = _ask(client, rest, min(_AT_ONCE, left)).entries
        yield from entries
        left -= len(entries)
        if len(entries) < _AT_ONCE:
            return
        rest = replace(rest, before=entries[-1].id)


def _ask(client: EtlClient, query: ActivityQuery, limit: int) -> ActivityPage:
    return client.activity(
        limit=limit,
        before=query.before,
        after=query.after,
        job_id=query.job_id or None,
        action=query.action or None,
        outcome=Outcome(query.outcome) if query.outcome else None,
        q=query.q or None,
        since=query.since,
    )


def _one_of(known: Mapping[str, object] | list[Outcome], value: str | None) -> str:
    return str(value) if value in known else ""


def _number(value: str | None) -> int | None:
    is_number = value is not None and value.isascii() and value.isdigit() and len(value) < 19
    return int(value or 0) or None if is_number else None
