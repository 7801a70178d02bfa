"""How long waiting jobs will run."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import func as sql

from etl_monitor.service.jobs import eta
from etl_monitor.service.jobs.step_costs import PastJob, StepCosts, fit_step_costs
from etl_monitor.service.storage.tables import jobs, tests
from etl_monitor.wire.job import JobStatus

_A_KIND = 50  # jobs that say how many rows a file of so many bytes has


class Durations:
    """How long waiting jobs will run, by the rows that they are expected to have."""

    def __init__(self, tx: Connection, waiting: Sequence[Any]) -> None:
        self._tx = tx
        ids = [job.test_id for job in waiting]
        rows = select(jobs.c.test_id, sql.max(jobs.c.rows_total)).where(jobs.c.test_id.in_(ids))
        sizes = select(tests.c.test_id, tests.c.file_bytes).where(tests.c.test_id.in_(ids))
        self._rows = _as_dict(tx.execute(rows.group_by(jobs.c.test_id)))
        self._bytes = _as_dict(tx.execute(sizes))
        self._past: dict[str, Sequence[PastJob]] = {}
        self._rows_per_byte: dict[str, float | None] = {}
        self._costs: dict[tuple[str, int], StepCosts] = {}

    def of(self, job: Any) -> timedelta | None:
        """Return None if too few jobs of the kind have completed."""
        if job.test_kind not in self._past:
            self._past[job.test_kind] = eta.past_jobs(self._tx, job.test_kind)
        past = self._past[job.test_kind]
        if len(past) < eta.MIN_JOBS:
            return None
        rows = self._expected_rows(job, past)
        size = rows.bit_length()  # costs are fitted for jobs of about this size
        if (job.test_kind, size) not in self._costs:
            self._costs[job.test_kind, size] = fit_step_costs(past, rows)
        costs = self._costs[job.test_kind, size].steps.values()
        return timedelta(seconds=sum(cost.seconds(rows) for cost in costs))

    def _expected_rows(self, job: Any, past: Sequence[PastJob]) -> int:
        """Return the rows of the test's earlier run, else by the size of its file, else the
        median."""
        rows, size = self._rows.get(job.test_id), self._bytes.get(job.test_id)
        if rows:
            return int(rows)
        rate = self._rate(job.test_kind)
        if size and rate:
            return max(1, round(size * rate))
        return round(statistics.median(past_job.rows for past_job in past))

    def _rate(self, kind: str) -> float | None:
        if kind not in self._rows_per_byte:
            done = (jobs.c.test_kind == kind) & (jobs.c.status == JobStatus.COMPLETED)
            query = (
                select(jobs.c.rows_total, tests.c.file_bytes)
                .join(tests, tests.c.test_id == jobs.c.test_id)
                .where(done, jobs.c.rows_total > 0, tests.c.file_bytes > 0)
                .order_by(jobs.c.sequence.desc())
                .limit(_A_KIND)
            )
            rates = [rows / size for rows, size in self._tx.execute(query)]
            self._rows_per_byte[kind] = statistics.median(rates) if rates else None
        return self._rows_per_byte[kind]


def _as_dict(rows: Any) -> Mapping[str, int | None]:
    return {row[0]: row[1] for row in rows}
