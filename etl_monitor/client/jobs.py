"""The calls about jobs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from etl_monitor.client import filters
from etl_monitor.client.base import Calls, total_of
from etl_monitor.client.filters import Params
from etl_monitor.client.request import parsed, path, refused
from etl_monitor.errors import NotFound
from etl_monitor.wire.history import History
from etl_monitor.wire.job import Job, JobDetail, JobStatus
from etl_monitor.wire.replies import (
    BulkOutcome,
    BulkReply,
    JobList,
    ProcessOutcome,
    ProcessReply,
    Started,
)


class JobCalls(Calls):
    """Jobs: listed, asked for, cancelled, tried again."""

    def jobs(
        self,
        *,
        status: str | Iterable[str] | None = None,
        test_id: str | None = None,
        user_id: str | None = None,
        test_kind: str | None = None,
        q: str | Sequence[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: filters.JobSort | None = None,
        limit: int | None = None,
        before: str | None = None,
        offset: int | None = None,
    ) -> JobList:
        """List jobs, newest first unless `sort` says otherwise. Without filters: every active job
        and the newest finished ones. Several texts in `q` match any job that has one of them;
        `since` and `until` (excluded) are about when a job was created. Page the newest by
        `before`, a job's id, and any order by `offset`.

        Default values are not sent: an older back end may refuse parameters that it does not know.
        """
        params: Params = {"testId": test_id, "userId": user_id, "testKind": test_kind, "q": q}
        params |= filters.period(since, until) | {"status": filters.joined(status)}
        params |= {"sort": None if sort == "newest" else sort}
        params |= {"limit": limit, "before": before, "offset": offset or None}
        response = self._get("/etl/jobs", params)
        jobs = parsed(tuple[Job, ...], response)
        total = total_of(response)
        return JobList(
            jobs=jobs,
            total=len(jobs) if total is None else total,
            position=response.headers.get("X-Last-Event-Id", ""),
            complete=total == len(jobs),
            log_id=response.headers.get("X-Event-Log-Id", ""),
            next_before=response.headers.get("X-Next-Before"),
        )

    def job_counts(
        self,
        *,
        test_id: str | None = None,
        user_id: str | None = None,
        test_kind: str | None = None,
        q: str | Sequence[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Mapping[JobStatus, int] | None:
        """Count the jobs in each status. None: the back end does not have the call."""
        params: Params = {"testId": test_id, "userId": user_id, "testKind": test_kind, "q": q}
        params |= filters.period(since, until)
        try:
            return parsed(dict[JobStatus, int], self._get("/etl/jobs/counts", params))
        except NotFound:
            return None

    def history(self, since: datetime | None = None, until: datetime | None = None) -> History:
        """Which jobs ran when; without a period, in the last 24 hours."""
        return parsed(History, self._get("/etl/history", filters.period(since, until)))

    def active_jobs(self) -> tuple[Job, ...]:
        return parsed(tuple[Job, ...], self._get("/etl/jobs/active"))

    def job(self, job_id: str) -> JobDetail:
        return parsed(JobDetail, self._get("/etl/jobs" + path(job_id)))

    def cancel(self, job_id: str, reason: str | None = None) -> None:
        """Ask a job to stop; that it did is told by the feed."""
        self._send("POST", f"/etl/jobs{path(job_id)}/cancel", {"reason": reason} if reason else {})

    def retry(self, job_id: str) -> Started:
        """A new attempt, as a job of its own."""
        return parsed(Started, self._send("POST", f"/etl/jobs{path(job_id)}/retry"))

    def process(self, user_id: str, anp_seq: int, *, force: bool = False) -> Started:
        body: dict[str, Any] = {"userId": user_id, "anpSeq": anp_seq}
        if force:
            body["forceReprocess"] = True
        return parsed(Started, self._send("POST", "/etl/process", body))

    def process_many(
        self, test_ids: Sequence[str], *, force: bool = False
    ) -> tuple[ProcessOutcome, ...]:
        """At most 1,000 tests at once. One test's refusal does not keep the others back."""
        body = {"testIds": list(test_ids), "forceReprocess": force}
        replies = parsed(tuple[ProcessReply, ...], self._send("POST", "/etl/process/bulk", body))
        return tuple(_processed(reply) for reply in replies)

    def bulk(
        self,
        action: Literal["cancel", "retry"],
        job_ids: Sequence[str],
        reason: str | None = None,
    ) -> tuple[BulkOutcome, ...]:
        """At most 1,000 jobs at once. One job's refusal does not keep the others back."""
        body = {"action": action, "jobIds": list(job_ids)} | ({"reason": reason} if reason else {})
        replies = parsed(tuple[BulkReply, ...], self._send("POST", "/etl/jobs/bulk", body))
        return tuple(_outcome(reply) for reply in replies)


def _outcome(reply: BulkReply) -> BulkOutcome:
    error = refused(reply.error) if reply.error else None
    return BulkOutcome(job_id=reply.job_id, ok=reply.ok, new_job_id=reply.new_job_id, error=error)


def _processed(reply: ProcessReply) -> ProcessOutcome:
    error = refused(reply.error) if reply.error else None
    return ProcessOutcome(test_id=reply.test_id, ok=reply.ok, job_id=reply.job_id, error=error)
