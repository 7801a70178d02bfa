"""The worker of Celery: `celery -A etl_monitor.service.engines.celery worker`.

It reads the same settings as the service, and stops as an engine does: on SIGTERM its jobs get
`ETL_MONITOR_STOP_GRACE` to end, the others go back to the queue.
"""

import logging
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

from celery import bootsteps
from celery.exceptions import Reject
from celery.signals import setup_logging

from etl_monitor import settings as from_environment
from etl_monitor.errors import EtlMonitorError
from etl_monitor.service import engine_errors
from etl_monitor.service.engines.hints import TASK, make_app
from etl_monitor.service.engines.node import NodeStops, WorkerNode, open_node
from etl_monitor.service.errors import Unavailable
from etl_monitor.service.logs import set_up_logging
from etl_monitor.settings import Settings

_CANNOT_START, _MAY_START_LATER = 2, 1
_PRIVATE_UMASK = 0o077


def _settings() -> tuple[Settings, str]:
    """Return the settings and the broker's address. Raises SettingError."""
    settings = from_environment.load()
    if settings.broker_url is None:
        raise engine_errors.BrokerMissing()
    if settings.database_url is None:
        raise engine_errors.BrokerNeedsDatabase()
    return settings, settings.broker_url.get_secret_value()


def _exit(error: EtlMonitorError) -> NoReturn:
    sys.stderr.write(f"{error.message}\n")
    sys.exit(_MAY_START_LATER if isinstance(error, Unavailable) else _CANNOT_START)


try:
    SETTINGS, _broker_url = _settings()
except EtlMonitorError as error:
    _exit(error)


@setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _log_as_the_service_does(loglevel: int, **_: Any) -> None:
    set_up_logging()
    logging.getLogger("celery").setLevel(loglevel)


app = make_app(_broker_url)
app.conf.worker_concurrency = SETTINGS.workers or os.cpu_count() or 1
_running: list[WorkerNode] = []  # the node of this process


class NodeStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """Starts the node before the first hint comes, and stops it while hints can be given back."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._open = ExitStack()

    def start(self, worker: Any) -> None:
        os.umask(_PRIVATE_UMASK)
        # Celery's program finds this module in the working directory, and forgets that folder then;
        # the processes for jobs inherit the path.
        sys.path.insert(0, str(Path.cwd()))
        # Jobs run in processes that inherit the environment, and must not see a token.
        os.environ.pop("ETL_MONITOR_API_TOKEN", None)
        try:
            queues = sorted(worker.app.amqp.queues.consume_from)  # those of -Q
            node = self._open.enter_context(open_node(SETTINGS, worker.concurrency, queues))
            node.start()
        except EtlMonitorError as error:
            _exit(error)
        _running.append(node)

    def close(self, worker: Any) -> None:
        for node in _running:
            node.stop()
        self._open.close()


app.steps["worker"].add(NodeStep)


@app.task(name=TASK)  # type: ignore[untyped-decorator]
def run_next_job() -> str:
    """Run the job that is first in the queue now, if any waits. Returns its id, for Flower."""
    (node,) = _running
    try:
        job_id = node.run_next()
    except NodeStops:
        raise Reject("this worker stops", requeue=True) from None
    return f"job {job_id}" if job_id else "no job"
