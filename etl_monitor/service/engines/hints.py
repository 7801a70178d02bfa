"""Hints that a job waits, sent to the workers of Celery.

A hint carries nothing. A worker that receives one claims the first job of the queue, which is in
the database; if none waits, the hint is dropped. So a hint that the broker delivers twice does
nothing, and one that it loses is sent again: `top_up` compares the hints with the waiting jobs.
"""

from typing import Any

from celery import Celery
from celery.app.amqp import AMQP, Queues
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError

from etl_monitor.service.engines.queues import QUEUE

TASK = "etl_monitor.run_next_job"

_CONNECT_TIMEOUT = 5.0  # seconds
_SOCKET_TIMEOUT = 30.0  # seconds
# A hint is acknowledged when its job has ended. After so long the broker delivers it again, which
# does no harm; but RabbitMQ also closes the worker's channel, and its own limit is half an hour.
_LONGEST_JOB = 24 * 3600  # seconds


def make_queue(name: str) -> Queue:
    limit = {"x-consumer-timeout": _LONGEST_JOB * 1000}
    return Queue(name, Exchange(name), routing_key=name, queue_arguments=limit)


class _Queues(Queues):  # type: ignore[misc]  # Celery has no types
    def new_missing(self, name: str) -> Queue:
        """Make a queue that a worker names with -Q, as the service makes it."""
        return make_queue(name)


class _Amqp(AMQP):  # type: ignore[misc]
    queues_cls = _Queues


class BrokerUnreachable(Exception):
    """The broker does not answer. Its text is the reason."""


def make_app(broker_url: str) -> Celery:
    """Return the application of Celery that both sides use: the service, and the workers."""
    app = Celery("etl_monitor", broker=broker_url, set_as_current=False, amqp=_Amqp)
    app.conf.update(
        task_queues=[make_queue(QUEUE)],
        task_default_queue=QUEUE,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        accept_content=["json"],
        broker_connection_timeout=_CONNECT_TIMEOUT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a worker waits for its broker as long as it takes
        broker_transport_options=_transport_options(broker_url),
        worker_prefetch_multiplier=1,
        worker_pool="threads",  # jobs run in processes of our own, a thread waits for each
        worker_send_task_events=True,  # for Flower
    )
    return app


def _transport_options(broker_url: str) -> dict[str, Any]:
    if not broker_url.startswith("redis"):
        return {}
    return {
        "visibility_timeout": _LONGEST_JOB,
        "socket_connect_timeout": _CONNECT_TIMEOUT,
        "socket_timeout": _SOCKET_TIMEOUT,
        "socket_keepalive": True,
    }


class Hints:
    """The service's side of the broker's queue."""

    def __init__(self, broker_url: str) -> None:
        self._app = make_app(broker_url)

    def top_up(self, waiting: int, queue: str = QUEUE) -> int:
        """Send as many hints as the queue has fewer than jobs wait. Returns how many were sent.

        Raises BrokerUnreachable.
        """
        with self._app.connection_for_write() as connection:
            try:
                connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
                missing = waiting - self._count(connection, queue)
                self._send(connection, missing, queue)
            except (
                OperationalError,
                *connection.connection_errors,
                *connection.channel_errors,
            ) as error:
                raise BrokerUnreachable(str(error)) from error
        return max(0, missing)

    def _count(self, connection: Any, queue: str) -> int:
        declared = self._app.amqp.queues[queue].bind(connection.default_channel)
        return int(declared.queue_declare().message_count)

    def _send(self, connection: Any, count: int, queue: str) -> None:
        with self._app.amqp.Producer(connection) as producer:
            for _ in range(count):
                self._app.send_task(TASK, producer=producer, retry=False, queue=queue)
