"""ETL Monitor: a portal that shows test results and follows their ETL jobs live.

The path of an event, from the service's database to the screen:

    service   writes state and event in one transaction; the event's number is its id   service/
       │
    sse       reads events from bytes, by the standard for event streams                sse.py
    events    parses an event into an update of a job                                   events.py
    feed      connects, and loads list and stream in the right order                    feed/
    store     merges updates by fixed rules; read as a Snapshot                         store/
    portal    pushes each change to the open pages                                      portal/
    ui        renders it for one person's session                                       ui/
    pages     the pages of the app                                                      pages/

An action of a person takes the opposite path: pages → ui → client → service. `monitoring.py` joins
client, store and follower of one service; `use_etl_monitoring` returns it.

Names are imported on first use, so that the service and its workers, which share only the wire's
records with the portal, do not load the portal.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from etl_monitor.monitoring import Monitoring, use_etl_monitoring
    from etl_monitor.portal.lifespan import lifespan
    from etl_monitor.store.snapshot import Snapshot
    from etl_monitor.ui.embed import job_status, progress_monitor
    from etl_monitor.ui.live.socket import ROUTES
    from etl_monitor.wire.job import Job

__all__ = [
    "ROUTES",
    "Job",
    "Monitoring",
    "Snapshot",
    "job_status",
    "lifespan",
    "progress_monitor",
    "use_etl_monitoring",
]

_MODULE_OF = {
    "ROUTES": "etl_monitor.ui.live.socket",
    "Job": "etl_monitor.wire.job",
    "Monitoring": "etl_monitor.monitoring",
    "Snapshot": "etl_monitor.store.snapshot",
    "job_status": "etl_monitor.ui.embed",
    "lifespan": "etl_monitor.portal.lifespan",
    "progress_monitor": "etl_monitor.ui.embed",
    "use_etl_monitoring": "etl_monitor.monitoring",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
