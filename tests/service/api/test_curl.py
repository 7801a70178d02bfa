"""`python -m etl_monitor.service`, called with `curl`, behaves as docs/wire.md says."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.eventually import eventually
from tests.support.scripted import SETTING, Script
from tests.support.service_process import RunningService, running_service


@dataclass(frozen=True, kw_only=True)
class Curl:
    service: RunningService

    def __call__(self, path: str, *arguments: str) -> tuple[int, Any]:
        """Return status and JSON body of a reply."""
        output = self.run("-w", "\n%{http_code}", *arguments, self.service.base_url + path)
        body, _, status = output.rpartition("\n")
        return int(status), json.loads(body)

    def run(self, *arguments: str, token: str | None = None) -> str:
        bearer = f"Authorization: Bearer {token or self.service.token}"
        return subprocess.run(
            ["curl", "-sS", "-H", bearer, *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
        ).stdout

    def post(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        arguments = () if body is None else ("--json", json.dumps(body))
        return self(path, "-X", "POST", *arguments)

    def job_becomes(self, job_id: str, status: str) -> Any:
        def has_become() -> Any:
            _, reply = self(f"/etl/jobs/{job_id}")
            assert reply["data"]["status"] == status
            return reply["data"]

        return eventually(has_become, within=30)


@pytest.fixture(scope="module")
def curl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Curl]:
    if shutil.which("curl") is None:
        missing = "no curl on this machine (apt-get install curl)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    data_dir = tmp_path_factory.mktemp("curl") / "data"
    with running_service(data_dir, env=SETTING) as service:
        yield Curl(service=service)


def upload(curl: Curl, folder: Path, script: Script) -> Any:
    file = folder / "answers.json"
    file.write_bytes(script.file())
    form = {"file": f"@{file}", "testKind": "scripted", "userId": "kim", "title": "with curl"}
    fields = [part for name, value in form.items() for part in ("-F", f"{name}={value}")]
    status, reply = curl("/tests/results", *fields)
    assert (status, reply["success"]) == (201, True)
    return reply["data"]


def feed_events(curl: Curl, *arguments: str, until: str) -> dict[int, tuple[str, Any]]:
    """Return what `curl -N` prints of the feed up to the first event named `until`, by position."""
    command = ["curl", "-sSN", "-H", f"Authorization: Bearer {curl.service.token}", *arguments]
    events: dict[int, tuple[str, Any]] = {}
    with subprocess.Popen(
        [*command, "--max-time", "60", f"{curl.service.base_url}/etl/jobs/stream"],
        stdout=subprocess.PIPE,
        text=True,
    ) as feed:
        assert feed.stdout is not None
        fields: dict[str, str] = {}
        for line in feed.stdout:
            name, _, value = line.rstrip("\n").partition(": ")
            if line != "\n":
                fields[name] = value
                continue
            if "data" in fields:
                events[int(fields["id"])] = fields["event"], json.loads(fields["data"])
                if fields["event"] == until:
                    feed.kill()
                    return events
            fields = {}
    raise AssertionError(f"the feed ended without {until}: {events}")


def test_cancel_retry_and_resume(curl: Curl, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    test = upload(curl, tmp_path, Script(gate=str(gate)))
    first = test["activeJob"]["jobId"]
    curl.job_becomes(first, "running")

    status, reply = curl.post(f"/etl/jobs/{first}/cancel", {"reason": "not today"})
    assert (status, set(reply["data"])) == (202, {"message"})
    assert curl.job_becomes(first, "cancelled")["cancelReason"] == "not today"
    status, reply = curl.post(f"/etl/jobs/{first}/cancel")
    assert (status, reply["error"]["code"]) == (409, "job_not_cancellable")

    status, reply = curl.post(f"/etl/jobs/{first}/retry")
    second = reply["data"]["jobId"]
    assert (status, set(reply["data"])) == (202, {"jobId", "status", "message"})
    assert second != first
    status, reply = curl.post(f"/etl/jobs/{first}/retry")
    assert (status, reply["error"]["code"]) == (409, "test_already_processing")
    assert reply["error"]["details"]["jobId"] == second
    gate.touch()
    done = curl.job_becomes(second, "completed")
    assert (done["retryOf"], done["rootId"], done["attempt"]) == (first, first, 2)

    events = feed_events(curl, "-H", "Last-Event-ID: 0", until="job_completed")
    assert list(events) == list(range(1, len(events) + 1)), "from the first event on, without a gap"
    half = len(events) // 2
    rest = feed_events(curl, "-H", f"Last-Event-ID: {half}", until="job_completed")
    assert rest == {position: event for position, event in events.items() if position > half}


def test_process(curl: Curl, tmp_path: Path) -> None:
    test = upload(curl, tmp_path, Script())
    curl.job_becomes(test["activeJob"]["jobId"], "completed")
    body = {"userId": "kim", "anpSeq": test["anpSeq"]}
    status, reply = curl.post("/etl/process", body)
    assert (status, reply["error"]["code"]) == (409, "already_processed")
    status, reply = curl.post("/etl/process", body | {"forceReprocess": True})
    assert (status, set(reply["data"])) == (202, {"jobId", "status", "message"})
    curl.job_becomes(reply["data"]["jobId"], "completed")
    status, reply = curl.post("/etl/process", body | {"anpSeq": 999_999})
    assert (status, reply["error"]["code"]) == (404, "test_not_found")
    status, reply = curl.post("/etl/process", body | {"sudo": True})
    assert (status, reply["success"]) == (422, False)


def test_lists(curl: Curl, tmp_path: Path) -> None:
    test = upload(curl, tmp_path, Script())
    curl.job_becomes(test["activeJob"]["jobId"], "completed")
    headers = curl.run("-D", "-", "-o", "/dev/null", f"{curl.service.base_url}/etl/jobs").lower()
    assert "x-total-count: " in headers
    assert "x-last-event-id: " in headers
    status, reply = curl(f"/tests/results/{test['id']}")
    assert (status, reply["data"]["status"], reply["data"]["activeJob"]) == (200, "completed", None)
    output = curl.run(f"{curl.service.base_url}/etl/jobs", token="wrong")
    assert json.loads(output)["error"]["code"] == "unauthorised"
