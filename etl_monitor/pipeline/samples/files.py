"""Sample answer files, which a new installation processes on its first start.

The respondents are invented; `response_model.py` generates their answers. The same sample gives the
same file, byte for byte, with the same versions of numpy and pyarrow.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from etl_monitor.i18n.translator import Translator
from etl_monitor.pipeline.answer_files.answer_codes import MISSING, Codes
from etl_monitor.pipeline.kinds.definition import GROUP, ID, TAKEN_AT, Kind, Rating, find_kind
from etl_monitor.pipeline.samples.response_model import Carelessness, Groups, ResponseModel
from etl_monitor.wire.samples import STORED_LANGUAGE

FileFormat = Literal["csv-utf8", "csv-cp949", "parquet"]

CHUNK = 10_000
GROUP_NAMES = ("R&D", "IT", "HR", "QA", "CS", "PR")  # the same in each reader's language
FIRST_START = np.datetime64(datetime(2026, 3, 2, 9, 0), "s")  # noqa: DTZ001  # local time of the test

BROKEN_SHARE = 0.62
"""The share of a broken sample's rows that a bad export has damaged."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    key: str
    title: str
    test_kind: str
    user_id: str
    respondents: int
    seed: int
    file_format: FileFormat
    groups: tuple[str, ...] = GROUP_NAMES
    broken: bool = False  # fails with too_many_invalid_rows
    dropped: bool = False  # its first job is cancelled before it starts

    @property
    def suffix(self) -> str:
        return ".parquet" if self.file_format == "parquet" else ".csv"


def _sample(key: str, kind: str, user_id: str, respondents: int, file_format: FileFormat) -> Sample:
    return Sample(
        key=key,
        title=Translator(STORED_LANGUAGE)(f"sample-title-{key}"),
        test_kind={"P": "big_five_50", "R": "reasoning_4x10"}[kind],
        user_id=user_id,
        respondents=respondents,
        seed=zlib.crc32(key.encode()),
        file_format=file_format,
        broken=key.startswith("broken"),
        dropped=key == "dropped",
    )


# Long and short ones come first, so that the first seconds show jobs that move and jobs that
# finish. The largest one runs long enough to be opened and cancelled.
SAMPLES = (
    _sample("spring-personality", "P", "kim.minji", 100_000, "csv-utf8"),
    _sample("team-leads", "P", "lee.junho", 500, "csv-cp949"),
    _sample("broken-branch", "P", "park.seoyeon", 4_000, "csv-cp949"),
    _sample("dropped", "P", "lee.junho", 3_000, "csv-utf8"),
    _sample("spring-reasoning", "R", "kim.minji", 100_000, "parquet"),
    _sample("interns", "R", "choi.yuna", 2_500, "csv-utf8"),
    _sample("experienced", "P", "jung.dohyun", 12_000, "csv-cp949"),
    _sample("autumn-personality", "P", "kim.minji", 90_000, "parquet"),
    _sample("autumn-reasoning", "R", "kim.minji", 85_000, "csv-cp949"),
    _sample("research", "R", "han.jiwoo", 6_000, "parquet"),
    _sample("wellbeing", "P", "yoon.haerin", 60_000, "csv-cp949"),
    _sample("production", "P", "park.seoyeon", 45_000, "csv-utf8"),
    _sample("digital", "R", "lim.seojun", 30_000, "csv-utf8"),
    _sample("overseas", "P", "jung.dohyun", 1_800, "parquet"),
    _sample("pilot", "R", "han.jiwoo", 40_000, "parquet"),
    _sample("affiliates", "P", "choi.yuna", 80_000, "csv-utf8"),
    _sample("norms", "P", "han.jiwoo", 1_000_000, "parquet"),
    _sample("spring-second", "P", "kim.minji", 70_000, "parquet"),
    _sample("autumn-second", "R", "kim.minji", 95_000, "csv-utf8"),
    _sample("designers", "P", "lim.seojun", 900, "csv-cp949"),
    _sample("call-center", "P", "yoon.haerin", 55_000, "csv-cp949"),
    _sample("it-campus", "R", "han.jiwoo", 65_000, "parquet"),
    _sample("managers", "P", "lee.junho", 8_000, "csv-utf8"),
)


