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
    with _writer(space, schema) as writer:
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


def _writer(space: Workspace, schema: Any) -> Any:
    """Scores and norms are indices into a list of few: compression would save 8 % of the file and
    cost a fifth of the time. Each group of rows has all of them, so their least and greatest
    values would help no search."""
    repeated = [name for name in schema.names if name not in _DIFFERENT]
    others = [field.name for field in schema if not pa.types.is_floating(field.type)]
    return parquet.ParquetWriter(
        space.scores_path,
        schema,
        compression={name: "zstd" if name in others else "none" for name in schema.names},
        use_dictionary=repeated,
        write_statistics=others,
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
    names = pa.array([*extracted.groups, None], pa.string())  # NO_GROUP is the last one
    tables = [_norm_columns(space, scale.key) for scale in space.kind.scales]
    lines = [space.norm_rows(scale.key).chunks() for scale in space.kind.scales]
    people = space.respondents.chunks((ID, *taken_at, "row"))
    sources = zip(people, space.groups.chunks(), space.exclusions.chunks(), *lines, strict=True)
    for batch, groups, exclusions, *norm_rows in sources:
        usable = pa.array(exclusions[:, 0] == ExclusionReason.USABLE)
        group = names.take(pa.array(groups[:, 0] % len(names)))
        reasons = _REASONS.take(pa.array(exclusions[:, 0]))
        columns = [batch[ID], group, *batch.columns[1:], usable, reasons]
        for table, rows in zip(tables, norm_rows, strict=True):
            indices = pa.array(rows[:, 0])
            columns.extend(column.take(indices) for column in table)
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _norm_columns(space: Workspace, scale: str) -> list[Any]:
    """Return the scores and norms of each line, and null for rows without. NaN stands for a norm
    that does not exist; in Parquet that is null, too."""
    table = space.norms(scale)
    columns = [np.append(table.column(index), np.nan) for index in range(1 + len(NORMS))]
    return [pa.array(values, mask=np.isnan(values)) for values in columns]
