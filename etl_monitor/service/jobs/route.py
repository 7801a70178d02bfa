"""Which jobs a worker takes: all, or those of one kind, or those with large or with small files."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, true

from etl_monitor.service.jobs.rules import JobClass, QueueRules
from etl_monitor.service.storage.tables import jobs


@dataclass(frozen=True, kw_only=True)
class Route:
    kind: str | None = None  # None: any
    is_large: bool | None = None  # None: files of any size

    def takes(self, job: JobClass) -> bool:
        return self.kind in (None, job.kind) and self.is_large in (None, job.is_large)

    def condition(self, rules: QueueRules) -> ColumnElement[bool]:
        if self.kind is not None:
            return jobs.c.test_kind == self.kind
        if self.is_large is None:
            return true()
        return rules.is_large() if self.is_large else ~rules.is_large()


ANY = Route()


def taken_by(routes: Sequence[Route], rules: QueueRules) -> ColumnElement[bool]:
    """Return the condition on jobs that a worker with these routes takes."""
    return or_(*(route.condition(rules) for route in routes))
