"""A service with 256 descriptors goes on, whatever connects to it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from etl_monitor.service.events import event_log
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.open import open_database
from etl_monitor.sse import ServerSentEvent, read_events
from tests.support.eventually import eventually
from tests.support.half_open import BEGINNINGS, half_open_requests
from tests.support.service_process import RunningService, running_service

pytestmark = pytest.mark.long

DESCRIPTORS = 256
MANY = 300


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data_dir = tmp_path_factory.mktemp("limited") / "data"
    environment = {"ETL_MONITOR_WORKERS": "1"}
    with running_service(data_dir, env=environment, descriptors=DESCRIPTORS) as running:
        yield running
        log = running.log.read_text(encoding="utf-8")
        assert "Traceback" not in log
        assert log.count("connections_turned_away") <= 10  # one a minute


def _open_feed(service: RunningService) -> requests.Response:
    """Return the reply, from a connection of its own."""
    headers = {"Authorization": f"Bearer {service.token}"}
    return requests.get(
        service.base_url + "/etl/jobs/stream", headers=headers, stream=True, timeout=60
    )


def _append(service: RunningService, text: str) -> None:
    with open_database(Folders(root=service.data_dir)) as db, db.writing() as tx:
        event_log.append(tx, "job_progress", json.dumps({"text": text}), job_id="j")


def _next_event(feed: requests.Response) -> ServerSentEvent:
    return next(iter(read_events(feed.iter_content(None))))


def _is_served(service: RunningService) -> None:
    try:
        reply = requests.get(service.base_url + "/healthz", timeout=30)
    except requests.ConnectionError as error:
        raise AssertionError from error
    assert reply.status_code == 200


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_half_open_requests_make_room(service: RunningService, beginning: bytes) -> None:
    with (
        _open_feed(service) as feed,
        half_open_requests(service.base_url, beginning, MANY),
    ):
        eventually(lambda: _is_served(service), within=60)
        _append(service, "still here")
        assert json.loads(_next_event(feed).data) == {"text": "still here"}


def test_at_the_limit_new_feeds_get_503_and_the_others_go_on(service: RunningService) -> None:
    eventually(lambda: _is_served(service), within=60)
    with ExitStack() as stack:
        feeds: list[requests.Response] = []
        while True:
            reply = stack.enter_context(_open_feed(service))
            if reply.status_code != 200:
                break
            feeds.append(reply)
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "too_many_connections")
        assert reply.headers["Retry-After"] == "5"
        assert len(feeds) > DESCRIPTORS // 3
        _append(service, "for all")
        for feed in feeds:
            assert json.loads(_next_event(feed).data) == {"text": "for all"}
    eventually(lambda: _is_served(service), within=60)
