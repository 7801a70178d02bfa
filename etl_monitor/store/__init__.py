"""What is known of the jobs: `ledger.py` has the rules by which news changes a job, `job_store.py`
is the one place for the whole process, `snapshot.py` one immutable look at it."""

from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot

__all__ = ["JobStore", "Snapshot"]
