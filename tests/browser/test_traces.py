"""One trace for a job: from the click in the portal to the steps in the worker."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import jobs, row
from tests.support.people import Person
from tests.support.portal_process import running_portal
from tests.support.scripted import KIND, SETTING, Script
from tests.support.service_process import running_service
from tests.support.trace_collector import Collector, running_collector, wait_for_run, way_to

STEPS = {"prepare", "work", "finish"}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with running_collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("traced")
    export = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_TIMEOUT": "6",  # seconds; for each span in turn too long for the page
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true",  # its spans would contain `?token=`
    }
    with running_service(
        folder / "data", env=SETTING | export | {"ETL_MONITOR_WORKERS": "1"}
    ) as service:
        where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
        with running_portal(folder, environment=where | export) as portal:
            person = Person(service=service, user_id="kim", folder=folder)
            yield House(portal=portal, service=service, person=person)


def _reprocess(page: Page, title: str) -> None:
    row(page, title).get_by_role("button", name=f"Reprocess {title}").click()
    page.get_by_role("dialog").get_by_role("button", name="Reprocess").click()


def _newest_job(house: House) -> str:
    job_id: str = house.service.data("GET", "/etl/jobs")[0]["jobId"]
    return job_id


def test_a_click_a_request_and_a_job_are_in_the_same_trace(
    traced: House, collector: Collector, open_page: OpenPage
) -> None:
    traced.person.processed(title="Traced")
    page = open_page(f"{traced.portal.url}/?lang=en")
    _reprocess(page, "Traced")
    expect(jobs(page, status="completed")).to_have_count(2)
    run = wait_for_run(collector, _newest_job(traced))
    assert way_to(collector, run) == [
        ("etl-worker", "run job"),
        ("etl-service", "create job"),
        ("etl-service", "POST /etl/process"),
        ("etl-portal", "POST /etl/process"),
    ]
    spans = collector.of_trace(run.trace)
    assert {span.name for span in spans if span.parent == run.id} == STEPS


def test_a_failed_job_has_the_code_of_its_error_and_no_message(
    traced: House, collector: Collector
) -> None:
    test = traced.person.upload(Script(fail=True), title="Failing")
    run = wait_for_run(collector, (test["activeJob"] or test["lastJob"])["jobId"])
    way_to(collector, run)
    errors = {span.name: span.error for span in collector.of_trace(run.trace) if span.error}
    assert errors == {"run job": "too_bad", "work": "too_bad"}


def test_a_trace_of_another_program_goes_on(traced: House, collector: Collector) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    files = {"file": ("answers.json", Script().file())}
    form = {"testKind": KIND, "userId": "lee", "title": "From a program"}
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    test = traced.service.data("POST", "/tests/results", data=form, files=files, headers=headers)
    job_id = (test["activeJob"] or test["lastJob"])["jobId"]
    assert wait_for_run(collector, job_id).trace == trace


def test_spans_have_no_token_and_nothing_of_people(traced: House, collector: Collector) -> None:
    address = f"/etl/jobs/unknown/cancel?token={traced.service.token}"
    traced.service.call("POST", address, headers={"Authorization": ""})
    traced.person.processed(title="Of Kim")
    wait_for_run(collector, _newest_job(traced))
    sent = b"".join(collector.bodies)
    for secret in (traced.service.token, "Of Kim", "Traced", "kim", "lee", "The answers are"):
        assert secret.encode() not in sent, secret
    attributes = {name for span in collector.spans for name in span.attributes}
    assert attributes == {"etl_monitor.job_id", "etl_monitor.status"}


def test_a_collector_that_does_not_answer_holds_up_no_page_and_no_job(
    traced: House, collector: Collector, open_page: OpenPage
) -> None:
    traced.person.processed(title="Waiting")
    page = open_page(f"{traced.portal.url}/?lang=en&q=Waiting")
    completed = len(traced.service.data("GET", "/etl/jobs?status=completed"))
    collector.answers.clear()
    try:
        expect(jobs(page, status="completed")).to_have_count(completed)
        _reprocess(page, "Waiting")
        expect(jobs(page, status="completed")).to_have_count(completed + 1)
        logs = (traced.portal.log, traced.service.log)

        def is_noticed() -> None:
            for log in logs:
                assert '"traces_outage_began"' in log.read_text("utf-8")

        eventually(is_noticed, within=60)
    finally:
        collector.answers.set()
    traced.person.processed(title="Later")
    wait_for_run(collector, _newest_job(traced))
