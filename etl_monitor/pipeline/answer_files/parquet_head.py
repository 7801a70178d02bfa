"""The footer of a Parquet file: its columns, their types, and how large they are unpacked."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

import pyarrow as pa
from pyarrow import parquet

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.parquet_pages import UnreadablePages, unpacked_sizes
from etl_monitor.pipeline.answer_files.sizes import is_text, width_of

LARGEST_ROW_COUNT = 50_000_000  # rows; each of a few bytes in a file, and of a hundred in a job

_LARGEST_FOOTER = 16 * 2**20  # bytes; Arrow takes some ten times as much for it
_LARGEST_CHUNK = 64 * 2**20  # bytes of a part of a column, unpacked
_LARGEST_RATIO = 100  # of those to the bytes of the file; more is no answer file
_DICTIONARIES = frozenset({"PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "RLE", "BIT_PACKED"})


@dataclass(frozen=True, kw_only=True)
class Encodings:
    """How the columns that are read are stored. `as_dictionary`: the columns in which a repeated
    text can be read once. `sharing`: those in which a text may share its beginning with the one
    before it; one of them may have `longest_shared` bytes, those of a whole part of its column.
    `fixed_row`: bytes of all other cells of a row; texts read once count nothing."""

    as_dictionary: Sequence[str]
    sharing: Sequence[str]
    longest_shared: int
    fixed_row: int


@dataclass(frozen=True, kw_only=True)
class ParquetHead:
    """The footer of a Parquet file. `types` are the columns' Arrow types; `unpacked`: the bytes of
    the largest part of each column, by its name in the schema."""

    columns: tuple[str, ...]
    schema_names: tuple[str, ...]  # as in the file, with blanks around them
    types: tuple[Any, ...]
    rows: int
    size: int  # bytes of the file
    metadata: Any = field(repr=False)  # Arrow's
    unpacked: Mapping[str, int] = field(repr=False)
    format: Literal["Parquet"] = "Parquet"

    @property
    def has_rows(self) -> bool:
        return self.rows > 0

    def check_sizes(self, indices: Collection[int]) -> None:
        """Raises PipelineError `too_many_rows`, `expands_too_much`."""
        if self.rows > LARGEST_ROW_COUNT:
            raise errors.TooManyRows(rows=self.rows, limit=LARGEST_ROW_COUNT)
        limit = max(_LARGEST_CHUNK, _LARGEST_RATIO * self.size)
        for index in indices:
            unpacked = self.unpacked.get(self.schema_names[index], 0)
            if unpacked > limit:
                raise errors.ExpandsTooMuch(
                    column=self.columns[index], file_bytes=self.size, unpacked_bytes=unpacked
                )

    def encodings(self, indices: Collection[int]) -> Encodings:
        names, sharing, row = [], [], 1
        for index, chunks in self._chunks(indices).items():
            if not is_text(self.types[index]):
                row += width_of(self.types[index])
            elif all(_DICTIONARIES.issuperset(chunk.encodings) for chunk in chunks):
                names.append(chunks[0].path_in_schema if chunks else self.columns[index])
            else:
                sharing.append(self.schema_names[index])
        shared = sum(self.unpacked[name] for name in sharing)
        return Encodings(as_dictionary=names, sharing=sharing, longest_shared=shared, fixed_row=row)

    def _chunks(self, indices: Collection[int]) -> dict[int, list[Any]]:
        """Return the parts of each column, by the column's index. Only columns without parts of
        their own are read, so a path is a name."""
        leaves = {
            self.metadata.schema.column(leaf).path: leaf
            for leaf in range(self.metadata.num_columns)
        }
        groups = [self.metadata.row_group(group) for group in range(self.metadata.num_row_groups)]
        return {
            index: [group.column(leaves[name]) for group in groups]
            for index, name in ((index, self.schema_names[index]) for index in indices)
            if name in leaves
        }


def read_parquet_head(file: BinaryIO) -> ParquetHead:
    """Read the footer of a file. Raises PipelineError `unreadable_file`."""
    try:  # names may be any bytes
        _check_footer(file)
        file.seek(0)
        opened = parquet.ParquetFile(file, pre_buffer=False)
        schema, rows = opened.schema_arrow, int(opened.metadata.num_rows)
        names = tuple(name.strip() for name in schema.names)
        size = file.seek(0, os.SEEK_END)
        unpacked = unpacked_sizes(file, opened.metadata)
    except (pa.ArrowException, OSError, UnicodeDecodeError, UnreadablePages) as error:
        raise errors.UnreadableFile(reason=str(error)) from None
    return ParquetHead(
        columns=names,
        schema_names=tuple(schema.names),
        types=tuple(schema.types),
        rows=rows,
        size=size,
        metadata=opened.metadata,
        unpacked=unpacked,
    )


def _check_footer(file: BinaryIO) -> None:
    """Raises PipelineError `unreadable_file` if the footer says that it is too large."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 8))
    footer = int.from_bytes(file.read(4), "little")
    if footer > _LARGEST_FOOTER:
        raise errors.UnreadableFile(reason=f"its footer has {footer:,} bytes")
