"""Metrics, readiness and the log, as the operators of a service use them."""

import json
from collections.abc import Mapping
from typing import Any

import psutil
import pytest
import requests
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.operations.job_metrics import JobMetrics
from etl_monitor.service.storage.database import Database
from tests.support.eventually import eventually
from tests.support.people import Person
from tests.support.records import MINUTE, add_test, claim, progress
from tests.support.scripted import Script
from tests.support.service_process import RunningService

METRIC_TYPES = {
    "etl_monitor_build_info": "gauge",
    "etl_monitor_database_size_bytes": "gauge",
    "etl_monitor_database_up": "gauge",
    "etl_monitor_disk_free_bytes": "gauge",
    "etl_monitor_feed_events_kept": "gauge",
    "etl_monitor_feed_lag_events": "gauge",
    "etl_monitor_feed_position": "gauge",
    "etl_monitor_feed_subscribers": "gauge",
    "etl_monitor_job_duration_seconds": "histogram",
    "etl_monitor_job_step_duration_seconds": "histogram",
    "etl_monitor_job_wait_seconds": "histogram",
    "etl_monitor_jobs": "gauge",
    "etl_monitor_jobs_ended": "counter",
    "etl_monitor_pruned": "counter",
    "etl_monitor_queue_age_seconds": "gauge",
    "etl_monitor_leading": "gauge",
    "etl_monitor_queue_depth": "gauge",
    "etl_monitor_unreadable_records": "counter",
    "etl_monitor_request_duration_seconds": "histogram",
    "etl_monitor_requests": "counter",
    "etl_monitor_workers": "gauge",
    "etl_monitor_workers_alive": "gauge",
}


class Metrics:
    def __init__(self, service: RunningService) -> None:
        text = service.call("GET", "/metrics").text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}

    def __call__(self, name: str, **labels: str) -> float:
        """Return the sum of all samples with these labels."""
        return sum(sample.value for sample in self._samples(name) if _has(sample, labels))

    def _samples(self, name: str) -> list[Sample]:
        samples = [sample for family in self.families.values() for sample in family.samples]
        return [sample for sample in samples if sample.name == f"etl_monitor_{name}"]


def _has(sample: Sample, labels: Mapping[str, str]) -> bool:
    return labels.items() <= sample.labels.items()


def test_every_metric_has_a_type_and_a_help_text(service: RunningService) -> None:
    families = Metrics(service).families
    own = {name: family.type for name, family in families.items() if name.startswith("etl_monitor")}
    assert own == METRIC_TYPES
    assert all(families[name].documentation.endswith(".") for name in own)
    assert "process_resident_memory_bytes" in families or not psutil.LINUX


def test_ended_jobs_and_their_steps_are_counted_by_outcome(
    person: Person, service: RunningService
) -> None:
    before = Metrics(service)
    person.processed()
    person.processed(Script(fail=True))
    after = Metrics(service)

    def more(name: str, **labels: str) -> float:
        return after(name, **labels) - before(name, **labels)

    assert more("jobs_ended_total", outcome="completed", code="") == 1
    assert more("jobs_ended_total", outcome="failed", code="too_bad") == 1
    assert more("job_wait_seconds_count") == 2
    assert more("job_duration_seconds_count", outcome="failed") == 1
    assert more("job_duration_seconds_bucket", outcome="completed", le="+Inf") == 1
    assert more("job_step_duration_seconds_count", step="work", outcome="failed") == 1
    assert more("job_step_duration_seconds_count", step="prepare", outcome="completed") == 2
    assert more("job_step_duration_seconds_count", step="finish") == 1


def test_the_queue_and_the_feed_are_measured(person: Person, service: RunningService) -> None:
    gates = [person.upload_held()[1] for _ in range(2)]
    person.upload()
    feed = service.call("GET", "/etl/jobs/stream", stream=True)
    chunks = feed.iter_content(8)
    next(chunks)

    def is_measured() -> Metrics:
        metrics = Metrics(service)
        assert metrics("queue_depth") == metrics("jobs", status="pending") == 1
        assert metrics("queue_age_seconds") > 0
        assert metrics("jobs", status="running") == 2
        assert metrics("feed_subscribers") == 1
        assert metrics("feed_lag_events") <= metrics("feed_position")
        return metrics

    metrics = eventually(is_measured)
    assert metrics("feed_events_kept") == metrics("feed_position") > 0
    assert metrics("workers") == metrics("workers_alive") == 2
    assert metrics("database_size_bytes") > 10_000
    feed.close()
    for gate in gates:
        gate.touch()
    eventually(lambda: _is_quiet(Metrics(service)))


def _is_quiet(metrics: Metrics) -> None:
    assert metrics("queue_depth") == metrics("queue_age_seconds") == 0
    assert metrics("jobs", status="running") == metrics("feed_subscribers") == 0
    assert metrics("feed_lag_events") == 0


def test_requests_are_counted_by_route_and_status(service: RunningService) -> None:
    service.call("GET", "/etl/jobs/nobody")
    service.call("GET", "/nothing/here")
    metrics = Metrics(service)
    body = {"method": "GET", "route": "/etl/jobs/{jobId}", "status": "404"}
    assert metrics("requests_total", **body) >= 1
    assert metrics("requests_total", route="none", status="404") >= 1
    assert metrics("request_duration_seconds_count", route="/etl/jobs/{jobId}") >= 1
    assert metrics("requests_total", route="/etl/jobs/nobody") == 0


