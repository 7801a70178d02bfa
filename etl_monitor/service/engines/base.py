"""The interface of an engine, which runs the service's jobs.

The database is the queue. An engine claims pending jobs with `lifecycle.claim` and ends them with
the other functions of `lifecycle`; `notify_job` only makes it query sooner.
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
        """Begin to run jobs, and end jobs whose workers did not survive an earlier run."""

    def stop(self) -> None:
        """Stop. Running jobs go back to the queue, unless they end within the grace period; those
        with a cancel request are cancelled."""

    @property
    def alive(self) -> bool:
        """Whether the supervision of workers and jobs is running."""

    @property
    def problem(self) -> str | None:
        """What keeps jobs from reaching the workers; None if nothing does."""

    def notify_job(self, job_id: str) -> None:
        """Announce that a pending job has been committed."""

    @property
    def is_routed(self) -> bool:
        """Whether some workers take certain jobs only."""

    def workers(self) -> Sequence[WorkerState]: ...
