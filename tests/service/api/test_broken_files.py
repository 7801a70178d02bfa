"""Damaged answer files through the real worker.

The worker survives, and each job ends with a result or a reason.
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests

from etl_monitor.pipeline.samples.files import Sample, write_sample
from tests.support.eventually import eventually
from tests.support.service_process import RunningService, running_service

FILES = int(os.environ.get("ETL_BROKEN_FILES", "40"))  # of each format
SEED = int(os.environ.get("ETL_BROKEN_SEED", "20260301"))
WITHIN = 120.0  # seconds for all of them
SMALL = Sample(
    key="small",
    title="small",
    test_kind="big_five_50",
    user_id="kim",
    respondents=120,
    seed=1,
    file_format="csv-utf8",
)
DAMAGE = (
    b"",
    b"\0",
    b'"',
    b"\n",
    b"\r\n,",
    b",,,,,,,,",
    b"\xff\xfe",
    b"9" * 400,
    b"=1+1",
    "응답".encode("cp949"),
    b"-0.0e999",
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    setting = {"ETL_MONITOR_WORKERS": "2"}
    with running_service(tmp_path_factory.mktemp("broken") / "data", env=setting) as running:
        yield running


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("intact")
    csv, parquet = folder / "a.csv", folder / "a.parquet"
    write_sample(SMALL, csv)
    table = pa.Table.from_pandas(pd.read_csv(csv, dtype=str), preserve_index=False)
    pq.write_table(table, parquet, row_group_size=50, use_dictionary=False, data_page_size=500)
    return {"csv": csv.read_bytes(), "parquet": parquet.read_bytes()}


def damaged(content: bytes, chance: random.Random, *, spared: int) -> bytes:
    """Return the content with bytes removed, replaced and repeated.

    The check at the upload reads the first line of a table, and of a Parquet file the last `spared`
    bytes and where each page begins. They mostly stay intact, so that the file reaches the worker.
    """
    if spared and chance.random() < 0.8:
        return overwritten(content, chance, end=len(content) - spared)
    broken = bytearray(content)
    first = content.find(b"\n") + 1 if chance.random() < 0.8 else 0
    for _ in range(chance.randint(1, 6)):
        last = max(first + 1, len(broken) - (spared if chance.random() < 0.8 else 0))
        start = chance.randrange(first, last)
        length = chance.choice([0, 1, 8, 300])
        piece = chance.choice([*DAMAGE, *DAMAGE, chance.randbytes(8), bytes(broken[:200])])
        broken[start : start + length] = piece
    return bytes(broken)


def overwritten(content: bytes, chance: random.Random, *, end: int) -> bytes:
    """Return the content with other bytes in a few places before `end`, all else in its place."""
    broken = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        start, length = chance.randrange(4, end), chance.choice([1, 8])
        broken[start : start + length] = chance.randbytes(length)
    return bytes(broken)


def upload(service: RunningService, name: str, content: bytes) -> requests.Response:
    form = {"testKind": "big_five_50", "userId": "kim"}
    return service.call("POST", "/tests/results", data=form, files={"file": (name, content)})


def workers(service: RunningService) -> list[tuple[str, int]]:
    return [(worker["name"], worker["pid"]) for worker in service.data("GET", "/system")["workers"]]


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_workers_survive_damaged_files(
    real: RunningService, intact: dict[str, bytes], file_format: str
) -> None:
    chance = random.Random(SEED)
    content = intact[file_format]
    spared = 0 if file_format == "csv" else int.from_bytes(content[-8:-4], "little") + 8
    before, job_ids = workers(real), []
    for number in range(FILES):
        broken = damaged(content, chance, spared=spared)
        reply = upload(real, f"{number}.{file_format}", broken)
        if reply.status_code == 201:
            job_ids.append(reply.json()["data"]["lastJob"]["jobId"])
        else:
            has_a_reason(reply)
    assert len(job_ids) >= FILES // 8, "too few files reached a worker"

    def all_are_over() -> None:
        assert real.data("GET", "/etl/jobs/active") == []

    eventually(all_are_over, within=WITHIN)
    for job_id in job_ids:
        ended_well(real.data("GET", f"/etl/jobs/{job_id}"))
    assert workers(real) == before, "a worker was lost"


def has_a_reason(reply: requests.Response) -> None:
    assert reply.status_code == 400, reply.text
    error = reply.json()["error"]
    assert error["code"] not in ("internal_error", "malformed_request")


def ended_well(job: Any) -> None:
    assert job["status"] in ("completed", "failed")
    if job["status"] == "failed":
        assert job["errorCode"] not in (None, "", "internal_error", "worker_lost"), job["errorCode"]
        assert job["errorMessage"]


def test_intact_files_are_processed(real: RunningService, intact: dict[str, bytes]) -> None:
    """If they were not, the files above would be rejected for another reason."""
    ids = [upload(real, f"a.{name}", intact[name]).json()["data"]["id"] for name in intact]

    def completed() -> None:
        for test_id in ids:
            assert real.data("GET", f"/tests/results/{test_id}")["status"] == "completed"

    eventually(completed, within=60)


def test_files_that_are_hard_to_parse_are_rejected(real: RunningService) -> None:
    """A table of many columns, a line without end, an open quote, only zeros."""
    wide = ",".join(f"c{n}" for n in range(20_000)).encode() + b"\n1\n"
    endless = b"respondent_id," + b"x" * 5_000_000
    quoted = b'respondent_id,EXT1\n"' + b"y\n" * 1_000_000
    zeros = np.zeros(3_000_000, dtype=np.uint8).tobytes()
    for content in (wide, endless, quoted, zeros):
        has_a_reason(upload(real, "odd.csv", content))
