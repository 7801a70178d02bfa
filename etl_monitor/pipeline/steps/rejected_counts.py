"""The rows left out, counted by column and reason while they are written."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING, Codes
from etl_monitor.pipeline.exclusion import MALFORMED, ExclusionReason
from etl_monitor.pipeline.kinds.definition import ID
from etl_monitor.wire.rejected import RejectedSummary

_AT_FAULT = {ExclusionReason.MISSING: MISSING, ExclusionReason.OUT_OF_RANGE: INVALID}
"""The answer code for which an item is at fault."""
_COLUMN = {ExclusionReason.NO_RESPONDENT_ID: ID, ExclusionReason.DUPLICATE: ID}


class RejectedCounts:
    def __init__(self, items: Sequence[str]) -> None:
        self._items = items
        self._rows: Counter[str] = Counter()
        self._cells: Counter[tuple[str | None, str]] = Counter()

    def add(self, codes: Codes, reasons: Any) -> None:
        """Count rows that are left out: their answer codes, and an `ExclusionReason` for each."""
        for number in np.unique(reasons):
            reason = ExclusionReason(int(number))
            rows = codes[reasons == number]
            self._rows[reason.reason] += len(rows)
            if reason in _AT_FAULT:
                self._add_items(rows == _AT_FAULT[reason], reason.reason)
            else:
                self._cells[_COLUMN.get(reason), reason.reason] += len(rows)

    def add_malformed(self, rows: int) -> None:
        if rows:
            self._rows[MALFORMED] += rows
            self._cells[None, MALFORMED] += rows

    def summary(self) -> RejectedSummary:
        return RejectedSummary.of(self._rows, self._cells)

    def _add_items(self, is_at_fault: Any, reason: str) -> None:
        counts = is_at_fault.sum(axis=0)
        for item, count in zip(self._items, counts.tolist(), strict=True):
            self._cells[item, reason] += count
