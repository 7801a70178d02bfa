"""What time it is, to the millisecond: what is stored is what the wire tells.

It is the wall's clock, which somebody may set, so it is for showing, and for ages of days. What has
to last so and so many seconds is measured with `time.monotonic`.
"""

from datetime import UTC, datetime


def now() -> datetime:
    moment = wall()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def wall() -> datetime:
    return datetime.now(UTC)
