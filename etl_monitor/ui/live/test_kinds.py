"""The service's kinds of test, by name in the reader's language."""

from collections.abc import Mapping

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.live.query_cache import NotReady, QueryCache
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.result import TestKind

_MAX_AGE = 60.0  # seconds; definitions are files that change rarely

_cache: QueryCache[tuple[TestKind, ...]] = QueryCache()


def kind_names(t: Translator) -> Mapping[str, str]:
    """Return the name of each kind by its key; empty if the service does not list its kinds."""
    return {kind.key: t.pick(kind.names, kind.key) for kind in test_kinds()}


def kind_name(key: str, ctx: RenderContext) -> str:
    """Return the kind's name for a drawing, or its key if the name is not known."""
    client = ctx.monitoring.client
    try:
        kinds = _cache.read(ctx, client.base_url, None, client.test_kinds, max_age=_MAX_AGE)
    except (EtlMonitorError, NotReady):
        kinds = _last_kinds(client)
    names = {kind.key: kind.names for kind in kinds}
    return ctx.t.pick(names.get(key, {}), key)


def kinds_of_jobs(ctx: RenderContext) -> Mapping[str, str]:
    """Return the kinds of the known jobs, by their names as far as those are known: it requests
    nothing."""
    names = {kind.key: kind.names for kind in _last_kinds(ctx.monitoring.client)}
    return {key: ctx.t.pick(names.get(key, {}), key) for key in ctx.snapshot.test_kinds}


def test_kinds() -> tuple[TestKind, ...]:
    """Return the service's kinds; the last known ones while it does not answer."""
    client = session.job_table().monitoring.client
    try:
        return _cache.get(client.base_url, None, client.test_kinds, max_age=_MAX_AGE)
    except EtlMonitorError:
        return _last_kinds(client)


def _last_kinds(client: EtlClient) -> tuple[TestKind, ...]:
    last = _cache.last(client.base_url)
    return last.value if last else ()
