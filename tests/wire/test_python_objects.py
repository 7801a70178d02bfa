"""Jobs that a Python program has in other forms than ours."""

from collections import namedtuple
from dataclasses import make_dataclass
from datetime import UTC, datetime
from enum import Enum
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from etl_monitor.wire.job import Job
from etl_monitor.wire.python_objects import fields_of_object
from etl_monitor.wire.reading import RecordReader

AT = datetime(2026, 11, 27, 10, tzinfo=UTC)
State = Enum("State", {"RUNNING": "running"})

FIELDS: dict[str, Any] = {
    "jobId": "a",
    "status": State.RUNNING,
    "progress": np.int64(40),
    "rowsDone": np.float64(3),
    "createdAt": pd.Timestamp(AT),
    "startedAt": np.datetime64("2026-11-27T10:00:00", "ns"),
    "finishedAt": pd.NaT,
    "title": np.nan,
    "userId": pd.NA,
}
Row = namedtuple("Row", FIELDS)  # type: ignore[misc]


@pytest.mark.parametrize(
    "given",
    [
        FIELDS,
        pd.Series(FIELDS),
        pd.DataFrame([FIELDS]),
        next(pd.DataFrame([FIELDS]).itertuples()),
        Row(**FIELDS),
        make_dataclass("Made", FIELDS)(**FIELDS),
        SimpleNamespace(**FIELDS),
    ],
    ids=lambda given: type(given).__name__,
)
def test_a_job_in_any_form(given: Any) -> None:
    fields = fields_of_object(Job, given)
    job = RecordReader().record(Job, fields)
    assert job is not None
    assert (job.job_id, job.status, job.progress, job.rows_done) == ("a", "running", 40, 3)
    assert job.created_at == job.started_at == AT
    assert (job.finished_at, job.title, job.user_id) == (None, None, None)


@pytest.mark.parametrize("given", ["a", 7, np.int64(7), None, b"a", object()])
def test_a_value_has_no_fields(given: Any) -> None:
    assert fields_of_object(Job, given) is None
