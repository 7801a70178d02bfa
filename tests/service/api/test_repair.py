"""A test whose file was wrong gets a corrected one; the rows that were left out can be had."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from etl_monitor.pipeline.kinds.definition import find_kind
from tests.support.eventually import eventually
from tests.support.service_process import RunningService, running_service

KIND = "big_five_50"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with running_service(tmp_path_factory.mktemp("repair") / "data") as service:
        yield service


def _file(rows: int, bad: int) -> bytes:
    """Return a file whose first `bad` rows hold an answer that is out of range."""
    items = find_kind(KIND, None).items
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["respondent_id", *items])
    for row in range(rows):
        answers = [1 + (row + item) % 5 for item in range(len(items))]
        answers[3] = 9 if row < bad else answers[3]
        writer.writerow([f"R{row:04}", *answers])
    return out.getvalue().encode()


def _ended(service: RunningService, test_id: str) -> Any:
    def has_ended() -> Any:
        test = service.data("GET", f"/tests/results/{test_id}")
        assert test["activeJob"] is None
        return test

    return eventually(has_ended, within=60)


def _uploaded(service: RunningService, content: bytes) -> Any:
    form = {"testKind": KIND, "userId": "kim", "title": "3월 공채"}
    files = {"file": ("answers.csv", content)}
    test = service.data("POST", "/tests/results", data=form, files=files)
    return _ended(service, test["id"])


def _replaced(service: RunningService, test_id: str, content: bytes) -> Any:
    files = {"file": ("corrected.csv", content)}
    return service.data("PUT", f"/tests/results/{test_id}/file", files=files)


def test_a_corrected_file_is_the_next_attempt_of_the_same_test(service: RunningService) -> None:
    failed = _uploaded(service, _file(100, bad=60))
    assert (failed["status"], failed["lastJob"]["errorCode"]) == ("failed", "too_many_invalid_rows")
    replaced = _replaced(service, failed["id"], _file(100, bad=0))
    assert replaced["activeJob"]["attempt"] == 2
    assert replaced["activeJob"]["retryOf"] == failed["lastJob"]["jobId"]
    done = _ended(service, failed["id"])
    assert (done["status"], done["title"], done["userId"]) == ("completed", "3월 공채", "kim")
    assert service.data("GET", f"/etl/jobs/{done['lastJob']['jobId']}")["fileName"] == (
        "corrected.csv"
    )
    assert len(list((service.data_dir / "uploads").iterdir())) == 1, "the old file is removed"
    (entry,) = service.data("GET", f"/activity?jobId={done['lastJob']['jobId']}")
    assert (entry["action"], entry["title"]) == ("upload", "3월 공채")


def test_old_scores_stand_until_the_corrected_file_succeeds(service: RunningService) -> None:
    done = _uploaded(service, _file(100, bad=0))
    _replaced(service, done["id"], _file(100, bad=100))
    later = _ended(service, done["id"])
    assert (later["status"], later["lastJob"]["status"]) == ("completed", "failed")
    assert service.data("GET", f"/tests/results/{done['id']}/statistics")["respondents"]["usable"]


def test_every_rejected_row_can_be_downloaded(service: RunningService) -> None:
    failed = _uploaded(service, _file(100, bad=60) + b"R9999,1,2\n")
    address = f"/tests/results/{failed['id']}/rejected"
    reply = service.call("GET", f"{address}?format=csv")
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert len(rows) == 61
    item = find_kind(KIND, None).items[3]
    assert rows[0] == {
        "row": "2",
        "respondent": "R0000",
        "column": item,
        "value": "9",
        "reason": "out_of_range",
    }
    assert (rows[-1]["row"], rows[-1]["reason"]) == ("102", "malformed")
    assert len(service.data("GET", f"{address}?format=json")) == 61
    workbook = service.call("GET", f"{address}?format=xlsx").content
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == 62


def test_rejected_rows_are_counted_by_column_and_reason(service: RunningService) -> None:
    failed = _uploaded(service, _file(100, bad=60) + b"R9999,1,2\n")
    summary = service.data("GET", f"/tests/results/{failed['id']}/rejected/summary")
    item = find_kind(KIND, None).items[3]
    assert summary == {
        "rows": 61,
        "reasons": {"out_of_range": 60, "malformed": 1},
        "columns": [
            {"column": item, "reasons": {"out_of_range": 60}},
            {"column": None, "reasons": {"malformed": 1}},
        ],
        "moreColumns": 0,
    }
    _replaced(service, failed["id"], _file(100, bad=2))
    _ended(service, failed["id"])
    later = service.data("GET", f"/tests/results/{failed['id']}/rejected/summary")
    assert later["reasons"] == {"out_of_range": 2}, "of the newest run, also if it completed"
    status, code, _ = service.error("GET", "/tests/results/none/rejected/summary")
    assert (status, code) == (404, "test_not_found")


def test_a_file_that_cannot_be_used_changes_nothing(
    service: RunningService,
) -> None:
    done = _uploaded(service, _file(50, bad=0))
    files = {"file": ("wrong.csv", b"a,b\n1,2\n")}
    status, code, _ = service.error("PUT", f"/tests/results/{done['id']}/file", files=files)
    assert (status, code) == (400, "missing_columns")
    assert service.data("GET", f"/tests/results/{done['id']}") == done
    files = {"file": ("right.csv", _file(50, bad=0))}
    assert service.error("PUT", "/tests/results/none/file", files=files)[:2] == (
        404,
        "test_not_found",
    )
    assert service.error("GET", "/tests/results/none/rejected")[:2] == (404, "test_not_found")
