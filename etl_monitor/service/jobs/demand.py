"""How many jobs wait for a worker, and how many of these the rules let start now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs import rules
from etl_monitor.service.jobs.route import ANY, Route
from etl_monitor.service.jobs.rules import JobClass, Room
from etl_monitor.wire.job import JobStatus


@dataclass(frozen=True, kw_only=True)
class Demand:
    """`startable`: how many jobs of each route may start, as if there were enough workers."""

    startable: Mapping[Route, int]
    has_held_back: bool = False  # whether the rules hold back any


def demand(tx: Connection, routes: Collection[Route] = (ANY,), *, at_most: int) -> Demand:
    """Count no further than `at_most` jobs of each route."""
    queue_rules = rules.stored(tx)
    if not queue_rules.limit_anything and set(routes) == {ANY}:
        return Demand(startable={ANY: job_queries.count_pending(tx, at_most=at_most)})
    pending = rules.count(tx, queue_rules, JobStatus.PENDING)
    running = rules.count(tx, queue_rules, JobStatus.RUNNING)
    startable = {
        route: _startable(route, pending, Room(queue_rules, running)) for route in {ANY, *routes}
    }
    return Demand(
        startable={route: min(startable[route], at_most) for route in routes},
        has_held_back=startable[ANY] < sum(pending.values()),
    )


def _startable(route: Route, pending: Mapping[JobClass, int], room: Room) -> int:
    total = 0
    for job_class, count in sorted(pending.items()):
        if route.takes(job_class):
            starting = int(max(0, min(count, room.left(job_class))))
            room.add(job_class, starting)
            total += starting
    return total
