"""The table of the service's errors: code, HTTP status, message and details of each.

Programs and translations depend on the code and the details. Details are camelCase, as everywhere
on the wire, except those of a code that the pipeline has too. `docs/wire.md` lists this table.

An answer file that the pipeline rejects is a 400 with the pipeline's own code and details (see
`etl_monitor.pipeline.errors`). The service itself checks for `EmptyFile` and `UnknownTestKind`,
because a company's pipeline may not, and reports `ExcelWorkbook` if the rejected file is one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.alias_generators import to_camel

from etl_monitor.errors import (
    ApiError,
    BadRequest,
    Conflict,
    NotFound,
    PipelineError,
    TemplatedError,
    TooLarge,
    Unauthorised,
)

_NO_SPACE = "53100"  # PostgreSQL's SQLSTATE; its messages are in the server's language


class ServiceError(TemplatedError):
    """An error whose details are camelCase."""

    @classmethod
    def detail_name(cls, field: str) -> str:
        return to_camel(field)


class Unavailable(ApiError):
    """The service cannot do this now; a later attempt may succeed."""

    status = 503


class MalformedRequest(ServiceError, BadRequest):
    code = "malformed_request"
    template = "The request cannot be read: {reason}."
    reason: str

    def __init__(self, *, reason: str) -> None:
        super().__init__(reason=reason.rstrip("."))


class UnknownCursor(ServiceError, BadRequest):
    code = "unknown_cursor"
    template = (
        "There is no job with the id in `before`; it may have been removed. Take the first page."
    )
    before: str


class EmptyFile(ServiceError, BadRequest):
    code = "empty_file"
    template = "The answer file is empty. Send a file with one row for each respondent."


class ExcelWorkbook(ServiceError, BadRequest):
    code = "excel_workbook"
    template = "This is an Excel workbook. Save it in Excel as “CSV UTF-8”, then send that file."


class UnknownTestKind(TemplatedError, BadRequest):
    """Its details are those of the pipeline's error with this code."""

    code = "unknown_test_kind"
    template = "There is no test kind {test_kind!r}. Known are: {listed}."
    test_kind: str
    valid_kinds: Sequence[str]

    def computed_values(self) -> Mapping[str, str]:
        return {"listed": ", ".join(self.valid_kinds)}

    @classmethod
    def detail_name(cls, field: str) -> str:
        return "known" if field == "valid_kinds" else field


class InvalidToken(ServiceError, Unauthorised):
    code = "unauthorised"
    template = (
        "The token is missing or not known. Send it as `Authorization: Bearer TOKEN`, or as "
        "`?token=` where headers cannot be set."
    )


class UnknownPath(ServiceError, NotFound):
    code = "not_found"
    template = "There is nothing at {path}."
    path: str


class TestNotFound(ServiceError, NotFound):
    code = "test_not_found"
    template = "There is no test result with testId {test_id}."
    test_id: str


class TestOfUserNotFound(ServiceError, NotFound):
    code = "test_not_found"
    template = "There is no test result with userId {user_id}, anpSeq {anp_seq}."
    user_id: str
    anp_seq: int


class JobNotFound(ServiceError, NotFound):
    code = "job_not_found"
    template = "There is no job {job_id}; it may have been removed."
    job_id: str


class DocumentNotFound(ServiceError, NotFound):
    code = "document_not_found"
    template = "There is no such document; the test may have been processed again since."
    test_id: str
    document_id: str


class NoStatistics(ServiceError, NotFound):
    code = "no_statistics"
    template = "This test has no statistics: no job of it has been completed yet."
    test_id: str


class UnreadableStatistics(ServiceError, ApiError):
    status = 500
    code = "statistics_unreadable"
    template = "The stored statistics of this test cannot be read. Process the test again."
    test_id: str


class NoScores(ServiceError, NotFound):
    code = "no_scores"
    template = (
        "This test has no scores: no job of it has been completed yet, or their file is gone."
    )
    test_id: str


class MethodNotAllowed(ServiceError, ApiError):
    status = 405
    code = "method_not_allowed"
    template = "{method} cannot be used on {path}."
    method: str
    path: str


class TestIsProcessing(ServiceError, Conflict):
    code = "test_is_processing"
    template = "The test is being processed. Cancel its job or wait for its end, then delete it."
    test_id: str | None
    job_id: str


