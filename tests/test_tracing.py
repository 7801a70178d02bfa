"""Without `OTEL_EXPORTER_OTLP_ENDPOINT` there are no traces, and nothing is imported for them."""

import subprocess
import sys

import pytest

from etl_monitor import tracing
from tests.support.service_process import ROOT

IMPORTED = """
import sys
from etl_monitor import tracing
from etl_monitor.portal import lifespan
from etl_monitor.service.engines import worker
tracing.start("etl-worker")
with tracing.span("job", job_id="4f2a"):
    print(tracing.is_on(), tracing.traceparent())
print([name for name in sys.modules if name.startswith("opentelemetry")])
from etl_monitor.service import start  # FastAPI brings the interface, but no SDK
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exp"))])
"""
STARTED = """
import logging
from etl_monitor import tracing
logging.basicConfig()
tracing.start("etl-service")
print(tracing.is_on())
"""
WITHOUT_PACKAGES = "import sys; sys.modules['opentelemetry.sdk'] = None" + STARTED


def _printed(script: str, endpoint: str | None, **variables: str) -> tuple[list[str], str]:
    environment = {} if endpoint is None else {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint} | variables
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.splitlines(), done.stderr


def test_without_an_endpoint_nothing_is_imported() -> None:
    assert _printed(IMPORTED, None)[0] == ["False None", "[]", "[]"]


def test_without_the_packages_a_line_says_so() -> None:
    printed, log = _printed(WITHOUT_PACKAGES, "http://127.0.0.1:9")
    assert printed == ["False"]
    assert "tracing_unavailable" in log


def test_a_variable_that_cannot_be_used_stops_nothing() -> None:
    unusable = {"OTEL_EXPORTER_OTLP_TIMEOUT": "soon", "OTEL_BSP_MAX_QUEUE_SIZE": "-1"}
    printed, log = _printed(STARTED, "http://127.0.0.1:9", **unusable)
    assert printed == ["False"]
    assert "tracing_unavailable" in log


def test_a_span_that_is_off_passes_errors_on() -> None:
    with pytest.raises(ZeroDivisionError), tracing.span("job"):
        raise ZeroDivisionError
