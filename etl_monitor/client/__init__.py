"""The service's REST, spoken: `job_calls.py` and `result_calls.py` have the calls, `rest.py` makes
one, `transport.py` says where the token may go and why something failed."""

from etl_monitor.client.client import EtlClient
from etl_monitor.wire.replies import BulkOutcome, JobList, ProcessOutcome, ResultList, Started

__all__ = ["BulkOutcome", "EtlClient", "JobList", "ProcessOutcome", "ResultList", "Started"]
