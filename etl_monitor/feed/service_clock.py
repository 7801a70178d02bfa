"""How far the service's clock is from ours, from which ages and durations are computed."""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

TOLERANCE = timedelta(minutes=1)  # less is the network's delay, or of no consequence

_FIRST = datetime.min.replace(tzinfo=UTC)
_SAMPLES = 5  # times of events that must agree before they count as the service's clock


class ServiceClock:
    """Collects what one connection shows. `is_live_only`: its events are sent when they happen
    and never again; otherwise an old time may belong to an old event.

    The `Date` of a reply shows the clock of the machine. The times of jobs may be others: of
    another machine, or of a zone that is not sent with them. A time that lies ahead shows it, or
    several times of live events that agree.
    """

    def __init__(self) -> None:
        self.is_live_only = False
        self._header: timedelta | None = None
        self._ahead = timedelta()
        self._samples: deque[tuple[datetime, timedelta]] = deque(maxlen=_SAMPLES)

    @property
    def offset(self) -> timedelta:
        """The service's clock minus ours; zero if they agree or nothing is known."""
        offset = self._by_header_or_events
        if self._ahead > TOLERANCE:
            offset = max(offset, self._ahead)
        return offset if abs(offset) > TOLERANCE else timedelta()

    def read_header(self, date: str, now: datetime) -> None:
        """Take the `Date` of a reply that arrived now."""
        try:
            at = parsedate_to_datetime(date)
        except (ValueError, OverflowError):
            return
        self._header = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now

    def read_job(self, updated_at: datetime | None, now: datetime) -> None:
        """Take the time of the last change of a job in a list."""
        if updated_at is not None:
            self._ahead = max(self._ahead, updated_at - now)

    def read_events(self, times: Sequence[datetime], now: datetime) -> None:
        """Take the times of events that arrived now, one at least."""
        self.read_job(max(times), now)
        newest = self._samples[-1][0] if self._samples else _FIRST
        newer = [newest := at for at in times if at > newest]
        self._samples.extend((at, at - now) for at in newer[-_SAMPLES:])

    @property
    def _by_header_or_events(self) -> timedelta:
        offsets = [offset for _, offset in self._samples]
        agree = len(offsets) == _SAMPLES and max(offsets) - min(offsets) < TOLERANCE
        if self.is_live_only and agree:
            return max(offsets)
        return self._header or timedelta()
