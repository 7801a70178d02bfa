"""Step 6: write the result: scores of every respondent, documents, statistics."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.documents.writer import write_documents
from etl_monitor.pipeline.exclusion import ExclusionReason
from etl_monitor.pipeline.kinds.definition import GROUP, ID, TAKEN_AT
from etl_monitor.pipeline.progress import stoppable, tracked
from etl_monitor.pipeline.steps.workspace import NORMS, Extracted, Workspace

_REASONS = pa.array([None, *(reason.reason for reason in ExclusionReason if reason)], pa.string())

_DIFFERENT = (ID, TAKEN_AT, "row")  # columns whose values hardly repeat: a dictionary only costs
_BATCHES_OF_A_GROUP = 16  # 131,072 rows: smaller groups cost a third more to write and to read


@stoppable
def load(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    space = Workspace.of(job)
    kind = space.kind
    extracted, statistics = space.extracted(), space.statistics()
    schema = _schema(space, extracted)
    repeated = [name for name in schema.names if name not in _DIFFERENT]
    with parquet.ParquetWriter(
        space.scores_path, schema, compression="zstd", use_dictionary=repeated
    ) as writer:
        batches = _batches(space, extracted, schema)
        gathered: list[Any] = []
        for batch in tracked(batches, extracted.rows, report, cancelled):
            gathered.append(batch)
            if len(gathered) == _BATCHES_OF_A_GROUP:
                _write_group(writer, gathered)
        _write_group(writer, gathered)
    return Outcome(
        respondents=statistics.respondents.total,
        documents=write_documents(kind, statistics),
        statistics=statistics,
        scores=space.scores_path,
    )


def _write_group(writer: Any, batches: list[Any]) -> None:
    """Write the batches as one row group, and forget them."""
    if batches:
        writer.write_table(pa.Table.from_batches(batches))
    batches.clear()


def _schema(space: Workspace, extracted: Extracted) -> Any:
    fields: dict[str, Any] = {ID: pa.string(), GROUP: pa.string()}
    if extracted.has_taken_at:
        fields[TAKEN_AT] = pa.string()
    fields |= {"row": pa.int64(), "usable": pa.bool_(), "excluded_for": pa.string()}
    for scale in space.kind.scales:
        fields |= {f"{scale.key}_{name}": pa.float64() for name in ("raw", *NORMS)}
    return pa.schema(fields)


def _batches(space: Workspace, extracted: Extracted, schema: Any) -> Iterator[Any]:
    """Yield batches of scores. All files have the same rows, in the same order and chunks."""
    taken_at = (TAKEN_AT,) if extracted.has_taken_at else ()
    norms = [space.norms(scale.key).chunks() for scale in space.kind.scales]
    people = space.respondents((ID, GROUP, *taken_at, "row"))
    sources = zip(people, space.exclusions.chunks(), space.scores.chunks(), *norms, strict=True)
    for batch, exclusions, scores, *norm_tables in sources:
        reasons = _REASONS.take(pa.array(exclusions[:, 0]))
        columns = [*batch.columns, pa.array(exclusions[:, 0] == ExclusionReason.USABLE), reasons]
        for index, table in enumerate(norm_tables):
            columns.append(_numbers(scores[:, index]))
            columns.extend(_numbers(table[:, norm]) for norm in range(len(NORMS)))
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _numbers(values: Any) -> Any:
    """NaN stands for a score that does not exist; in Parquet that is null."""
    return pa.array(values, mask=np.isnan(values))
