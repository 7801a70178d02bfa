"""The calls for jobs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from etl_monitor.client import filters
from etl_monitor.client.base import BaseClient, total_count
from etl_monitor.client.filters import Params
from etl_monitor.client.pages import AllJobs, JobList
from etl_monitor.client.paths import url_path
from etl_monitor.client.reply import list_items, parse_list, parse_reply
from etl_monitor.errors import NotFound
from etl_monitor.wire.history import History
from etl_monitor.wire.job import Job, JobDetail, JobStatus
from etl_monitor.wire.replies import BulkOutcome, ProcessOutcome, QueuedJob


class JobClient(BaseClient):
    """Jobs: list, process, cancel and retry them."""

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
        """Return jobs, newest first unless `sort` is another order.

        Without filters: every active job and the newest finished ones. Several texts in `q` match
        any job that has one of them; `since` (inclusive) and `until` are about when a job was
        created. The newest are paged by `before`, a job's id; any order by `offset`. Defaults are
        not sent, because a back end may reject a parameter that it does not know.
        """
        params: Params = {"testId": test_id, "userId": user_id, "testKind": test_kind, "q": q}
        params |= filters.period(since, until) | {"status": filters.joined(status)}
        params |= {"sort": None if sort == "newest" else sort}
        params |= {"limit": limit, "before": before, "offset": offset or None}
        response = self._get("/etl/jobs", params)
        jobs = self._read_list(Job, response)
        total = total_count(response)
        return JobList(
            jobs=jobs,
            total=len(jobs) if total is None else total,
            position=response.headers.get("X-Last-Event-Id", ""),
            complete=total == len(jobs),
            log_id=response.headers.get("X-Event-Log-Id", ""),
            next_before=response.headers.get("X-Next-Before"),
        )

    def all_jobs(self) -> AllJobs:
        """Return every active job and the newest finished ones, for a follower."""
        response = self._get("/etl/jobs")
        count, items = list_items(response)
        return AllJobs(
            jobs=self._read_items(Job, items, response),
            position=response.headers.get("X-Last-Event-Id", ""),
            complete=total_count(response) == count,
            log_id=response.headers.get("X-Event-Log-Id", ""),
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
        """Return the number of jobs by status, or None if the back end does not have the call."""
        params: Params = {"testId": test_id, "userId": user_id, "testKind": test_kind, "q": q}
        params |= filters.period(since, until)
        try:
            return parse_reply(dict[JobStatus, int], self._get("/etl/jobs/counts", params))
        except NotFound:
            return None

    def history(self, since: datetime | None = None, until: datetime | None = None) -> History:
        """Return the history of a period; without one, of the last 24 hours."""
        return parse_reply(History, self._get("/etl/history", filters.period(since, until)))

    def active_jobs(self) -> tuple[Job, ...]:
        return self._read_list(Job, self._get("/etl/jobs/active"))

    def job(self, job_id: str) -> JobDetail:
        return self._read(JobDetail, self._get("/etl/jobs" + url_path(job_id)))

    def cancel(self, job_id: str, reason: str | None = None) -> None:
        """Request a cancel; the feed reports when the job has stopped."""
        body = {"reason": reason} if reason else {}
        self._send("POST", f"/etl/jobs{url_path(job_id)}/cancel", body)

    def retry(self, job_id: str) -> QueuedJob:
        """Start a new attempt, which is a job of its own."""
        return self._read(QueuedJob, self._send("POST", f"/etl/jobs{url_path(job_id)}/retry"))

    def promote(self, job_id: str) -> None:
        """Move a waiting job to the front of the queue."""
        self._send("POST", f"/etl/jobs{url_path(job_id)}/promote")

    def mark_seen(self, job_id: str) -> None:
        """Mark a failed job as seen."""
        self._send("POST", f"/etl/jobs{url_path(job_id)}/seen")

    def process(self, user_id: str, anp_seq: int, *, force: bool = False) -> QueuedJob:
        body: dict[str, Any] = {"userId": user_id, "anpSeq": anp_seq}
        if force:
            body["forceReprocess"] = True
        return self._read(QueuedJob, self._send("POST", "/etl/process", body))

    def process_many(
        self, test_ids: Sequence[str], *, force: bool = False
    ) -> tuple[ProcessOutcome, ...]:
        """Process at most 1,000 tests. A rejected one does not affect the others."""
        body = {"testIds": list(test_ids), "forceReprocess": force}
        response = self._send("POST", "/etl/process/bulk", body)
        return parse_list(ProcessOutcome, response)

    def bulk(
        self,
        action: Literal["cancel", "retry"],
        job_ids: Sequence[str],
        reason: str | None = None,
    ) -> tuple[BulkOutcome, ...]:
        """Cancel or retry at most 1,000 jobs. A rejected one does not affect the others."""
        body = {"action": action, "jobIds": list(job_ids)} | ({"reason": reason} if reason else {})
        return parse_list(BulkOutcome, self._send("POST", "/etl/jobs/bulk", body))
