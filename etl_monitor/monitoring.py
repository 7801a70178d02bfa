"""Following a service, for the whole process: client, store and follower under one roof.

Does not need Streamlit: a script may follow jobs with it just as well.
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

_HEARTBEATS = 3  # that may fail to come before a connection counts as broken


class Monitoring:
    """One followed service. Safe to use from any thread."""

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
            silence=_HEARTBEATS * heartbeat,
            max_block=max_event,
        )

    @property
    def is_connected(self) -> bool:
        """Whether what is known is what the service knows now."""
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
        """Whether anybody ever asked to connect."""
        return self._was_connected

    def snapshot(self) -> Snapshot:
        """Everything that is known now; immutable."""
        return self.store.snapshot()

    def connect(self) -> None:
        """Follow from now on, with all attempts unused. Does nothing to a live connection."""
        self._was_connected = True
        self.follower.connect()

    def disconnect(self) -> None:
        """Stop following until `connect`. What is known stays to be seen."""
        self.follower.disconnect()

    def retry_now(self) -> None:
        """Try to connect now instead of at the next attempt: the service is said to be back."""
        self.follower.retry_now()

    def move_to(self, base_url: str) -> None:
        """The service is at another address from now on; what is known of it stays."""
        with _lock:
            self.client.move_to(base_url)
            for where in [one for one, monitoring in _open.items() if monitoring is self]:
                del _open[where]
                _open[self.client.access] = self

    def wait_until(self, predicate: Callable[[Snapshot], bool], timeout: float) -> bool:
        """Wait for what is known to look like this; False after `timeout` seconds. For scripts and
        tests: a page does not wait."""
        return self.follower.wait_until(predicate, timeout)

    def close(self) -> None:
        """Stop following for good. Takes a second at most."""
        self._is_closed = True
        _forget(self)
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
    """The process's monitoring of one service: made by the first call, the same for every other.

    Without `base_url` it is the service that this process follows already, else the one that
    `ETL_MONITOR_API_URL` (and `ETL_MONITOR_API_TOKEN`) names. A token
    from the settings goes to the address from the settings only. `reconnect_interval` (seconds) and
    `max_reconnect_attempts` count in the first call; left out, the settings decide (5.0 and 5).

    `auto_connect` starts following, once: a page that calls this again does not undo somebody's
    `disconnect`.

    Raises SettingError when no address is known, or a setting cannot be used; ValueError for
    numbers that cannot be used.
    """
    _check(reconnect_interval, max_reconnect_attempts)
    current = _current
    if base_url is None and current is not None:
        return current
    set_up = settings_module.load()
    where = access(base_url, token) if base_url else _address_of(set_up)
    with _lock:
        found = _open.get(where) or _made(where, set_up, reconnect_interval, max_reconnect_attempts)
        _open[where] = found
    if auto_connect and not found.was_connected:
        found.connect()
    return found


def open_monitoring(base_url: str, token: str | None, settings: Settings) -> Monitoring:
    """Follow this service, and make it the one that `use_etl_monitoring` means."""
    global _current  # one portal a process
    where = access(base_url, token)
    with _lock:
        found = _open.get(where) or _made(where, settings, None, None)
        _open[where] = _current = found
    found.connect()
    return found


def current() -> Monitoring | None:
    """What `open_monitoring` opened last, until it is closed."""
    return _current


def _made(
    where: Access, settings: Settings, interval: float | None, attempts: int | None
) -> Monitoring:
    return Monitoring(
        EtlClient(where.base_url, where.token),
        interval=settings.reconnect_interval if interval is None else interval,
        max_attempts=settings.max_reconnect_attempts if attempts is None else attempts,
        heartbeat=settings.feed_heartbeat,
        max_event=settings.feed_max_event_kb * 1024,
        store=JobStore(
            finished_limit=settings.store_jobs, bytes_limit=settings.store_mb * 1_000_000
        ),
    )


def _check(interval: float | None, attempts: int | None) -> None:
    if interval is not None and not 0 < interval < math.inf:
        raise ValueError(
            f"reconnect_interval={interval} cannot be used; allowed: seconds, more than 0."
        )
    if attempts is not None and attempts < 0:
        raise ValueError(f"max_reconnect_attempts={attempts} cannot be used; allowed: 0 or more.")


def _forget(closed: Monitoring) -> None:
    global _current
    with _lock:
        for where, monitoring in list(_open.items()):
            if monitoring is closed:
                del _open[where]
        if _current is closed:
            _current = None


def _address_of(settings: Settings) -> Access:
    if settings.api_url is None:
        raise SettingError(
            "setting_missing",
            "ETL_MONITOR_API_URL is not set, so there is no service to follow. Set it to the "
            "address of an ETL service, or pass base_url.",
            {"variable": "ETL_MONITOR_API_URL"},
        )
    token = settings.api_token.get_secret_value() if settings.api_token else None
    return access(settings.api_url, token)
