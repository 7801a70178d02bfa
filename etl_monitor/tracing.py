"""Traces for OpenTelemetry: one for each command, from a person's click to the steps in a worker.

They are on if `OTEL_EXPORTER_OTLP_ENDPOINT` is set. If it is not, nothing is imported, and `span`
does nothing. The packages are the extra `tracing`; only `trace_export` imports them.
"""

import logging
import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etl_monitor.trace_export import Spans

HEADER = "traceparent"

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

_log = logging.getLogger(__name__)
_spans: "Spans | None" = None


def start(program: str) -> None:
    """Send the spans of this process in the name of `program`, if the variable is set.

    What prevents this is logged, and the program goes on without traces.
    """
    global _spans  # one for each process
    if not os.environ.get(_ENDPOINT):
        return
    try:
        from etl_monitor.trace_export import Spans

        _spans = Spans(program)
    except Exception as error:  # noqa: BLE001  # a package is missing, or a variable is unusable
        _log.warning("tracing_unavailable", extra={"reason": f"{type(error).__name__}: {error}"})


def is_on() -> bool:
    return _spans is not None


def span(
    name: str, *, parent: str | None = None, **attributes: str | int
) -> AbstractContextManager[None]:
    """Run a block as a span, within the current one or within `parent`, a `traceparent`.

    An error ends the span with the error's code; its message may contain people's data.
    """
    return nullcontext() if _spans is None else _spans.span(name, parent, attributes)


def traceparent() -> str | None:
    """Return the current span, for a header or a record; None if there is none."""
    return None if _spans is None else _spans.traceparent()


def describe(name: str, **attributes: str | int) -> None:
    """Give the current span the name and the attributes that are known only now."""
    if _spans is not None:
        _spans.describe(name, attributes)


def fail(code: str) -> None:
    """Mark the current span as failed."""
    if _spans is not None:
        _spans.fail(code)
