"""A scripted service that this process follows, for pages that need no more than its jobs."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import etl_monitor as em
from etl_monitor.wire.job import Job
from tests.support.scripted_server import HOLD, ScriptedServer, reply, stream


@contextmanager
def followed_server(*jobs: Job) -> Iterator[ScriptedServer]:
    """Yield the server when its list of these jobs is in the store and its feed is live."""
    listed = [job.model_dump(mode="json", by_alias=True) for job in jobs]
    with ScriptedServer() as server, pytest.MonkeyPatch.context() as patch:
        server.on("/etl/jobs", reply(listed, x_last_event_id="1", x_total_count=str(len(jobs))))
        server.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        patch.setenv("ETL_MONITOR_API_URL", server.address)
        followed = em.use_etl_monitoring()
        assert followed.wait_until(lambda seen: seen.connection.is_live, 10)
        yield server
        em.use_etl_monitoring().close()
