"""A small collector of OpenTelemetry's traces (OTLP over HTTP) in the tests' process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from tests.support.eventually import eventually


@dataclass(frozen=True, kw_only=True)
class CollectedSpan:
    """`parent` is the id of the span that it is within, "" for the first one of a trace."""

    program: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    error: str


@dataclass(frozen=True, kw_only=True)
class Collector:
    """`url` is the value of `OTEL_EXPORTER_OTLP_ENDPOINT`. Without `answers` requests wait."""

    url: str
    answers: threading.Event = field(default_factory=threading.Event)
    bodies: list[bytes] = field(default_factory=list)
    spans: list[CollectedSpan] = field(default_factory=list)

    def of_trace(self, trace: str) -> list[CollectedSpan]:
        return [span for span in list(self.spans) if span.trace == trace]


@contextmanager
def running_collector() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.answers.wait()
            with suppress(ConnectionError):  # the sender has given up
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
            collector.bodies.append(body)
            collector.spans.extend(_spans(ExportTraceServiceRequest.FromString(body)))

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(url=f"http://127.0.0.1:{server.server_port}")
    collector.answers.set()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        collector.answers.set()
        server.shutdown()
        server.server_close()
        thread.join()


def wait_for_run(collector: Collector, job_id: str) -> CollectedSpan:
    """Wait for the worker's span of this job."""

    def is_there() -> CollectedSpan:
        runs = [span for span in list(collector.spans) if span.name == "run job"]
        run = next((r for r in runs if r.attributes["etl_monitor.job_id"] == job_id), None)
        assert run is not None
        return run

    return eventually(is_there, within=60)


def way_to(collector: Collector, run: CollectedSpan) -> list[tuple[str, str]]:
    """Return program and name of the span, and of those that it is within, once all have come."""

    def is_whole() -> list[tuple[str, str]]:
        spans = {span.id: span for span in collector.of_trace(run.trace)}
        way = [run]
        while way[-1].parent:
            assert way[-1].parent in spans
            way.append(spans[way[-1].parent])
        return [(span.program, span.name) for span in way]

    return eventually(is_whole, within=60)


def _spans(request: ExportTraceServiceRequest) -> Iterator[CollectedSpan]:
    for resource in request.resource_spans:
        names = {item.key: item.value.string_value for item in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield CollectedSpan(
                    program=names["service.name"],
                    name=span.name,
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    attributes={item.key: _text(item.value) for item in span.attributes},
                    error=span.status.message,
                )


def _text(value: AnyValue) -> str:
    kind = value.WhichOneof("value")
    return str(getattr(value, kind)) if kind else ""
