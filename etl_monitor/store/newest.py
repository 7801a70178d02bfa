"""The newest jobs of a list that may be longer than what fits into memory."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from etl_monitor.wire.job import Job

_NEVER = datetime.min.replace(tzinfo=UTC)


class Newest:
    """Takes jobs one by one and keeps the newest by `key`; among equals the list's first."""

    def __init__(self, limit: int, key: Callable[[Job], Any]) -> None:
        self.jobs: list[Job] = []  # after `trim`: oldest first
        self._limit = limit
        self._key = key

    def add(self, job: Job) -> list[Job]:
        """Return the jobs that are let go."""
        self.jobs.append(job)
        return self.trim() if len(self.jobs) > 2 * self._limit + 1000 else []

    def trim(self) -> list[Job]:
        newest_first = sorted(self.jobs, key=self._key, reverse=True)
        self.jobs = newest_first[: self._limit][::-1]
        return newest_first[self._limit :]


def by_creation(job: Job) -> datetime:
    """Return the sort key of active jobs."""
    return job.created_at or _NEVER
