"""The calls for test results."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO, Literal

from requests_toolbelt import MultipartEncoder, MultipartEncoderMonitor

from etl_monitor.client import filters
from etl_monitor.client.base import BaseClient, total_count
from etl_monitor.client.filters import Params
from etl_monitor.client.pages import ResultList
from etl_monitor.client.paths import url_path
from etl_monitor.client.reply import parse_list, parse_reply
from etl_monitor.client.request import unreachable_error
from etl_monitor.client.transport import FAULTS
from etl_monitor.errors import NotFound
from etl_monitor.wire.rejected import RejectedSummary
from etl_monitor.wire.replies import RemovedSamples, ReplayedSamples
from etl_monitor.wire.result import DocumentText, TestKind, TestResult
from etl_monitor.wire.statistics import Statistics

_UPLOAD_TIMEOUT = 300.0  # seconds; the service checks the file before it answers
_PIECE = 1 << 16  # bytes


class ResultClient(BaseClient):
    """Test results: list, upload, read and delete them."""

    def results(
        self,
        *,
        status: str | None = None,
        q: str | None = None,
        user_id: str | None = None,
        test_kind: str | None = None,
        sort: filters.ResultSort | None = None,
        order: filters.Order | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> ResultList:
        """Return results, newest first unless `sort` is another order.

        `lastRun`: by the creation of the newest job. Without `order`, titles and persons are
        ascending, all else descending.
        """
        params: Params = {"status": status, "q": q, "userId": user_id, "testKind": test_kind}
        sort = None if sort == "newest" else sort  # a back end may reject what it does not know
        params |= {"sort": sort, "order": order, "limit": limit, "offset": offset or None}
        response = self._get("/tests/results", params)
        results = self._read_list(TestResult, response)
        total = total_count(response)
        return ResultList(results=results, total=len(results) if total is None else total)

    def result(self, test_id: str) -> TestResult:
        return self._read(TestResult, self._get("/tests/results" + url_path(test_id)))

    def upload(
        self,
        file: BinaryIO,
        file_name: str,
        *,
        test_kind: str,
        title: str,
        user_id: str,
        on_sent: Callable[[int, int], object] = lambda sent, total: None,
    ) -> TestResult:
        """Upload an answer file, read in pieces while it is sent. Its first job is queued.

        `on_sent(sent, total)` is called in this thread after each piece, in bytes of the whole
        request. An exception from it ends the upload; the service then stores nothing.
        """
        fields = {"testKind": test_kind, "title": title, "userId": user_id}
        return self._send_file("POST", "/tests/results", fields, file, file_name, on_sent)

    def replace_file(
        self,
        test_id: str,
        file: BinaryIO,
        file_name: str,
        *,
        test_kind: str | None = None,
        on_sent: Callable[[int, int], object] = lambda sent, total: None,
    ) -> TestResult:
        """Replace the answer file of a test by a corrected one, as `upload` sends it. The test's
        next attempt is queued; its old results stand until that has completed."""
        fields = {"testKind": test_kind} if test_kind else {}
        call = f"/tests/results{url_path(test_id)}/file"
        return self._send_file("PUT", call, fields, file, file_name, on_sent)

    def _send_file(
        self,
        method: str,
        call: str,
        fields: dict[str, str],
        file: BinaryIO,
        file_name: str,
        on_sent: Callable[[int, int], object],
    ) -> TestResult:
        content = (file_name, file, "application/octet-stream")
        form = MultipartEncoder({**fields, "file": content})
        return self._read(
            TestResult,
            self._http.response(
                method,
                call,
                data=MultipartEncoderMonitor(form, lambda read: on_sent(read.bytes_read, form.len)),
                headers=self._command_headers | {"Content-Type": form.content_type},
                timeout=(self._timeout[0], _UPLOAD_TIMEOUT),
            ),
        )

    def delete_result(self, test_id: str) -> None:
        self._send("DELETE", "/tests/results" + url_path(test_id))

    def statistics(self, test_id: str) -> Statistics | None:
        """Return None if no job of this test has completed, or the back end has no statistics."""
        try:
            response = self._get(f"/tests/results{url_path(test_id)}/statistics")
            return parse_reply(Statistics, response)
        except NotFound as error:
            if error.code == "test_not_found":
                raise
            return None

    def scores(
        self, test_id: str, target: Path, file_format: Literal["parquet", "csv"] = "parquet"
    ) -> None:
        """Download the scores of every respondent into the file `target`."""
        with target.open("wb") as file:
            file.writelines(self.scores_stream(test_id, file_format))

    def scores_stream(
        self, test_id: str, file_format: Literal["parquet", "csv"] = "parquet"
    ) -> Generator[bytes]:
        """Yield the scores of every respondent as they arrive."""
        return self._file(f"/tests/results{url_path(test_id)}/scores", file_format)

    def rejected_stream(
        self, test_id: str, file_format: Literal["csv", "xlsx"]
    ) -> Generator[bytes]:
        """Yield every row of the newest job's file that was not scored, with the reasons."""
        return self._file(f"/tests/results{url_path(test_id)}/rejected", file_format)

    def rejected_summary(self, test_id: str) -> RejectedSummary | None:
        """Return how many rows the newest job's file lost, by column and reason. None if it has
        recorded none, or the back end does not count them."""
        try:
            response = self._get(f"/tests/results{url_path(test_id)}/rejected/summary")
            return parse_reply(RejectedSummary, response)
        except NotFound as error:
            if error.code == "test_not_found":
                raise
            return None

    def _file(self, call: str, file_format: str) -> Generator[bytes]:
        """The service notes a download in its activity log, so the person is named to it."""
        headers = self._signed_headers
        with self._get(call, {"format": file_format}, headers=headers, stream=True) as response:
            try:
                yield from response.iter_content(_PIECE)
            except FAULTS as error:
                raise unreachable_error(response.url, error) from error

    def document(self, test_id: str, document_id: str) -> str:
        """Return the whole text of a document, in this client's language if there is one."""
        call = f"/tests/results{url_path(test_id)}/documents{url_path(document_id)}"
        return parse_reply(DocumentText, self._get(call)).content

    def test_kinds(self) -> tuple[TestKind, ...]:
        """Return the kinds of test that answer files can be uploaded for."""
        return parse_list(TestKind, self._get("/test-kinds"))

    def replay_samples(self) -> int:
        """Have all samples scored again, one after the other. Returns how many will be."""
        return parse_reply(ReplayedSamples, self._send("POST", "/samples/replay")).replayed

    def remove_samples(self) -> int:
        """Remove all sample results. Returns how many there were."""
        return parse_reply(RemovedSamples, self._send("DELETE", "/samples")).removed
