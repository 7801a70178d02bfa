"""Everything that the service refuses, one small constructor each: code, sentence, details.

Programs and translations go by the code and the details: camelCase, as on the wire, but for a code
of the pipeline, whose details are the pipeline's own.

code                      status  details
unauthorised              401     —
forbidden                 403     role, needed
person_not_accepted       403     reason (forged, expired, other_service, not_allowed)
too_many_feeds            429     limit
invalid_request           422     problems: [{field, problem}] (at most 20), field: the first one's
malformed_request         400     reason
body_too_large            413     limitBytes
file_too_large            413     limitMb
disk_full                 507     —
unknown_cursor            400     before
not_found                 404     path
method_not_allowed        405     method, path
test_not_found            404     testId, or userId and anpSeq
job_not_found             404     jobId
document_not_found        404     testId, documentId
no_statistics             404     testId
no_scores                 404     testId
test_is_processing        409     testId, jobId
test_already_processing   409     testId, jobId
already_processed         409     testId
job_not_cancellable       409     jobId, status
job_not_retryable         409     jobId, status
database_unavailable      503     —
not_ready                 503     checks: {database, engine, feed, …} → {ok, told}
internal_error            500     requestId

An answer file that the pipeline will not take is 400 with the pipeline's own code and details (see
`etl_monitor.pipeline.errors`), among them `empty_file` and `unknown_test_kind`, which the service
finds by itself where the pipeline does not look; or `excel_workbook`, where the pipeline does not
take a file that is one. 500 with the pipeline's `broken_definition` where
a test kind's file was broken after the start.

A failed job has one of the pipeline's codes, or:

worker_lost               —                     its worker process ended
                          reason: hung, step, seconds   it gave no sign of life for so long
disk_full                 —                     there was no room for its files
internal_error            exception: its class  a step broke; the traceback is in the job's log
"""

from collections.abc import Mapping, Sequence
from typing import Any

from etl_monitor.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    TooLarge,
    Unauthorised,
)
from etl_monitor.wire.job import Job


def unauthorised() -> Unauthorised:
    return Unauthorised(
        "unauthorised",
        "The token is missing or not known. Send it as `Authorization: Bearer TOKEN`, or as "
        "`?token=` where headers cannot be set.",
    )


def forbidden(role: str, needed: str) -> Forbidden:
    return Forbidden(
        "forbidden",
        f"This needs the role {needed}; yours is {role}. Ask whoever runs the service.",
        {"role": role, "needed": needed},
    )


def invalid_request(problems: Sequence[Mapping[str, str]]) -> BadRequest:
    """422, as the framework has it."""
    first = problems[0]
    return BadRequest(
        "invalid_request",
        f"The request cannot be used: {first['field']}: {first['problem']}.",
        {"problems": problems, "field": first["field"]},
    )


def malformed_request(reason: str) -> BadRequest:
    reason = reason.rstrip(".")
    return BadRequest(
        "malformed_request", f"The request cannot be read: {reason}.", {"reason": reason}
    )


def body_too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        "body_too_large",
        f"The request is larger than {limit_bytes:,} bytes, the most that is read here.",
        {"limitBytes": limit_bytes},
    )


def file_too_large(limit_mb: int) -> TooLarge:
    return TooLarge(
        "file_too_large",
        f"The answer file is larger than {limit_mb:,} MB, the limit of this service. Send it in "
        "parts, as Parquet, or have ETL_MONITOR_UPLOAD_LIMIT_MB raised.",
        {"limitMb": limit_mb},
    )


class DiskFull(ApiError):
    status = 507


class Unavailable(ApiError):
    status = 503


class TooMany(ApiError):
    status = 429


def disk_full() -> ApiError:
    return DiskFull(
        "disk_full", "The service's disk is full, so nothing was stored. Make room and try again."
    )


def database_unavailable() -> ApiError:
    return Unavailable(
        "database_unavailable", "The service cannot use its database just now. Try again soon."
    )


def without_database(reason: str) -> ApiError:
    """`reason`: what the database itself says."""
    return disk_full() if "disk is full" in reason else database_unavailable()


def not_ready(checks: Mapping[str, Any]) -> ApiError:
    missing = ", ".join(name for name, check in checks.items() if not check["ok"])
    return Unavailable("not_ready", f"The service is not ready: {missing}.", {"checks": checks})


def too_many_feeds(limit: int) -> ApiError:
    return TooMany(
        "too_many_feeds",
        f"This token has {limit:,} feeds open, the most that it may have. Close one first.",
        {"limit": limit},
    )


def unknown_cursor(before: str) -> BadRequest:
    return BadRequest(
        "unknown_cursor",
        "There is no job with the id in `before`; it may have been removed. Take the first page.",
        {"before": before},
    )


def empty_file() -> BadRequest:
    return BadRequest(
        "empty_file", "The answer file is empty. Send a file with one row for each respondent."
    )


def excel_workbook() -> BadRequest:
    return BadRequest(
        "excel_workbook",
        "This is an Excel workbook. Save it in Excel as “CSV UTF-8”, then send that file.",
    )


def unknown_test_kind(test_kind: str, known: Sequence[str]) -> BadRequest:
    return BadRequest(
        "unknown_test_kind",
        f"There is no test kind {test_kind!r}. Known are: {', '.join(known)}.",
        {"test_kind": test_kind, "known": list(known)},
    )


def test_not_found(**named: Any) -> NotFound:
    what = ", ".join(f"{name} {value}" for name, value in named.items())
    return NotFound("test_not_found", f"There is no test result with {what}.", named)


def job_not_found(job_id: str) -> NotFound:
    return NotFound(
        "job_not_found", f"There is no job {job_id}; it may have been removed.", {"jobId": job_id}
    )


def document_not_found(test_id: str, document_id: str) -> NotFound:
    return NotFound(
        "document_not_found",
        "There is no such document; the test may have been processed again since.",
        {"testId": test_id, "documentId": document_id},
    )


def no_statistics(test_id: str) -> NotFound:
    return NotFound(
        "no_statistics",
        "This test has no statistics: no job of it has been completed yet.",
        {"testId": test_id},
    )


def no_scores(test_id: str) -> NotFound:
    return NotFound(
        "no_scores",
        "This test has no scores: no job of it has been completed yet, or their file is gone.",
        {"testId": test_id},
    )


def test_is_processing(active: Job) -> Conflict:
    return Conflict(
        "test_is_processing",
        "The test is being processed. Cancel its job or wait for its end, then delete it.",
        {"testId": active.test_id, "jobId": active.job_id},
    )


def test_already_processing(active: Job) -> Conflict:
    return Conflict(
        "test_already_processing",
        f"The test is being processed already, by job {active.job_id}.",
        {"testId": active.test_id, "jobId": active.job_id},
    )


def already_processed(test_id: str) -> Conflict:
    return Conflict(
        "already_processed",
        "The test has been processed. Send forceReprocess to do it again.",
        {"testId": test_id},
    )


def job_not_cancellable(job: Job) -> Conflict:
    return Conflict(
        "job_not_cancellable",
        f"Job {job.job_id} is over ({job.status}), so it cannot be cancelled.",
        {"jobId": job.job_id, "status": job.status},
    )


def job_not_retryable(job: Job) -> Conflict:
    return Conflict(
        "job_not_retryable",
        f"Job {job.job_id} is {job.status}; only failed and cancelled jobs can be retried.",
        {"jobId": job.job_id, "status": job.status},
    )
