"""People who ask a service for the same thing at the same moment."""

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
    job_id: str  # the new job's, or that of the one that stands in the way


class Contender:
    """Somebody with a connection of their own that stays open. Plain `http.client`: of two requests
    at the same moment, the second must not wait for the program that sends the first."""

    def __init__(self, service: RunningService) -> None:
        self._service = service
        self._line = HTTPConnection(urlsplit(service.base_url).netloc, timeout=WITHIN)

    def post(self, path: str, body: Any = None) -> Answer:
        return _answer(*self._ask("POST", path, body))

    def delete(self, path: str) -> Answer:
        return _answer(*self._ask("DELETE", path))

    def get(self, path: str) -> Any:
        status, told = self._ask("GET", path)
        assert status == 200, told
        return told["data"]

    def upload(self, line: FinishLine) -> Any:
        form = {"testKind": KIND, "userId": "kim", "title": "A race"}
        files = {"file": ("port.json", line.file())}
        return self._service.data("POST", "/tests/results", data=form, files=files)

    def sees_end(self, job_id: str) -> str:
        def is_over() -> str:
            job = self.get(f"/etl/jobs/{job_id}")
            assert job["status"] not in ("pending", "running"), job
            return str(job["status"])

        return eventually(is_over, within=WITHIN)

    def close(self) -> None:
        self._line.close()

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self._service.token}"}
        sent = None if body is None else json.dumps(body).encode()
        if sent is not None:
            headers["Content-Type"] = "application/json"
        self._line.request(method, path, sent, headers)
        reply = self._line.getresponse()
        return reply.status, json.loads(reply.read())


def _answer(status: int, told: Any) -> Answer:
    found = told["data"] if told["success"] else told["error"]["details"]
    code = "" if told["success"] else told["error"]["code"]
    return Answer(status=status, code=code, job_id=found.get("jobId", ""))


class Course:
    """A test of its own, and two contenders for it."""

    def __init__(self, service: RunningService) -> None:
        self.one, self.other = Contender(service), Contender(service)
        self.line = FinishLine()
        self.test = self.one.upload(self.line)
        self.first_job: str = self.test["activeJob"]["jobId"]
        self._pool = ThreadPoolExecutor(2)

    def race(self, *asks: Callable[[], Any]) -> Sequence[Any]:
        barrier = Barrier(len(asks))

        def ask(one: Callable[[], Any]) -> Any:
            barrier.wait(timeout=WITHIN)
            return one()

        return list(self._pool.map(ask, asks))

    def post(self, path: str, body: Any = None) -> Sequence[Answer]:
        """Both at once."""
        return self.race(lambda: self.one.post(path, body), lambda: self.other.post(path, body))

    def jobs(self) -> Any:
        """All of the test's, the oldest first."""
        return self.one.get(f"/etl/jobs?testId={self.test['id']}&limit=1000")[::-1]

    def close(self) -> None:
        self._pool.shutdown()
        self.line.close()
        self.one.close()
        self.other.close()


def side_by_side(courses: Sequence[Course], run: Callable[[Course], None]) -> None:
    with ThreadPoolExecutor(len(courses)) as people:
        list(people.map(run, courses))
