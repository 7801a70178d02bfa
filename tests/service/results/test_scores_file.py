"""Score files: opened as the current one, even while a job replaces it."""

import csv as plain_csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Connection

from etl_monitor.errors import NotFound
from etl_monitor.pipeline.base import Outcome
from etl_monitor.service.jobs import creation
from etl_monitor.service.results import publish
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.scores_file import as_csv, as_parquet, open_scores
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage
from etl_monitor.wire.job import Job
from tests.support.people import Person
from tests.support.records import add_test, claim


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(root=tmp_path)
    folders.prepare()
    return folders


@pytest.fixture
def test_id(db: Database, folders: Folders) -> str:
    """Return the id of a test with the score 0."""
    with db.writing() as tx:
        add_test(tx)
        job = claim(tx)
    return _publish(db, folders, job, 0)


def _again(db: Database, folders: Folders, test_id: str, score: int) -> None:
    with db.writing() as tx:
        row = result_queries.test_row(tx, test_id)
        creation.create(tx, row, requested_by="kim", step_count=2)
        job = claim(tx)
    _publish(db, folders, job, score)


def _publish(db: Database, folders: Folders, job: Job, score: int) -> str:
    scores = folders.work / "scores.parquet"
    pq.write_table(pa.table({"score": [score]}), scores)
    assert publish.publish_results(
        db, folders, job, Outcome(respondents=1, scores=scores), DatabaseOutage("w")
    )
    return job.test_id or ""


def _publish_after_each_query(
    monkeypatch: pytest.MonkeyPatch, db: Database, folders: Folders, publications: int
) -> None:
    """Let a job complete after each of the first so many queries."""
    query, scores_left = result_queries.scores_file, iter(range(1, publications + 1))

    def query_and_publish(tx: Connection, test_id: str) -> str:
        name = query(tx, test_id)
        score = next(scores_left, None)
        if score is not None:
            _again(db, folders, test_id, score)
        return name

    monkeypatch.setattr(result_queries, "scores_file", query_and_publish)


@pytest.mark.parametrize("publications", [0, 1, 2])
def test_a_file_replaced_during_the_opening_is_the_newest(
    db: Database, folders: Folders, test_id: str, monkeypatch: pytest.MonkeyPatch, publications: int
) -> None:
    _publish_after_each_query(monkeypatch, db, folders, publications)
    with open_scores(db, folders, test_id) as file:
        assert pq.read_table(file).to_pydict() == {"score": [publications]}


@pytest.mark.parametrize(
    ("read", "parse"), [(as_parquet, pq.read_table), (as_csv, csv.read_csv)], ids=["parquet", "csv"]
)
def test_an_open_file_is_read_to_its_end(
    db: Database, folders: Folders, test_id: str, read: Any, parse: Any
) -> None:
    file = open_scores(db, folders, test_id)
    _again(db, folders, test_id, 1)
    assert parse(io.BytesIO(b"".join(read(file)))).to_pydict() == {"score": [0]}
    assert file.closed


def test_columns_of_any_type_are_written_without_formulas(tmp_path: Path) -> None:
    """A company's own pipeline may write types that CSV lacks; column names are text as well."""
    text = ["=1", "＝1", "\n=1", "x"]
    table = pa.table(
        {
            "=name": pa.array(text),
            "large": pa.array(text, pa.large_string()),
            "view": pa.array(text, pa.string_view()),
            "coded": pa.array(text).dictionary_encode(),
            "bytes": pa.array([b"=1", b"\xff", None, b""]),
            "list": pa.array([["=1"], [], None, ["x"]]),
            "empty": pa.array([None] * 4, pa.list_(pa.string())),
            "number": pa.array([-1, 2, None, 3]),
            "moment": pa.array([-1, 0, 1, None], pa.timestamp("s", "UTC")),
        }
    )
    pq.write_table(table, tmp_path / "scores.parquet")
    written = b"".join(as_csv((tmp_path / "scores.parquet").open("rb")))
    read = list(plain_csv.reader(io.StringIO(written.decode(), newline="")))
    columns = {name: values for name, *values in zip(*read, strict=True)}
    escaped = ["'=1", "'＝1", "'\n=1", "x"]
    assert [columns[name] for name in ("'=name", "large", "view", "coded")] == [escaped] * 4
    assert columns["bytes"] == ["b'=1'", "b'\\xff'", "", "b''"]
    assert columns["list"] == ["['=1']", "[]", "", "['x']"]
    assert columns["empty"] == [""] * 4
    assert columns["number"] == ["-1", "2", "", "3"]
    assert columns["moment"][0].startswith("1969-12-31 23:59:59")


def test_a_missing_file_raises_not_found(db: Database, folders: Folders, test_id: str) -> None:
    (file,) = (folders.root / "results").iterdir()
    file.unlink()
    with pytest.raises(NotFound) as caught:
        open_scores(db, folders, test_id)
    assert caught.value.code == "no_scores"


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_a_missing_file_is_a_404(person: Person, file_format: str) -> None:
    test = person.processed()
    path = f"/tests/results/{test['id']}/scores?format={file_format}"
    whole = person.service.call("GET", path)
    assert whole.status_code == 200
    length = whole.headers.get("Content-Length")
    assert length == (None if file_format == "csv" else str(len(whole.content)))
    (person.service.data_dir / "results" / f"{test['lastJob']['jobId']}.parquet").unlink()
    assert person.service.error("GET", path)[:2] == (404, "no_scores")
