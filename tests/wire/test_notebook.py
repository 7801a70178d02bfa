"""Jobs as tables, for notebooks."""

from datetime import UTC, datetime
from types import MappingProxyType

import pandas as pd

import etl_monitor as em
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.wire.job import Job, JobDetail
from tests.support import factories


def snapshot_of(*jobs: Job) -> Snapshot:
    return Snapshot(jobs=MappingProxyType({job.job_id: job for job in jobs}))


def test_a_snapshot_has_a_row_for_each_job() -> None:
    done = factories.completed().model_copy(update={"job_id": "done"})
    frame = snapshot_of(done, factories.running()).to_pandas()
    assert list(frame.columns) == list(Job.model_fields)
    assert list(frame["status"]) == ["running", "completed"]
    assert isinstance(frame["created_at"].dtype, pd.DatetimeTZDtype)
    assert str(frame["rows_total"].dtype) == "Int64"


def test_an_empty_snapshot_has_the_same_columns() -> None:
    frame = Snapshot().to_pandas()
    assert (len(frame), list(frame.columns)) == (0, list(Job.model_fields))
    assert Snapshot()._repr_html_().startswith("<table")


def test_a_job_has_one_row_that_fits_the_snapshots() -> None:
    created_at = datetime(2026, 11, 27, 10, tzinfo=UTC)
    job = JobDetail(job_id="a", progress=40, rows_done=3, created_at=created_at)
    frame = job.to_pandas()
    assert frame.iloc[0][["job_id", "status", "progress"]].tolist() == ["a", "pending", 40]
    assert len(pd.concat([frame, snapshot_of(Job(job_id="b")).to_pandas()])) == 2


def test_a_notebook_shows_text_as_text() -> None:
    job = Job(job_id="<b>1</b>", title="<script>alert(1)</script>", error_message="a & b")
    for html in (job._repr_html_(), snapshot_of(job)._repr_html_()):
        assert "<script" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert "a &amp; b" in html
        assert "cancel_reason" not in html, "no empty columns"


def test_dir_lists_the_public_names() -> None:
    assert set(dir(em)) == set(em.__all__)
    assert all(getattr(em, name) is not None for name in em.__all__)
