"""The rows of an answer file, in any format: text, with each row's number in the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from etl_monitor.pipeline.answer_files.columns import Columns
from etl_monitor.pipeline.errors import BadRow

RowNumbers = npt.NDArray[np.int64]

FIRST_ROW = 2
"""The number of the first row below the header, as spreadsheets count."""

MOST_NAMED_ROWS = 10
"""The number of rows that an error names."""


@dataclass(frozen=True, kw_only=True)
class RowChunk:
    """Consecutive rows. `cells` is an Arrow record batch of the columns that are read, by name."""

    numbers: RowNumbers
    cells: Any

    def __len__(self) -> int:
        return len(self.numbers)


class AnswerFile(Protocol):
    """An answer file that is open for reading."""

    columns: Columns

    @property
    def estimated_rows(self) -> int:
        """The number of rows, or a close estimate that is not too low."""

    @property
    def malformed(self) -> int:
        """The number of rows skipped so far because they have too many or too few fields."""

    @property
    def malformed_rows(self) -> Sequence[BadRow]:
        """All of them."""

    def chunks(self) -> Iterator[RowChunk]:
        """Yield every well-formed row, in the file's order. Raises PipelineError."""
