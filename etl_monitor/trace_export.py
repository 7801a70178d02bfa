"""What `tracing` does if it is on: spans, sent over OTLP/HTTP by a thread of their own.

A collector that does not answer delays nothing: spans wait in a queue of bounded length, which
drops the oldest ones, and the process ends without sending the rest.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from etl_monitor.errors import EtlMonitorError
from etl_monitor.version import VERSION

_EXPORT_INTERVAL = 1000  # milliseconds; what a killed process has not sent is lost

_HEADER = "traceparent"

_log = logging.getLogger(__name__)
_propagator = TraceContextTextMapPropagator()


class Spans:
    def __init__(self, program: str) -> None:
        """Raises ValueError if one of OpenTelemetry's variables cannot be used."""
        # The library logs each failed attempt, and headers that it cannot read, which are secret.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)
        resource = Resource.create({"service.name": program, "service.version": VERSION})
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = _WatchedExporter(OTLPSpanExporter())
        provider.add_span_processor(
            BatchSpanProcessor(exporter, schedule_delay_millis=_EXPORT_INTERVAL)
        )
        self._tracer = provider.get_tracer("etl_monitor", VERSION)

    @contextmanager
    def span(
        self, name: str, parent: str | None, attributes: Mapping[str, str | int]
    ) -> Iterator[None]:
        context = _propagator.extract({_HEADER: parent}) if parent else None
        with self._tracer.start_as_current_span(
            name,
            context=context,
            attributes=_named(attributes),
            record_exception=False,
            set_status_on_exception=False,
        ):
            try:
                yield
            except BaseException as error:
                self.fail(_code(error))
                raise

    def traceparent(self) -> str | None:
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        return carrier.get(_HEADER)

    def describe(self, name: str, attributes: Mapping[str, str | int]) -> None:
        current = trace.get_current_span()
        current.update_name(name)
        current.set_attributes(_named(attributes))

    def fail(self, code: str) -> None:
        trace.get_current_span().set_status(trace.Status(trace.StatusCode.ERROR, code))


def _named(attributes: Mapping[str, str | int]) -> dict[str, str | int]:
    return {f"etl_monitor.{key}": value for key, value in attributes.items()}


def _code(error: BaseException) -> str:
    """Return a code, or the name of a class. Not the code of SystemExit: that may be any text."""
    return str(error.code) if isinstance(error, EtlMonitorError) else type(error).__name__


class _WatchedExporter(SpanExporter):
    """Logs one line when spans cannot be sent, and one when they can again."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._is_away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        reason = ""
        try:
            result = self._exporter.export(spans)
        except Exception as error:  # noqa: BLE001  # such as an address that is none
            result, reason = SpanExportResult.FAILURE, type(error).__name__
        is_away = result is not SpanExportResult.SUCCESS
        if is_away and not self._is_away:
            _log.warning("traces_outage_began", extra={"reason": reason or "no answer"})
        elif self._is_away and not is_away:
            _log.info("traces_outage_ended")
        self._is_away = is_away
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)
