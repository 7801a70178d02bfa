"""How many jobs wait for a worker, and how many of these the rules let start now."""

from dataclasses import dataclass

from sqlalchemy import Connection

from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs import rules
from etl_monitor.wire.job import JobStatus


@dataclass(frozen=True, kw_only=True)
class Demand:
    startable: int  # as if there were enough workers
    has_held_back: bool  # whether the rules hold back any


def demand(tx: Connection, *, at_most: int) -> Demand:
    """Count no further than `at_most` jobs that may start."""
    queue_rules = rules.stored(tx)
    if not queue_rules.limit_anything:
        startable = job_queries.count_pending(tx, at_most=at_most)
        return Demand(startable=startable, has_held_back=False)
    room, startable = rules.room(tx, queue_rules), 0
    pending = rules.count(tx, queue_rules, JobStatus.PENDING)
    for job_class, count in sorted(pending.items()):  # those with small files first
        starting = int(max(0, min(count, room.left(job_class))))
        room.add(job_class, starting)
        startable += starting
    return Demand(
        startable=min(startable, at_most), has_held_back=startable < sum(pending.values())
    )
