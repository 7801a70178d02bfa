"""The columns of an answer file that are read; all others are ignored."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.kinds.definition import GROUP, TAKEN_AT
from etl_monitor.plain_text import canonical
from etl_monitor.wire.result import TestKind

LARGEST_COLUMN_COUNT = 10_000


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns of one file that its test kind has: name → index in the file."""

    indices: dict[str, int]
    count: int  # of all columns in the file

    @property
    def has_group(self) -> bool:
        return GROUP in self.indices

    @property
    def has_taken_at(self) -> bool:
        return TAKEN_AT in self.indices


def find_columns(header: Sequence[str], kind: TestKind) -> Columns:
    """Return where the kind's columns are in a file. Blanks around names do not count, nor in which
    form (NFC, NFD) a name is written.

    Raises PipelineError `too_many_columns`, `missing_columns`, `duplicate_columns`.
    """
    names = [canonical(name.strip()) for name in header]
    if len(names) > LARGEST_COLUMN_COUNT:
        raise errors.TooManyColumns(columns=len(names), limit=LARGEST_COLUMN_COUNT)
    counts = Counter(names)
    if missing := [name for name in kind.columns if name not in counts]:
        raise errors.MissingColumns(columns=missing, found=names, test_kind=kind.key)
    used = {*kind.columns, *kind.optional_columns}
    if repeated := [name for name, count in counts.items() if count > 1 and name in used]:
        raise errors.DuplicateColumns(columns=repeated)
    indices = {name: index for index, name in enumerate(names) if name in used}
    return Columns(indices=indices, count=len(names))
