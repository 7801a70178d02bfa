"""Every error that ETL Monitor raises, in one tree.

EtlMonitorError
├── SettingError          a setting cannot be used; stops the start
├── PipelineError         a job cannot continue; its code and details reach its starter
├── ApiError              the service rejects a request (has an HTTP status)
│   ├── BadRequest  400     the request cannot be used
│   ├── Unauthorised 401    no token, or an unknown one
│   ├── Forbidden   403     the token's role does not allow it
│   ├── NotFound    404
│   ├── Conflict    409     the state does not allow it
│   └── TooLarge    413
├── ServiceUnavailable    the service cannot be reached, or its reply is not a service's
├── FeedDisconnected      the feed's connection ended or could not be made; the code is the reason
└── TemplatedError        a row of a table of errors: code, template and named details

Each has a `code` (snake_case and stable: programs and translations depend on it), a message in
plain English, and `details` (the values in the message, so that it can be translated).
"""

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, dataclass_transform


class EtlMonitorError(Exception):
    """The root. `str(error)` is the message."""

    code: str

    def __init__(self, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: dict[str, Any] = dict(details or {})


class SettingError(EtlMonitorError):
    """A setting cannot be used. The message names the variable, the value and what is allowed."""


class PipelineError(EtlMonitorError):
    """A job cannot continue, for a reason in its input that a person can correct."""


class ApiError(EtlMonitorError):
    """The service rejects a request. Raised in the service, and again by its client."""

    status: int = 400


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


API_ERRORS: Mapping[int, type[ApiError]] = {
    kind.status: kind
    for kind in (BadRequest, Unauthorised, Forbidden, NotFound, Conflict, TooLarge)
}
"""The class of an API error by its HTTP status."""


class ServiceUnavailable(EtlMonitorError):
    """The service cannot be reached, or the reply is not that of an ETL service."""


class FeedDisconnected(EtlMonitorError):
    """The feed's connection ended or could not be made. The follower retries unless `final`.

    `retry_after`: seconds to wait, as the service requested.
    """

    def __init__(
        self, code: str, message: str, *, final: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(code, message)
        self.final = final
        self.retry_after = retry_after


@dataclass_transform(kw_only_default=True)
class TemplatedError(EtlMonitorError):
    """A row of a table of errors: each subclass has a `code` and a `template` of its message.

    The annotations of a subclass are its fields: keyword arguments of its constructor, values for
    the template, and its `details`.
    """

    template: ClassVar[str]

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)
        values = {name: getattr(self, name) for name in self.fields()}
        details = {self.detail_name(name): value for name, value in values.items()}
        super().__init__(
            self.code, self.template.format(**values, **self.computed_values()), details
        )

    def computed_values(self) -> Mapping[str, str]:
        """Return further values for the template, computed from the fields."""
        return {}

    @classmethod
    def detail_name(cls, field: str) -> str:
        """Return the name of a field in `details`."""
        return field

    @classmethod
    def fields(cls) -> tuple[str, ...]:
        """Return the names of the fields, in their order."""
        tables = [kind for kind in reversed(cls.__mro__) if issubclass(kind, TemplatedError)]
        return tuple(name for kind in tables[1:] for name in inspect.get_annotations(kind))
