"""The names of the broker's queues, and which jobs a worker that consumes one takes."""

from collections.abc import Sequence

from etl_monitor.service import engine_errors
from etl_monitor.service.jobs.route import ANY, Route

QUEUE = "etl-monitor"  # of workers that take any job

_BY_SIZE = {f"{QUEUE}.large": Route(is_large=True), f"{QUEUE}.small": Route(is_large=False)}
_OF_KIND = f"{QUEUE}.kind."


def routes_of(queues: Sequence[str]) -> tuple[Route, ...]:
    """Return what a worker of these queues takes. Raises SettingError if one does not exist."""
    return tuple(route_of(queue) for queue in queues)


def route_of(queue: str) -> Route:
    """Raises SettingError if there is no such queue."""
    if queue == QUEUE:
        return ANY
    if queue in _BY_SIZE:
        return _BY_SIZE[queue]
    kind = queue.removeprefix(_OF_KIND)
    if not kind or kind == queue:
        raise engine_errors.QueueUnknown(queue=queue)
    return Route(kind=kind)
