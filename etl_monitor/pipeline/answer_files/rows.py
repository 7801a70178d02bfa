"""Rows of an answer file as they come from any format: text, with the row's place in the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from etl_monitor.pipeline.answer_files.columns import Columns
from etl_monitor.pipeline.errors import BadRow

RowNumbers = npt.NDArray[np.int64]

FIRST_ROWS = 10
"""How many rows an error names."""


@dataclass(frozen=True, kw_only=True)
class RawRows:
    """A chunk. `cells` is an Arrow record batch with the needed columns by name."""

    numbers: RowNumbers  # the header is row 1
    cells: Any

    def __len__(self) -> int:
        return len(self.numbers)


class AnswerFile(Protocol):
    """An answer file that is open for reading."""

    columns: Columns

    @property
    def rows_known(self) -> int:
        """Rows in the file, or a close estimate that is not too low."""

    @property
    def malformed(self) -> int:
        """Rows passed over so far because they have too many or too few fields."""

    @property
    def first_malformed(self) -> Sequence[BadRow]:
        """The first ten of them."""

    def chunks(self) -> Iterator[RawRows]:
        """Every well-formed row, in the file's order. Raises PipelineError."""
