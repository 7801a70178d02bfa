"""Every error that ETL Monitor raises, in one tree.

EtlMonitorError
├── SettingError          a setting cannot be used; stops the start
├── PipelineError         a job cannot go on; its code and details reach the person who asked
├── Refused               the service will not do what was asked (has an HTTP status)
│   ├── BadRequest  400     what was sent cannot be used
│   ├── Unauthorised 401    no token, or one that is not known
│   ├── Forbidden   403     known, but may not
│   ├── NotFound    404
│   ├── Conflict    409     the state does not allow it
│   └── TooLarge    413
├── ServiceUnavailable    the service could not be reached, or did not answer as a service does
└── FeedBroken            the feed's connection ended or could not be had; the code is the reason

Each has a `code` (snake_case, stable: what programs and translations go by), a message in plain
English, and `details` (what the message was made from, so that it can be told in any language).
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class EtlMonitorError(Exception):
    """The root. `str(error)` is the sentence for people."""

    def __init__(self, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: dict[str, Any] = dict(details or {})


class SettingError(EtlMonitorError):
    """A setting cannot be used. The message names the variable, the value and what is allowed."""


class PipelineError(EtlMonitorError):
    """A job cannot go on, for a reason in its input that a person can mend."""


class ApiError(EtlMonitorError):
    """The service will not do what was asked. Raised in the service and again by its client."""

    status: int = 400
    by_status: ClassVar[dict[int, type["ApiError"]]] = {}

    def __init_subclass__(cls) -> None:
        ApiError.by_status[cls.status] = cls


class BadRequest(ApiError):
    status = 400


class Unauthorised(ApiError):
    status = 401


class Forbidden(ApiError):
    status = 403


class NotFound(ApiError):
    status = 404


class Conflict(ApiError):
    status = 409


class TooLarge(ApiError):
    status = 413


class ServiceUnavailable(EtlMonitorError):
    """The service could not be reached, or what answered is not an ETL service."""


class FeedDisconnected(EtlMonitorError):
    """The feed's connection ended or could not be had. The follower tries again, unless `final`.

    `retry_after`: seconds that the service asked us to wait.
    """

    def __init__(
        self, code: str, message: str, *, final: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(code, message)
        self.final = final
        self.retry_after = retry_after
