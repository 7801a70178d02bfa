"""Following a service, once for the whole process: client, store and follower together.

Does not need Streamlit: scripts can follow jobs with it too.
"""

import math
import threading
from collections.abc import Callable

from etl_monitor import settings as settings_module
from etl_monitor.client import EtlClient
from etl_monitor.client.transport import Access, access
from etl_monitor.client.whoami import WhoAmI
from etl_monitor.errors import SettingError
from etl_monitor.feed.follower import Follower
from etl_monitor.settings import Settings
from etl_monitor.sse import MAX_BLOCK
from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.wire.reading import RecordReader
from etl_monitor.wire.status_names import StatusNames, parse_status_map

_MISSED_HEARTBEATS = 3  # after which a connection counts as broken


class Monitoring:
    """One followed service. Thread-safe."""

    def __init__(
        self,
        client: EtlClient,
        *,
        interval: float,
        max_attempts: int,
        heartbeat: float = 15.0,
        max_event: int = MAX_BLOCK,
        store: JobStore | None = None,
    ) -> None:
        """See the settings of these names; `max_event` in bytes, the others in seconds."""
        self.client = client
        self.whoami = WhoAmI(client.me)
        self.store = JobStore() if store is None else store
        self._is_closed = False
        self._was_connected = False
        self.follower = Follower(
            client,
            self.store,
            reconnect_interval=interval,
            max_reconnect_attempts=max_attempts,
            silence=_MISSED_HEARTBEATS * heartbeat,
            max_block=max_event,
        )

    @property
    def is_connected(self) -> bool:
        """Whether the snapshot is up to date."""
        return self.store.connection.is_live

    @property
    def reconnect_attempts(self) -> int:
        """Attempts since the connection broke; 0 while it is live."""
        return self.store.connection.attempt

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def was_connected(self) -> bool:
        """Whether `connect` was ever called."""
        return self._was_connected

    def snapshot(self) -> Snapshot:
        """Return the current state of all jobs; immutable."""
        return self.store.snapshot()

    def connect(self) -> None:
        """Follow from now on, with all attempts unused. Does nothing to a live connection."""
        self._was_connected = True
        self.follower.connect()

    def disconnect(self) -> None:
        """Stop following until `connect`. The jobs stay in the snapshot."""
        self.follower.disconnect()

    def retry_now(self) -> None:
        """Try to connect now instead of at the next attempt, as the service is said to be back."""
        self.follower.retry_now()

    def move_to(self, base_url: str) -> None:
        """Use another address of the same service from now on; the jobs stay."""
        with _lock:
            self.client.move_to(base_url)
            if _remove(self):
                _open[self.client.access] = self

    def wait_until(self, predicate: Callable[[Snapshot], bool], timeout: float) -> bool:
        """Wait until `predicate` is true of the snapshot; return False after `timeout` seconds. For
        scripts and tests: a page must not wait."""
        return self.follower.wait_until(predicate, timeout)

    def close(self) -> None:
        """Stop following and release all connections. Takes one second at most."""
        self._is_closed = True
        _close(self)
        self.follower.stop()
        self.client.close()


_lock = threading.Lock()
_open: dict[Access, Monitoring] = {}
_current: Monitoring | None = None


def use_etl_monitoring(
    auto_connect: bool = True,
    reconnect_interval: float | None = None,
    max_reconnect_attempts: int | None = None,
    *,
    base_url: str | None = None,
    token: str | None = None,
) -> Monitoring:
    """Return the process's monitoring of one service: created by the first call, then shared.

    Without `base_url` it is the service that this process follows already, else the one named by
    `ETL_MONITOR_API_URL` (and `ETL_MONITOR_API_TOKEN`). The token of the settings is sent to the
    address of the settings only. `reconnect_interval` (seconds) and `max_reconnect_attempts` apply
    in the first call; their defaults are the settings (5.0 and 5).

    `auto_connect` starts following, once: a page that calls this again does not undo a
    `disconnect`.

    Raises SettingError if there is no address or a setting is invalid, ValueError if a number is.
    """
    _check(reconnect_interval, max_reconnect_attempts)
    current = _current
    if base_url is None and current is not None:
        return current
    settings = settings_module.load_in_another_app()
    service = access(base_url, token) if base_url else _access_from(settings)
    with _lock:
        monitoring = _open.get(service) or _create(
            service, settings, reconnect_interval, max_reconnect_attempts
        )
        _open[service] = monitoring
    if auto_connect and not monitoring.was_connected:
        monitoring.connect()
    return monitoring


def open_monitoring(base_url: str, token: str | None, settings: Settings) -> Monitoring:
    """Follow this service, and make it the default of `use_etl_monitoring`."""
    global _current  # one portal per process
    service = access(base_url, token)
    with _lock:
        monitoring = _open.get(service) or _create(service, settings, None, None)
        _open[service] = _current = monitoring
    monitoring.connect()
    return monitoring


def current() -> Monitoring | None:
    """Return what `open_monitoring` opened last, or None if it is closed."""
    return _current


def _create(
    service: Access, settings: Settings, interval: float | None, attempts: int | None
) -> Monitoring:
    return Monitoring(
        EtlClient(service.base_url, service.token, reader=_reader(settings)),
        interval=settings.reconnect_interval if interval is None else interval,
        max_attempts=settings.max_reconnect_attempts if attempts is None else attempts,
        heartbeat=settings.feed_heartbeat,
        max_event=settings.feed_max_event_kb * 1024,
        store=JobStore(
            finished_limit=settings.store_jobs, bytes_limit=settings.store_mb * 1_000_000
        ),
    )


def _reader(settings: Settings) -> RecordReader:
    return RecordReader(StatusNames(parse_status_map(settings.status_map)))


def _check(interval: float | None, attempts: int | None) -> None:
    if interval is not None and not 0 < interval < math.inf:
        raise ValueError(
            f"reconnect_interval={interval} cannot be used; allowed: seconds, more than 0."
        )
    if attempts is not None and attempts < 0:
        raise ValueError(f"max_reconnect_attempts={attempts} cannot be used; allowed: 0 or more.")


def _close(monitoring: Monitoring) -> None:
    global _current
    with _lock:
        _remove(monitoring)
        if _current is monitoring:
            _current = None


def _remove(monitoring: Monitoring) -> bool:
    """Remove it from the open ones; return whether it was one of them."""
    services = [service for service, other in _open.items() if other is monitoring]
    for service in services:
        del _open[service]
    return bool(services)


def _access_from(settings: Settings) -> Access:
    if settings.api_url is None:
        raise SettingError(
            "setting_missing",
            "ETL_MONITOR_API_URL is not set, so there is no service to follow. Set it to the "
            "address of an ETL service, or pass base_url.",
            {"variable": "ETL_MONITOR_API_URL"},
        )
    token = settings.api_token.get_secret_value() if settings.api_token else None
    return access(settings.api_url, token)