class TestAlreadyProcessing(ServiceError, Conflict):
    code = "test_already_processing"
    template = "The test is being processed already, by job {job_id}."
    test_id: str | None
    job_id: str


class AlreadyProcessed(ServiceError, Conflict):
    code = "already_processed"
    template = "The test has been processed. Send forceReprocess to do it again."
    test_id: str


class _StatusConflict(ServiceError, Conflict):
    """`job_status` is `status` in the details; the class has the HTTP status under that name."""

    job_id: str
    job_status: str

    @classmethod
    def detail_name(cls, field: str) -> str:
        return "status" if field == "job_status" else super().detail_name(field)


class JobNotCancellable(_StatusConflict):
    code = "job_not_cancellable"
    template = "Job {job_id} is over ({job_status}), so it cannot be cancelled."


class JobNotWaiting(TemplatedError, Conflict):
    code = "job_not_waiting"
    template = "The job {job_id} is {job_status}; only a waiting job can be moved to the front."
    job_id: str
    job_status: str


class JobNotFailed(TemplatedError, Conflict):
    code = "job_not_failed"
    template = "The job {job_id} is {job_status}; only a failed job can be marked as seen."
    job_id: str
    job_status: str


class NoRejectedRows(TemplatedError, NotFound):
    code = "no_rejected_rows"
    template = "No run of the test {test_id} has recorded which rows it left out."
    test_id: str


class JobNotRetryable(_StatusConflict):
    code = "job_not_retryable"
    template = "Job {job_id} is {job_status}; only failed and cancelled jobs can be retried."


class BodyTooLarge(ServiceError, TooLarge):
    code = "body_too_large"
    template = "The request is larger than {limit_bytes:,} bytes, the most that is read here."
    limit_bytes: int


class FileTooLarge(ServiceError, TooLarge):
    code = "file_too_large"
    template = (
        "The answer file is larger than {limit_mb:,} MB, the limit of this service. Send it in "
        "parts, as Parquet, or have ETL_MONITOR_UPLOAD_LIMIT_MB raised."
    )
    limit_mb: int


class InvalidRequest(ServiceError, BadRequest):
    """`problems`: of each field, its name and its problem; `field`: the first one's."""

    status = 422
    code = "invalid_request"
    template = "The request cannot be used: {field}: {problem}."
    problems: Sequence[Mapping[str, str]]
    field: str

    def __init__(self, *, problems: Sequence[Mapping[str, str]]) -> None:
        super().__init__(problems=problems, field=problems[0]["field"])

    def computed_values(self) -> Mapping[str, str]:
        return {"problem": self.problems[0]["problem"]}


class TooManyFeeds(ServiceError, ApiError):
    status = 429
    code = "too_many_feeds"
    template = "This token has {limit:,} feeds open, the most that it may have. Close one first."
    limit: int


class InternalError(ServiceError, ApiError):
    status = 500
    code = "internal_error"
    template = "The service made a mistake. Its log tells more under {request_id}."
    request_id: str


class DatabaseUnavailable(ServiceError, Unavailable):
    code = "database_unavailable"
    template = "The service cannot use its database just now. Try again soon."


class TooManyConnections(ServiceError, Unavailable):
    code = "too_many_connections"
    template = "The service has as many connections as it can have. Try again in some seconds."


class NotReady(ServiceError, Unavailable):
    """`checks` by name, as in the reply of `/readyz`."""

    code = "not_ready"
    template = "The service is not ready: {missing}."
    checks: Mapping[str, Any]

    def computed_values(self) -> Mapping[str, str]:
        return {
            "missing": ", ".join(name for name, check in self.checks.items() if not check["ok"])
        }


class DiskFull(ServiceError, ApiError):
    status = 507
    code = "disk_full"
    template = "The service's disk is full, so nothing was stored. Make room and try again."


_OF_STORAGE = {
    "unreachable": "it does not answer",
    "bucket_missing": "its bucket does not exist",
    "denied": "it denies access",
    "unusable": "it reports an error",
}


