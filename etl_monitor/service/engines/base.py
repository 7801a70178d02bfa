"""What the service asks of whatever runs its jobs.

The database is the queue's truth: an engine takes pending jobs with `jobs.claim` and ends them with
the functions of `jobs`. What it is told here are hints that make it look sooner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    name: str
    pid: int | None
    alive: bool


class Engine(Protocol):
    def start(self) -> None:
        """Begin to take jobs; jobs whose worker is gone since an earlier life are ended."""

    def stop(self) -> None:
        """Stop at once. Running jobs end as lost."""

    @property
    def alive(self) -> bool:
        """Somebody looks after the workers and their jobs."""

    def notify_job(self, job_id: str) -> None:
        """A pending job has been committed."""

    def workers(self) -> Sequence[WorkerState]: ...
