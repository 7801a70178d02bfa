"""`kill -9` of each part of a cluster, and its new start."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from etl_monitor.monitoring import Monitoring
from etl_monitor.store.snapshot import Snapshot
from tests.support.cluster import Cluster
from tests.support.eventually import eventually
from tests.support.people import Person

_WITHIN = 300.0  # seconds, on a busy machine


def kill_worker(cluster: Cluster) -> None:
    """Kill the first worker with its process for jobs."""
    worker = cluster.workers[0]
    worker.kill()
    worker.start()


def kill_leader(cluster: Cluster, followers: Sequence[Monitoring]) -> None:
    """Its followers go on at the other service, and that one leads, before it is back."""
    leader = cluster.leader()
    assert leader.metric("etl_monitor_feed_subscribers") > 0
    leader.kill()
    assert cluster.leader() is not leader
    for monitoring in followers:
        reached = int(monitoring.snapshot().position)
        assert monitoring.wait_until(partial(_is_live_beyond, reached), _WITHIN)
    leader.start()


def _is_live_beyond(position: int, snapshot: Snapshot) -> bool:
    return snapshot.connection.is_live and int(snapshot.position) > position


def kill_broker(cluster: Cluster, _: Sequence[Monitoring]) -> None:
    """A service notices once there is a job to announce."""
    cluster.redis.kill()
    kim = Person(service=cluster.person_service(), user_id="kim", folder=Path())
    eventually(lambda: kim.upload(title="While the broker is away"), within=_WITHIN)

    def is_noticed() -> None:
        for machine in cluster.services:
            assert machine.running is not None
            assert "broker cannot be used" in machine.running.call("GET", "/readyz").text

    eventually(is_noticed, within=_WITHIN)
    cluster.redis.start()


def kill_database(cluster: Cluster, _: Sequence[Monitoring]) -> None:
    """Both services say that it is away, and answer and lead once it is back."""
    cluster.postgres.kill()
    for machine in cluster.services:
        assert machine.running is not None
        assert machine.running.call("GET", "/etl/jobs/active").status_code == 503
    cluster.postgres.start()
    eventually(lambda: _answers(cluster), within=_WITHIN)
    cluster.leader()


def _answers(cluster: Cluster) -> None:
    for machine in cluster.services:
        assert machine.running is not None
        assert machine.running.call("GET", "/etl/jobs/active").status_code == 200
