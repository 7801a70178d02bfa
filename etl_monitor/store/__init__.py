"""The known jobs: `job_merge.py` has the rules by which an update changes a job, `job_store.py` is
the one place for the whole process, `snapshot.py` an immutable copy of its state."""

from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot

__all__ = ["JobStore", "Snapshot"]
