"""The current time, cut to milliseconds, the precision of the wire.

This is wall-clock time, which can be set, so it serves for display and for ages in days. Durations
are measured with `time.monotonic`.
"""

from datetime import UTC, datetime


def now() -> datetime:
    moment = wall()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def wall() -> datetime:
    return datetime.now(UTC)