def test_unknown_methods_are_counted_as_one(service: RunningService) -> None:
    for number in range(20):
        assert service.call(f"ODD{number}", "/etl/jobs").status_code == 405
    text = service.call("GET", "/metrics").text
    assert "ODD" not in text
    assert Metrics(service)("requests_total", method="other", status="405") >= 20
    assert "ODD" not in service.log.read_text("utf-8")


def test_a_long_name_is_truncated_in_the_log(service: RunningService) -> None:
    reply = service.call("POST", f"/etl/jobs/{'x' * 10_000}/retry")
    assert not reply.ok
    log = [line for line in _log(service) if line.get("request_id") == _id(reply)]
    assert log
    assert all(len(line.get("job_id", "")) <= 200 for line in log)


def _id(reply: requests.Response) -> str:
    return reply.headers["X-Request-Id"]


def test_only_jobs_that_ended_since_the_start_are_counted(db: Database) -> None:
    registry = CollectorRegistry()
    with db.writing() as tx:
        add_test(tx)
        lifecycle.complete(tx, claim(tx).job_id, "w")
        job_metrics = JobMetrics(registry, after=event_log.position(tx))
        job_id = add_test(tx).job_id
        claim(tx)
        lifecycle.advance(tx, job_id, "w", progress(1, 10, 10))
        lifecycle.complete(tx, job_id, "w")
        waiting = add_test(tx)
        lifecycle.request_cancel(tx, waiting.job_id, by="kim", reason=None, deadline=MINUTE)
        for _ in range(2):
            job_metrics.catch_up(tx)

    def sample(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"etl_monitor_{name}", labels)

    assert sample("job_duration_seconds_count", outcome="completed") == 1
    assert sample("job_duration_seconds_count", outcome="cancelled") is None, "it never ran"
    assert sample("jobs_ended_total", outcome="cancelled", code="") == 1


def test_readiness_lists_its_checks(service: RunningService) -> None:
    checks = service.data("GET", "/readyz")["checks"]
    assert checks.keys() == {"database", "engine", "feed", "housekeeper", "disk", "test_kinds"}
    assert checks["engine"]["message"] == "2 of 2 workers alive"
    assert all(check["ok"] and check["message"] for check in checks.values())


def test_the_log_connects_a_job_with_its_request(person: Person) -> None:
    headers = {"X-Request-Id": f"mine.{person.user_id}"}
    test = person.processed()
    body = {"userId": person.user_id, "anpSeq": 1, "forceReprocess": True}
    reply = person.service.call("POST", "/etl/process", json=body, headers=headers)
    job_id = reply.json()["data"]["jobId"]
    person.job_becomes(job_id, "completed")
    assert reply.headers["X-Request-Id"] == headers["X-Request-Id"]
    log = _log(person.service)
    of_request = [line for line in log if line.get("request_id") == headers["X-Request-Id"]]
    assert {line["event"] for line in of_request} == {"action_finished", "request_finished"}
    (entry,) = [line for line in of_request if line["event"] == "action_finished"]
    assert (entry["new_job_id"], entry["test_id"], entry["action"]) == (
        job_id,
        test["id"],
        "process",
    )
    assert (entry["actor"], entry["role"], entry["refused"]) == ("admin", "admin", None)
    of_job = {line["event"]: line for line in _log(person.service) if line.get("job_id") == job_id}
    assert of_job.keys() == {"job_claimed", "job_finished"}
    assert (of_job["job_finished"]["status"], of_job["job_finished"]["code"]) == ("completed", None)


def test_a_rejected_request_is_logged(person: Person) -> None:
    test = person.processed()
    path = f"/etl/jobs/{test['lastJob']['jobId']}/cancel"
    reply = person.service.call("POST", path, json={"reason": "the secret of a person"})
    request_id = reply.headers["X-Request-Id"]
    log = [line for line in _log(person.service) if line.get("request_id") == request_id]
    (entry,) = [line for line in log if line["event"] == "action_finished"]
    assert entry["refused"] == "job_not_cancellable"
    (request,) = [line for line in log if line["event"] == "request_finished"]
    assert (request["status"], request["job_id"]) == (409, test["lastJob"]["jobId"])
    assert "the secret of a person" not in person.service.log.read_text("utf-8")


@pytest.mark.parametrize("sent", ["", "with blanks in it", "x" * 65, '"}{'])
def test_an_unusual_request_id_is_replaced(service: RunningService, sent: str) -> None:
    headers = {"X-Request-Id": sent}
    reply_headers = requests.get(f"{service.base_url}/healthz", headers=headers, timeout=30).headers
    assert len(reply_headers["X-Request-Id"]) == 32


def test_every_log_line_is_json_with_time_level_and_event(service: RunningService) -> None:
    for line in _log(service):
        assert line.keys() >= {"at", "level", "event", "logger"}


def _log(service: RunningService) -> list[Any]:
    return [json.loads(line) for line in service.log.read_text("utf-8").splitlines()]
