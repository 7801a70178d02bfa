"""The files in a job's work_dir that one step leaves for the next, by name and type.

written by   name                   holds
extract      answers                answer codes, rows × items, int8
extract      identities             a 64-bit hash of each row's respondent_id, or NO_ID
extract      groups                 the index of each row's group in `Extracted.groups`, or NO_GROUP
extract      respondents            row, respondent_id, taken_at as in the file
extract      invalid.parquet        the first invalid cell of each row that has one
extract      malformed.parquet      the rows of a CSV file with too many or too few fields
extract      extracted.json         `Extracted`
validate     exclusions             one `ExclusionReason` a row
validate     rejected.parquet       every row that is left out, with its reason; kept by the service
score        scores                 raw scores, rows × scales; NaN: row not used
norm         norms-<scale>          the different scores of a group with their norms, × `NORM_TABLE`
norm         norm-rows-<scale>      each row's line there, or, for a row not used, their number
analyse      statistics.json        `Statistics`
load         scores.parquet         the result
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet
from pydantic import BaseModel, ConfigDict

from etl_monitor.pipeline.base import REJECTED_ROWS, PipelineJob
from etl_monitor.pipeline.kinds.definition import Kind, find_definition, read_definition
from etl_monitor.pipeline.steps.matrix import Matrix
from etl_monitor.pipeline.steps.row_file import RowFile
from etl_monitor.wire.statistics import KindDefinition, Statistics

_DEFINITION = "definition.toml"
NORMS = ("percentile", "t", "group_percentile", "group_t")
NORM_TABLE = ("raw", *NORMS, "group", "respondents")
"""Columns. `group`: its index, or NO_GROUP; `respondents`: how many have this score."""
NO_GROUP = -1

RESPONDENT = pa.schema({"row": pa.int64(), "respondent_id": pa.string(), "taken_at": pa.string()})

# The first cell of a row that does not hold an answer of this kind; `index` of the row, from 0.
INVALID_CELL = pa.schema({"index": pa.int64(), "column": pa.string(), "value": pa.string()})
REJECTED = pa.schema(
    {"row": pa.int64()}
    | {name: pa.string() for name in ("respondent", "column", "value", "reason")}
)


def scratch_writer(path: Path, schema: Any) -> Any:
    """Open a file that only the next steps read: neither compressed nor with dictionaries, which
    would cost more than they save."""
    return parquet.ParquetWriter(path, schema, compression="none", use_dictionary=False)


class Extracted(BaseModel):
    model_config = ConfigDict(frozen=True)

    rows: int  # well-formed ones
    malformed: int
    has_taken_at: bool
    groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Workspace:
    folder: Path
    kind: Kind

    @classmethod
    def of(cls, job: PipelineJob) -> "Workspace":
        """Open the job's workspace. Its first step reads the kind's definition, and leaves a copy
        for all others: it may be edited meanwhile.

        Raises PipelineError `unknown_test_kind` or `broken_definition`.
        """
        copy = job.work_dir / _DEFINITION
        if not copy.exists():
            copy.write_bytes(find_definition(job.test_kind, job.kinds_dir).content)
        return cls(folder=job.work_dir, kind=read_definition(copy).kind)

    @property
    def definition(self) -> KindDefinition:
        """The definition's text, for the result."""
        content = (self.folder / _DEFINITION).read_bytes()
        return KindDefinition(sha256=sha256(content).hexdigest(), text=content.decode())

    @property
    def answers(self) -> Matrix[np.int8]:
        return Matrix(path=self.folder / "answers", columns=len(self.kind.items), dtype=np.int8)

    @property
    def identities(self) -> Matrix[np.uint64]:
        return Matrix(path=self.folder / "identities", columns=1, dtype=np.uint64)

    @property
    def groups(self) -> Matrix[np.int32]:
        return Matrix(path=self.folder / "groups", columns=1, dtype=np.int32)

    @property
    def exclusions(self) -> Matrix[np.uint8]:
        return Matrix(path=self.folder / "exclusions", columns=1, dtype=np.uint8)

    @property
    def scores(self) -> Matrix[np.float64]:
        return Matrix(path=self.folder / "scores", columns=len(self.kind.scales), dtype=np.float64)

    def norms(self, scale: str) -> Matrix[np.float64]:
        path = self.folder / f"norms-{scale}"
        return Matrix(path=path, columns=len(NORM_TABLE), dtype=np.float64)

    def norm_rows(self, scale: str) -> Matrix[np.int32]:
        return Matrix(path=self.folder / f"norm-rows-{scale}", columns=1, dtype=np.int32)

    @property
    def respondents(self) -> RowFile:
        return RowFile(path=self.folder / "respondents", schema=RESPONDENT)

    @property
    def scores_path(self) -> Path:
        return self.folder / "scores.parquet"

    @property
    def invalid_cells_path(self) -> Path:
        return self.folder / "invalid.parquet"

    @property
    def malformed_path(self) -> Path:
        return self.folder / "malformed.parquet"

    @property
    def rejected_path(self) -> Path:
        return self.folder / REJECTED_ROWS

    def write_extracted(self, extracted: Extracted) -> None:
        self._extracted_path.write_text(extracted.model_dump_json(), "utf-8")

    def extracted(self) -> Extracted:
        return Extracted.model_validate_json(self._extracted_path.read_text("utf-8"))

    def write_statistics(self, statistics: Statistics) -> None:
        self._statistics_path.write_text(statistics.model_dump_json(), "utf-8")

    def statistics(self) -> Statistics:
        return Statistics.model_validate_json(self._statistics_path.read_text("utf-8"))

    @property
    def _extracted_path(self) -> Path:
        return self.folder / "extracted.json"

    @property
    def _statistics_path(self) -> Path:
        return self.folder / "statistics.json"
