"""The table of the service's workers."""

from collections.abc import Iterable

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.ui.widgets.table import Column, Part, Row, Table, since
from etl_monitor.wire.job import Job, short_id
from etl_monitor.wire.system import SystemState, WorkerSeen

COLUMNS = ("worker-name", "worker-state", "worker-job", "worker-sign", "worker-pid")
TONES = {"gone": "failed", "busy": "running", "idle": "pending"}


def worker_table(ctx: RenderContext, state: SystemState | None) -> Table | None:
    """Return the workers of `state`; without it those whose jobs the feed has shown. None if there
    are none."""
    workers = _workers_of(ctx.snapshot.running) if state is None else state.workers
    if not workers:
        return None
    t = ctx.t
    return Table(
        label=t("system-workers"),
        columns=[Column(text=t(key)) for key in COLUMNS],
        rows=[_row(worker, t, state) for worker in workers],
        waiting=t("activity-waiting", n="{n}"),
        stacked=True,
        filterKey=",".join(worker.name for worker in workers),
    )


def _workers_of(jobs: Iterable[Job]) -> list[WorkerSeen]:
    return [
        WorkerSeen(name=job.worker, alive=True, job_id=job.job_id, heartbeat_at=job.heartbeat_at)
        for job in jobs
        if job.worker
    ]


def _row(worker: WorkerSeen, t: Translator, state: SystemState | None) -> Row:
    status = "gone" if not worker.alive else "busy" if worker.job_id else "idle"
    job_id, heartbeat_at = worker.job_id, worker.heartbeat_at
    if state is not None and worker.alive and heartbeat_at is None:
        heartbeat_at = state.now  # an idle worker has no heartbeat, but the service sees it
    cells = (
        [Part(text=worker.name)],
        [Part(text=t(f"worker-{status}"), tone=TONES[status])],
        [Part(text=short_id(job_id), href=job_address(job_id, t))] if job_id else [],
        since(heartbeat_at, t),
        [Part(text=str(worker.pid))] if worker.pid else [],
    )
    return Row(id=worker.name, cells=cells)
