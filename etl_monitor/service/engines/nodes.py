"""The workers of Celery, called nodes: which of them live, and which worker processes they have.

Each node counts its beats in a row of its own. The row is what makes its claims valid: a node
without one claims nothing, and a running job of a node without one is lost.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select, update

from etl_monitor.service.engines.base import WorkerState
from etl_monitor.service.engines.queues import QUEUE
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.tables import worker_nodes

BEAT_INTERVAL = 2.0  # seconds
LOST_AFTER = 20.0  # seconds without a beat


@dataclass(frozen=True, kw_only=True)
class Node:
    name: str
    beats: int
    workers: Sequence[WorkerState]
    queues: Sequence[str]  # of the broker, that it consumes


def worker_name(number: int, process: str, node: str) -> str:
    """Return a worker's name: `worker-2-4f2a91c0`, or `worker-2-4f2a91c0@etl2-9c0d1e2f`."""
    name = f"worker-{number}-{process}"
    return f"{name}@{node}" if node else name


def node_of(worker: str | None) -> str:
    """Return the node of a worker; "" if it has none."""
    return (worker or "").partition("@")[2]


def beat(
    tx: Connection, node: str, workers: Sequence[WorkerState], queues: Sequence[str] = (QUEUE,)
) -> None:
    """Count a beat. The first one makes the node known."""
    row = {"seen_at": now(), "workers": [asdict(worker) for worker in workers]}
    row |= {"queues": list(queues)}
    change = update(worker_nodes).where(worker_nodes.c.node == node)
    if tx.execute(change.values(beats=worker_nodes.c.beats + 1, **row)).rowcount == 0:
        tx.execute(insert(worker_nodes).values(node=node, beats=1, **row))


def is_known(tx: Connection, node: str) -> bool:
    query = select(worker_nodes.c.node).where(worker_nodes.c.node == node)
    return tx.execute(query).first() is not None


def living(tx: Connection) -> Sequence[Node]:
    rows = tx.execute(select(worker_nodes).order_by(worker_nodes.c.node))
    return [
        Node(
            name=row.node,
            beats=row.beats,
            workers=[WorkerState(**worker) for worker in row.workers],
            queues=row.queues,
        )
        for row in rows
    ]


def remove(tx: Connection, node: str) -> None:
    tx.execute(delete(worker_nodes).where(worker_nodes.c.node == node))


class NodeWatch:
    """Finds nodes that have stopped to beat.

    It measures by this process's monotonic clock how long a count has stayed the same, so that no
    clocks of two machines are compared. Not thread-safe.
    """

    def __init__(
        self, lost_after: float = LOST_AFTER, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lost_after, self._clock = lost_after, clock
        self._changes: dict[str, tuple[int, float]] = {}  # node → its beats, and since when

    def lost(self, beats: Mapping[str, int]) -> Sequence[str]:
        """Return the nodes that are lost, given every known node's beats."""
        at = self._clock()
        self._changes = {
            node: self._changes[node] if self._beats(node) == count else (count, at)
            for node, count in beats.items()
        }
        return [n for n, (_, since) in self._changes.items() if at - since > self._lost_after]

    def forget(self) -> None:
        """Begin to measure anew: the database was away, so that no node could beat."""
        self._changes.clear()

    def _beats(self, node: str) -> int | None:
        return self._changes[node][0] if node in self._changes else None