class StorageUnavailable(ServiceError, Unavailable):
    """`reason`: unreachable, bucket_missing, denied or unusable."""

    code = "storage_unavailable"
    template = (
        "The service cannot use the storage of its files: {in_words}. Nothing was changed. Try "
        "again soon; if this stays, tell the administrator of this service."
    )
    reason: str

    @property
    def in_words(self) -> str:
        return _OF_STORAGE.get(self.reason, self.reason)

    def computed_values(self) -> Mapping[str, str]:
        return {"in_words": self.in_words}


class JobStorageUnavailable(ServiceError):
    """Of a failed job; `reason` as above."""

    code = "storage_unavailable"
    template = (
        "The storage of the service's files could not be used, so the job stopped: {in_words}. "
        "The old results stand. Retry it when the storage can be used again."
    )
    reason: str

    def computed_values(self) -> Mapping[str, str]:
        return {"in_words": _OF_STORAGE.get(self.reason, self.reason)}


class WorkerEnded(ServiceError):
    """Of a failed job."""

    code = "worker_lost"
    template = (
        "The process that ran this job ended before the job did. The old results stand. Retry it."
    )


class WorkerHung(ServiceError):
    """Of a failed job: its worker was killed after `seconds` without a sign of life."""

    code = "worker_lost"
    template = (
        "The step {step} gave no sign of life for {seconds:g} s, so its process was killed. The "
        "old results stand. Retry it; where it ends like this again, give the job's log to the "
        "administrator of this service."
    )
    step: str
    seconds: float
    reason: str = "hung"


class WorkerExited(ServiceError):
    """Of a failed job: its step ended the process, as `os._exit` does."""

    code = "worker_lost"
    template = (
        "The step {step} ended its own process with the exit code {exit_code}. The old results "
        "stand. Where it ends like this again, give the job's log to the administrator of this "
        "service."
    )
    step: str
    exit_code: int
    reason: str = "exited"


class WorkerKilled(ServiceError):
    """Of a failed job: a signal ended its worker; SIGKILL mostly means that memory ran out."""

    code = "worker_lost"
    template = (
        "The process of the step {step} was ended from outside ({signal}); often because memory "
        "ran out. The old results stand. Retry it."
    )
    step: str
    signal: str
    reason: str = "killed"


class StepExited(ServiceError):
    """Of a failed job: a step raised SystemExit. `exit_code` is its argument, as text."""

    code = "step_exited"
    template = (
        "The step {step} called for the end of the program (SystemExit: {exit_code}). The old "
        "results stand. Mend the pipeline: a step that cannot continue raises a "
        "PipelineError."
    )
    step: str
    exit_code: str


class StepInterrupted(ServiceError):
    """Of a failed job: a step raised KeyboardInterrupt."""

    code = "step_interrupted"
    template = (
        "The step {step} was interrupted (KeyboardInterrupt). The old results stand. Retry it."
    )
    step: str


class UnusableHandover(ServiceError, PipelineError):
    """Of a failed job: what a step of a company's own pipeline handed over cannot be stored.

    `part`: which part of it, in the names of `etl_monitor.pipeline.base`.
    """

    code = "unusable_handover"
    template = (
        "The step {step} handed over a result that cannot be used: {part}: {problem}. The old "
        "results stand. Mend this step of the pipeline."
    )
    step: str
    part: str
    problem: str


class NoRoomForJob(ServiceError):
    """Of a failed job."""

    code = "disk_full"
    template = (
        "The service's disk was full, so the job stopped. The old results stand. Make room, then "
        "retry it."
    )


class AnswerFileMissing(ServiceError, PipelineError):
    """Of a failed job."""

    code = "answer_file_missing"
    template = (
        "The answer file {file_name!r} of this test is no longer on the service's disk. The old "
        "results stand. Put the file back from a backup and retry, or upload it again."
    )
    file_name: str


class StepFailed(ServiceError):
    """Of a failed job: a step raised `exception`; the traceback is in the job's log."""

    code = "internal_error"
    template = (
        "The job stopped because of a mistake in the program, not in the answer file. Retry it; "
        "where it fails again, give the job's log to the administrator of this service."
    )
    exception: str


def database_error(cause: BaseException | None) -> ApiError:
    """Return the error for `cause`, the exception of the database's driver."""
    is_full = "disk is full" in str(cause) or getattr(cause, "sqlstate", "") == _NO_SPACE
    return DiskFull() if is_full else DatabaseUnavailable()
