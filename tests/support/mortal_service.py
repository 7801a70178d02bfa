"""A real service that a test can kill and restart on the same data and port, and whose event log
grows as fast as the database allows."""

import json
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, insert, update

from etl_monitor.errors import PipelineError
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.operations import retention
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.tables import event_counter, events
from etl_monitor.service.storage.tables import jobs as jobs_table
from etl_monitor.wire.job import Job, JobStatus
from tests.support import records, scripted
from tests.support.installation import Installation
from tests.support.portal_process import free_port
from tests.support.service_process import RunningService

_AGE = timedelta(days=1)
_NO_EVENTS = retention.RetentionPolicy(
    events=0, events_age=_AGE, jobs=0, jobs_age=_AGE, activity=0, activity_age=_AGE
)
_WORKER = "no-worker"  # of the jobs that are written directly into the database
SETTING = scripted.SETTING | {
    "ETL_MONITOR_API_TOKEN": "t",
    "ETL_MONITOR_KEEP_EVENTS": "100",
    "ETL_MONITOR_WORKERS": "2",
}


class MortalService:
    """`up` is set while the service runs; `on_start` is called after each start."""

    def __init__(self, folder: Path, setting: Mapping[str, str]) -> None:
        self.port = free_port()
        self.token = SETTING["ETL_MONITOR_API_TOKEN"]
        self.resets = 0
        self.up = threading.Event()
        self.on_start: Callable[[], None] = lambda: None
        self._installation = Installation(folder, setting, base=SETTING, port=self.port)
        self._database_url = setting.get(
            "ETL_MONITOR_DATABASE_URL", sqlite_url(folder / "data" / "etl.sqlite")
        )
        self._starts: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._begin()
        self._db = Database(self._database_url)
        return self

    def __exit__(self, *_: object) -> None:
        for start in self._starts:
            start.join()
        self._db.close()
        self._installation.stop()

    def restart(self, *, down_for: int) -> None:
        """Kill the service with workers of its own; it starts again in the background."""
        self.up.clear()
        self._installation.kill_service()
        self._starts.append(threading.Thread(target=self._begin))
        self._starts[-1].start()

    def prune(self) -> None:
        """Prune the whole event log with the service's own function."""
        while retention.prune_events(self._db, _NO_EVENTS):
            pass

    @property
    def running(self) -> RunningService:
        return self._installation.service

    @property
    def position(self) -> int:
        with self._db.reading() as tx:
            return event_log.position(tx)

    def add_job(self, rows: int, *, completes: bool) -> None:
        """Write a job from creation to end in one transaction, with an event for each row."""
        with self._db.writing() as tx:
            job = records.add_test(tx, title="시험")
            _work(tx, job, rows)
            if completes:
                assert lifecycle.complete(tx, job.job_id, _WORKER)
            else:
                assert lifecycle.fail(tx, job.job_id, _WORKER, PipelineError("too_bad", "나쁨"))

    def _begin(self) -> None:
        self._installation.start()
        self.up.set()
        self.on_start()


def _work(tx: Connection, job: Job, rows: int) -> None:
    updates = [_progress(job, done, rows) for done in range(1, rows + 1)]
    changes = {name: getattr(updates[-1], name) for name in updates[-1].model_fields_set}
    tx.execute(update(jobs_table).where(jobs_table.c.job_id == job.job_id).values(changes))
    counted = update(event_counter).values(position=event_counter.c.position + rows)
    last = int(tx.execute(counted.returning(event_counter.c.position)).scalar_one())
    tx.execute(
        insert(events),
        [_event(state, position) for position, state in enumerate(updates, last - rows + 1)],
    )


def _progress(job: Job, done: int, rows: int) -> Job:
    return Job(
        job_id=job.job_id,
        status=JobStatus.RUNNING,
        worker=_WORKER,
        current_step="계산",
        progress=done * 99 // rows,
        rows_done=done,
        rows_total=rows,
        updated_at=now(),
    )


def _event(job: Job, position: int) -> dict[str, object]:
    data = job.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {
        "position": position,
        "job_id": job.job_id,
        "name": lifecycle.PROGRESS,
        "data": json.dumps(data, ensure_ascii=False),
        "at": job.updated_at,
    }
