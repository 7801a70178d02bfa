"""The table of the service's workers."""

from collections.abc import Iterable

from etl_monitor.ui.jobs.labels import job_name
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.ui.widgets.table import Cell, Column, Part, Row, Table, cell, since
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
        rows=[_row(worker, ctx, state) for worker in workers],
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


def _row(worker: WorkerSeen, ctx: RenderContext, state: SystemState | None) -> Row:
    t = ctx.t
    status = "gone" if not worker.alive else "busy" if worker.job_id else "idle"
    job_id, heartbeat_at = worker.job_id, worker.heartbeat_at
    if state is not None and worker.alive and heartbeat_at is None:
        heartbeat_at = state.now  # an idle worker has no heartbeat, but the service sees it
    cells = (
        [Part(text=worker.name)],
        [Part(text=t(f"worker-{status}"), tone=TONES[status])],
        _job(job_id, ctx) if job_id else [],
        since(heartbeat_at, t),
        [Part(text=str(worker.pid))] if worker.pid else [],
    )
    return Row(id=worker.name, cells=cells)


def _job(job_id: str, ctx: RenderContext) -> Cell:
    """Return the job's name, or its id if the portal does not know it (yet)."""
    job = ctx.snapshot.jobs.get(job_id)
    name = job_name(job, ctx.t) if job else short_id(job_id)
    return cell(name, href=job_address(job_id, ctx.t))
