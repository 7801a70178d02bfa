"""Clients that send conflicting requests at the same moment."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

from tests.support.eventually import eventually
from tests.support.racing import KIND, FinishLine
from tests.support.service_process import RunningService

WITHIN = 60.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    code: str
    job_id: str  # of the new job, or of the job because of which the request was rejected


class Contender:
    """A client with an open connection of its own.

    It uses plain `http.client`, since the second of two simultaneous requests must not wait for the
    program that sends the first.
    """

    def __init__(self, service: RunningService) -> None:
        self._service = service
        self._connection = HTTPConnection(urlsplit(service.base_url).netloc, timeout=WITHIN)

    def post(self, path: str, body: Any = None) -> Answer:
        return _answer(*self._request("POST", path, body))

    def delete(self, path: str) -> Answer:
        return _answer(*self._request("DELETE", path))

    def get(self, path: str) -> Any:
        status, body = self._request("GET", path)
        assert status == 200, body
        return body["data"]

    def upload(self, line: FinishLine) -> Any:
        form = {"testKind": KIND, "userId": "kim", "title": "A race"}
        files = {"file": ("port.json", line.file())}
        return self._service.data("POST", "/tests/results", data=form, files=files)

    def wait_for_end(self, job_id: str) -> str:
        def is_over() -> str:
            job = self.get(f"/etl/jobs/{job_id}")
            assert job["status"] not in ("pending", "running"), job
            return str(job["status"])

        return eventually(is_over, within=WITHIN)

    def close(self) -> None:
        self._connection.close()

    def _request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self._service.token}"}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        self._connection.request(method, path, content, headers)
        reply = self._connection.getresponse()
        return reply.status, json.loads(reply.read())


def _answer(status: int, body: Any) -> Answer:
    details = body["data"] if body["success"] else body["error"]["details"]
    code = "" if body["success"] else body["error"]["code"]
    return Answer(status=status, code=code, job_id=details.get("jobId", ""))


class Course:
    """A test, and two contenders that send requests about it."""

    def __init__(self, service: RunningService) -> None:
        self.first, self.second = Contender(service), Contender(service)
        self.line = FinishLine()
        self.test = self.first.upload(self.line)
        self.first_job: str = self.test["activeJob"]["jobId"]
        self._pool = ThreadPoolExecutor(2)

    def race(self, *requests: Callable[[], Any]) -> Sequence[Any]:
        """Make the requests at the same moment. Returns their results."""
        barrier = Barrier(len(requests))

        def start(request: Callable[[], Any]) -> Any:
            barrier.wait(timeout=WITHIN)
            return request()

        return list(self._pool.map(start, requests))

    def post(self, path: str, body: Any = None) -> Sequence[Answer]:
        """Send the same request from both contenders."""
        return self.race(lambda: self.first.post(path, body), lambda: self.second.post(path, body))

    def jobs(self) -> Any:
        """Return all jobs of the test, oldest first."""
        return self.first.get(f"/etl/jobs?testId={self.test['id']}&limit=1000")[::-1]

    def close(self) -> None:
        self._pool.shutdown()
        self.line.close()
        self.first.close()
        self.second.close()


def side_by_side(courses: Sequence[Course], run: Callable[[Course], None]) -> None:
    with ThreadPoolExecutor(len(courses)) as pool:
        list(pool.map(run, courses))
