"""ETL Monitor: a portal that shows test results and follows their ETL jobs live.

The way of an event, from the service's database to a person's eyes:

    service   state and event in one transaction, the event's number is its id     service/
       │
    sse       bytes → events, by the standard for event streams                    sse.py
    events    an event → what it tells of a job                                    events.py
    feed      when to connect, in which order to take list and stream              feed/
    store     what is known of every job, by fixed rules; looked at as a Snapshot  store/
    session   which of it one person looks at, and how                             session.py
    ui        what is drawn of it, and what the person chose                       ui/
    pages     where it is drawn                                                    pages/

What a person chose goes the other way: pages → ui → client → service. `monitoring.py` holds
client, store and follower of one service together; that is what `use_etl_monitoring` returns.

Names are imported when they are first used, so that the service and its workers, which share only
the wire's records with the portal, do not load the portal.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from etl_monitor.monitoring import Monitoring, use_etl_monitoring
    from etl_monitor.ui.embed import job_status, progress_monitor

__all__ = ["Monitoring", "job_status", "progress_monitor", "use_etl_monitoring"]

_HOMES = {
    "Monitoring": "etl_monitor.monitoring",
    "job_status": "etl_monitor.ui.embed",
    "progress_monitor": "etl_monitor.ui.embed",
    "use_etl_monitoring": "etl_monitor.monitoring",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
