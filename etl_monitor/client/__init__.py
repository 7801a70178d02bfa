"""The client of the service's REST API: `EtlClient` and the types that its methods return."""

from etl_monitor.client.client import EtlClient
from etl_monitor.client.pages import ActivityPage, JobList, ResultList
from etl_monitor.wire.replies import BulkOutcome, ProcessOutcome, QueuedJob

__all__ = [
    "ActivityPage",
    "BulkOutcome",
    "EtlClient",
    "JobList",
    "ProcessOutcome",
    "QueuedJob",
    "ResultList",
]
