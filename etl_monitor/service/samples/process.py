"""The process that seeds the samples, which the service only starts."""

import multiprocessing
from multiprocessing.context import SpawnProcess

from etl_monitor.service.engines.worker import WorkerPlan, exit_with_parent
from etl_monitor.service.logs import set_up_logging


def start_seeding(plan: WorkerPlan, minutes: float) -> SpawnProcess:
    """Start the process that seeds for so long; the service answers requests meanwhile."""
    process = multiprocessing.get_context("spawn").Process(
        target=_seed, args=(plan, minutes), name="seeding", daemon=True
    )
    process.start()
    return process


def _seed(plan: WorkerPlan, minutes: float) -> None:
    exit_with_parent()
    set_up_logging()
    from etl_monitor.service.samples.seeding import seed  # with NumPy, which the service never uses

    seed(plan, minutes)
