"""How the service is, as all sessions share it for a few seconds."""

from functools import partial

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError, NotFound
from etl_monitor.ui.live.query_cache import NotReady, QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.system import SystemState

REQUEST_INTERVAL = 5.0  # seconds; changes of workers and of the disk come with no event
_MAX_AGE = REQUEST_INTERVAL - 1

_cache: QueryCache[SystemState | None] = QueryCache()


def service_state(ctx: RenderContext) -> tuple[SystemState | None, str]:
    """Return the service's state, and why it cannot be had. None without a reason: an older back
    end does not have the call, or the first reply is on its way."""
    client = ctx.monitoring.client
    try:
        fetch = partial(_fetch, client)
        return _cache.read(ctx, client.base_url, None, fetch, max_age=_MAX_AGE), ""
    except NotReady:
        return None, ""
    except EtlMonitorError as error:
        return None, problem_text(error, ctx.t)


def _fetch(client: EtlClient) -> SystemState | None:
    try:
        return client.system()
    except NotFound:
        return None