def write_sample(sample: Sample, path: Path) -> None:
    """Write the sample's answer file, a chunk at a time."""
    kind = find_kind(sample.test_kind, None)
    tables = _tables(sample, kind)
    if sample.file_format == "parquet":
        _write_parquet(tables, path)
    else:
        _write_csv(tables, path, "cp949" if sample.file_format == "csv-cp949" else "utf-8")


def _tables(sample: Sample, kind: Kind) -> Iterator[Any]:
    model = ResponseModel(kind, len(sample.groups), sample.seed)
    random = np.random.default_rng([sample.seed, 1])
    for first in range(0, sample.respondents, CHUNK):
        numbers = np.arange(first, min(first + CHUNK, sample.respondents))
        groups = random.integers(0, len(sample.groups), len(numbers))
        codes = model.draw(groups, _carelessness(kind))
        respondents = _respondents(sample, numbers, groups, random)
        answers = {item: _answer_texts(codes[:, i], kind) for i, item in enumerate(kind.items)}
        if sample.broken:
            _damage(answers, random.random(len(numbers)) < BROKEN_SHARE, numbers)
        yield pa.table(respondents | answers)


def _carelessness(kind: Kind) -> Carelessness:
    return Carelessness(gave_up=0.06, straight_lining=0.004) if kind.keyed else Carelessness()


def _respondents(
    sample: Sample, numbers: Groups, groups: Groups, random: np.random.Generator
) -> dict[str, Any]:
    is_repeated = random.random(len(numbers)) < 0.002  # has the id of the row before
    id_numbers = np.where(is_repeated, numbers, numbers + 1)
    ids = [f"{sample.key[:3].upper()}{n:06d}" for n in id_numbers]
    taken = FIRST_START + numbers * 20 + random.integers(0, 600, len(numbers))
    return {
        ID: pa.array(ids),
        GROUP: pa.array(sample.groups).take(pa.array(groups)),
        TAKEN_AT: pa.array(np.datetime_as_string(taken).tolist()),
    }


def _answer_texts(codes: Codes, kind: Kind) -> Any:
    """Return one item's answers as a file has them; "" for unanswered."""
    options = kind.answers.allowed
    lowest = kind.answers.lowest if isinstance(kind.answers, Rating) else 0
    indices = codes.astype(np.int32) - lowest
    indices[codes == MISSING] = len(options)
    return pa.array([*options, ""]).take(pa.array(indices))


def _damage(answers: dict[str, Any], is_damaged: Any, numbers: Groups) -> None:
    """Damage rows as bad exports do: errors of a spreadsheet instead of numbers, a column that
    slipped, half of the answers lost."""
    names, damage = list(answers), numbers % 3
    errors = pa.array(["#REF!", "#VALUE!", "#NAME?"]).take(pa.array(numbers % 3))
    for index, name in enumerate(names):
        if index in (4, 17, 33):
            answers[name] = _where(is_damaged & (damage == 0), errors, answers[name])
        if index == 9:
            answers[name] = _where(is_damaged & (damage == 1), pa.scalar("52"), answers[name])
        if index >= len(names) // 2:
            answers[name] = _where(is_damaged & (damage == 2), pa.scalar(""), answers[name])


def _where(mask: Any, yes: Any, no: Any) -> Any:
    return pc.if_else(pa.array(mask), yes, no)


def _write_parquet(tables: Iterator[Any], path: Path) -> None:
    first = next(tables)
    with parquet.ParquetWriter(path, first.schema) as writer:
        for table in chain([first], tables):
            writer.write_table(table)


def _write_csv(tables: Iterator[Any], path: Path, encoding: str) -> None:
    """Arrow writes UTF-8 only; its text is encoded again for CP949."""
    with path.open("wb") as file:
        for index, table in enumerate(tables):
            text = pa.BufferOutputStream()
            options = csv.WriteOptions(include_header=index == 0, quoting_style="none")
            csv.write_csv(table, text, options)
            file.write(text.getvalue().to_pybytes().decode().encode(encoding))
