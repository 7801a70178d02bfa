"""The calls about test results."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal

from requests_toolbelt import MultipartEncoder, MultipartEncoderMonitor

from etl_monitor.client import filters
from etl_monitor.client.base import Calls, total_of
from etl_monitor.client.filters import Params
from etl_monitor.client.request import parsed, path, unavailable
from etl_monitor.client.transport import FAULTS
from etl_monitor.errors import NotFound
from etl_monitor.wire.replies import Removed, ResultList
from etl_monitor.wire.result import DocumentText, TestKind, TestResult
from etl_monitor.wire.statistics import Statistics

_UPLOAD_TIMEOUT = 300.0  # seconds: the service looks into the file before it answers
_PIECE = 1 << 20  # bytes


class ResultCalls(Calls):
    """Test results: listed, uploaded, looked into, deleted."""

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
        """Newest first, unless `sort` says otherwise. `lastRun`: by when the newest job was
        created. Without `order`, titles and persons are upwards, all else downwards."""
        params: Params = {"status": status, "q": q, "userId": user_id, "testKind": test_kind}
        sort = None if sort == "newest" else sort  # a back end may refuse what it does not know
        params |= {"sort": sort, "order": order, "limit": limit, "offset": offset or None}
        response = self._get("/tests/results", params)
        results = parsed(tuple[TestResult, ...], response)
        total = total_of(response)
        return ResultList(results=results, total=len(results) if total is None else total)

    def result(self, test_id: str) -> TestResult:
        return parsed(TestResult, self._get("/tests/results" + path(test_id)))

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
        """Send an answer file, read in pieces as it goes out. Its first job is queued.

        `on_sent(sent, total)` is called in this thread after each piece, in bytes of the whole
        request. What it raises ends the upload; the service keeps nothing of half a file.
        """
        form = MultipartEncoder(
            {
                "testKind": test_kind,
                "title": title,
                "userId": user_id,
                "file": (file_name, file, "application/octet-stream"),
            }
        )
        return parsed(
            TestResult,
            self._rest.response(
                "POST",
                "/tests/results",
                data=MultipartEncoderMonitor(form, lambda now: on_sent(now.bytes_read, form.len)),
                headers=self._acting | {"Content-Type": form.content_type},
                timeout=(self._timeout[0], _UPLOAD_TIMEOUT),
            ),
        )

    def delete_result(self, test_id: str) -> None:
        self._send("DELETE", "/tests/results" + path(test_id))

    def statistics(self, test_id: str) -> Statistics | None:
        """None: no job of this test has been completed yet, or the back end keeps none."""
        try:
            return parsed(Statistics, self._get(f"/tests/results{path(test_id)}/statistics"))
        except NotFound as error:
            if error.code == "test_not_found":
                raise
            return None

    def scores(
        self, test_id: str, target: Path, file_format: Literal["parquet", "csv"] = "parquet"
    ) -> None:
        """Write the scores of every respondent to the file `target`."""
        call = f"/tests/results{path(test_id)}/scores"
        with self._get(call, {"format": file_format}, stream=True) as response:
            try:
                with target.open("wb") as file:
                    file.writelines(response.iter_content(_PIECE))
            except FAULTS as error:
                raise unavailable(response.url, error) from error

    def document(self, test_id: str, document_id: str) -> str:
        """The whole text of one of a result's documents, in this client's language if possible."""
        call = f"/tests/results{path(test_id)}/documents{path(document_id)}"
        return parsed(DocumentText, self._get(call)).content

    def test_kinds(self) -> tuple[TestKind, ...]:
        """The kinds of test that answer files can be uploaded for."""
        return parsed(tuple[TestKind, ...], self._get("/test-kinds"))

    def remove_samples(self) -> int:
        """How many sample results were removed."""
        return parsed(Removed, self._send("DELETE", "/samples")).removed
