"""A person who uses a service: uploads answer files and follows their jobs."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.support.eventually import eventually
from tests.support.scripted import KIND, Script
from tests.support.service_process import RunningService

# The steps that wait for a gate, in the scripted pipeline and in the staged one.
AT_THE_GATE = {"work", "score"}

_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Person:
    service: RunningService
    user_id: str
    folder: Path
    gates: list[Path] = field(default_factory=list)

    def upload(self, script: Script | None = None, **form: str) -> Any:
        """Upload a file. Returns the new test result."""
        content = (script or Script()).file()
        fields = {"testKind": KIND, "userId": self.user_id, "title": "A test"} | form
        files = {"file": ("answers.json", content)}
        return self.service.data("POST", "/tests/results", data=fields, files=files)

    def upload_held(self, *, kind: str = KIND, **script: Any) -> tuple[Any, Path]:
        """Upload a test and wait until its job is at a gate, a file that lets the job go on."""
        gate = self.folder / f"gate-{next(_numbers)}"
        test = self.upload(Script(gate=str(gate), **script), testKind=kind)
        self.job_is_held(test["activeJob"]["jobId"])
        return test, gate

    def job_is_held(self, job_id: str) -> None:
        """Wait until the job is in its held step: between two steps a cancel would end it."""

        def is_at_the_gate() -> None:
            assert self.job(job_id)["currentStep"] in AT_THE_GATE

        eventually(is_at_the_gate, within=60)

    def job(self, job_id: str) -> Any:
        return self.service.data("GET", f"/etl/jobs/{job_id}")

    def test(self, test_id: str) -> Any:
        return self.service.data("GET", f"/tests/results/{test_id}")

    def job_becomes(self, job_id: str, status: str, within: float = 60.0) -> Any:
        def has_become() -> Any:
            job = self.job(job_id)
            assert job["status"] == status, job
            return job

        return eventually(has_become, within=within)

    def processed(self, script: Script | None = None, **form: str) -> Any:
        """Upload a test and wait for the end of its first job. Returns the test as of then."""
        test = self.upload(script, **form)
        job_id = (test["activeJob"] or test["lastJob"])["jobId"]  # the job may have ended already

        def is_over() -> Any:
            now = self.test(test["id"])
            assert now["activeJob"] is None, self.job(job_id)
            return now

        return eventually(is_over, within=60)
