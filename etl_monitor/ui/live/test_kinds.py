"""The service's kinds of test, by name in the reader's language."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError, NotFound
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
        kinds = _cache.read(ctx, client.base_url, None, partial(_fetch, client), max_age=_MAX_AGE)
    except (EtlMonitorError, NotReady):
        kinds = _last_kinds(client)
    return _name(key, kinds, ctx.t)


def kinds_of_jobs(ctx: RenderContext) -> Mapping[str, str]:
    """Return the names of the known jobs' kinds by their keys. Without a reply so far these are the
    keys: nothing waits for it, and it redraws the page."""
    client, beside = ctx.monitoring.client, replace(ctx, may_wait=False)
    try:
        kinds = _cache.read(beside, client.base_url, None, partial(_fetch, client))
    except (EtlMonitorError, NotReady):
        kinds = ()
    return {key: _name(key, kinds, ctx.t) for key in ctx.snapshot.test_kinds}


def test_kinds() -> tuple[TestKind, ...]:
    """Return the service's kinds; the last known ones while it does not answer."""
    client = session.job_table().monitoring.client
    try:
        return _cache.get(client.base_url, None, partial(_fetch, client), max_age=_MAX_AGE)
    except EtlMonitorError:
        return _last_kinds(client)


def _name(key: str, kinds: tuple[TestKind, ...], t: Translator) -> str:
    return t.pick(next((kind.names for kind in kinds if kind.key == key), {}), key)


def _fetch(client: EtlClient) -> tuple[TestKind, ...]:
    """A back end without this call lists no kinds: that is a reply, and not requested again."""
    try:
        return client.test_kinds()
    except NotFound:
        return ()


def _last_kinds(client: EtlClient) -> tuple[TestKind, ...]:
    last = _cache.last(client.base_url)
    return last.value if last else ()
