"""The portal's metrics and its log."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from etl_monitor import monitoring
from etl_monitor.monitoring import Monitoring
from etl_monitor.portal import metrics
from etl_monitor.settings import Settings
from tests.support.eventually import eventually
from tests.support.portal_process import ROOT, running_portal
from tests.support.scripted_server import HOLD, RESET, ScriptedServer, reply, status, stream
from tests.support.service_process import running_service

DOCUMENT = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
TOKEN = "s3cret-of-this-test"
JOB = {"jobId": "한-job", "status": "running", "progress": 10, "title": "a user's title"}
AT = "2026-03-01T00:00:00Z"


def event(position: int, percent: int) -> bytes:
    data = json.dumps({"jobId": JOB["jobId"], "progress": percent, "updatedAt": AT})
    return f"id: {position}\nevent: job_progress\ndata: {data}\n\n".encode()


Values = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Values:
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation for family in families)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on("/etl/jobs", reply([JOB], x_last_event_id="5", x_total_count="1"))
        first = stream(event(6, 20), event(6, 20), RESET)
        server.on("/etl/jobs/stream", first, status(503), stream(event(7, 30), HOLD))
        yield server


@pytest.fixture
def current(server: ScriptedServer) -> Iterator[Monitoring]:
    settings = Settings(reconnect_interval=0.01)
    opened = monitoring.open_monitoring(server.address, TOKEN, settings)
    yield opened
    opened.close()


def test_the_feeds_history_is_in_the_metrics(current: Monitoring) -> None:
    assert current.wait_until(lambda seen: seen.position == "7", 10)
    text = metrics.text().decode()
    values = read(text)

    def value(name: str, **labels: str) -> float:
        return values[f"etl_monitor_{name}", tuple(sorted(labels.items()))]

    assert value("feed_events_total", kind="job_progress") == 3
    assert value("feed_duplicates_total") == 1
    assert value("feed_breaks_total", reason="reset") == 1
    assert value("feed_breaks_total", reason="http_503") == 1
    assert value("feed_reconnects_total", reason="http_503") == 1
    assert value("feed_resyncs_total") == value("feed_gaps_total") == 0
    assert value("feed_connection", state="live") == 1
    assert value("feed_connection", state="reconnecting") == 0
    assert value("feed_lag_seconds") > 0
    assert 0 <= value("feed_silence_seconds") < 60
    assert value("followed_position") == 7
    assert value("store_jobs", status="running") == 1
    assert value("store_bytes") > 1000
    assert value("service_calls_total", method="GET", call="/etl/jobs", outcome="ok") == 1
    assert value("threads") == threading.active_count()
    assert value("event_to_screen_seconds_count") >= 0
    for secret in (TOKEN, "한", "user's title"):
        assert secret not in text


def test_before_a_service_is_followed_there_are_metrics_of_the_process() -> None:
    names = {name for name, _ in read(metrics.text().decode())}
    assert "etl_monitor_threads" in names
    assert "etl_monitor_feed_connection" not in names
    assert all(name.startswith(("etl_monitor_", "process_")) for name in names)


def test_each_metric_of_both_programs_is_documented(current: Monitoring, tmp_path: Path) -> None:
    assert current.wait_until(lambda seen: seen.position == "7", 10)
    with running_service(tmp_path / "data") as service:
        text = metrics.text().decode() + service.call("GET", "/metrics").text
    names = set(re.findall(r"^# TYPE (etl_monitor_\w+)", text, re.MULTILINE))
    assert len(names) > 30
    assert sorted(name for name in names if f"`{name}" not in DOCUMENT) == []


def test_metrics_on_the_portals_port_and_its_log(server: ScriptedServer, tmp_path: Path) -> None:
    environment = {"ETL_MONITOR_API_URL": server.address, "ETL_MONITOR_API_TOKEN": TOKEN}
    environment |= {"ETL_MONITOR_RECONNECT_INTERVAL": "0.05"}
    with running_portal(tmp_path, environment=environment) as portal:

        def is_live() -> None:
            response = requests.get(f"{portal.url}/metrics", timeout=30)
            assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            values = read(response.text)
            assert values.get(("etl_monitor_followed_position", ())) == 7
            assert values["etl_monitor_sessions", ()] == 0

        eventually(is_live, within=20)
    log = portal.log.read_text(encoding="utf-8")
    assert TOKEN not in log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"feed_live", "feed_broke", "portal_started"} <= {line["event"] for line in lines}
    broke = [line["reason"] for line in lines if line["event"] == "feed_broke"]
    assert broke == ["reset", "http_503"]
    assert all({"at", "level", "logger"} <= line.keys() for line in lines)
