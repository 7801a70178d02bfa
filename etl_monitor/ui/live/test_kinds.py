"""The kinds of test that the service knows, by name in the reader's language."""

import time
from collections.abc import Mapping

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.live.query_cache import QueryCache
from etl_monitor.ui.session import state as session
from etl_monitor.wire.result import TestKind

_FRESH_FOR = 60  # seconds: definitions are files that change rarely

_told: QueryCache[tuple[TestKind, ...]] = QueryCache()


def kind_names(t: Translator) -> Mapping[str, str]:
    """Kind → name. Empty where the service does not tell its kinds: then keys are shown."""
    return {kind.key: t.pick(kind.names, kind.key) for kind in test_kinds()}


def kind_name(key: str, client: EtlClient, t: Translator) -> str:
    """Its key, where the service does not tell its name."""
    names = {kind.key: kind.names for kind in _kinds(client)}
    return t.pick(names.get(key, {}), key)


def test_kinds() -> tuple[TestKind, ...]:
    return _kinds(session.job_table().monitoring.client)


def _kinds(client: EtlClient) -> tuple[TestKind, ...]:
    """For all sessions; what was told last, while the service does not answer."""
    mark = int(time.monotonic() / _FRESH_FOR)
    try:
        return _told(client.base_url, mark, client.test_kinds)
    except EtlMonitorError:
        last = _told.last(client.base_url)
        return last.value if last else ()
