"""Which columns of a file are read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.kinds.definition import Kind

ID, GROUP, TAKEN_AT = "respondent_id", "group", "taken_at"

LARGEST_COLUMN_COUNT = 10_000


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The needed columns of one file: name → place in the file. Others are left alone."""

    places: dict[str, int]
    count: int  # of all the file's columns

    @property
    def has_group(self) -> bool:
        return GROUP in self.places

    @property
    def has_taken_at(self) -> bool:
        return TAKEN_AT in self.places


def find_columns(header: Sequence[str], kind: Kind) -> Columns:
    """Look the kind's columns up in a file's header.

    Raises PipelineError `too_many_columns`, `missing_columns`, `duplicate_columns`.
    """
    names = [name.strip() for name in header]
    if len(names) > LARGEST_COLUMN_COUNT:
        raise errors.TooManyColumns(columns=len(names), limit=LARGEST_COLUMN_COUNT)
    needed = (ID, *kind.items)
    counts = Counter(names)
    if missing := [name for name in needed if name not in counts]:
        raise errors.MissingColumns(columns=missing, found=names, test_kind=kind.key)
    wanted = {*needed, GROUP, TAKEN_AT}
    if twice := [name for name, count in counts.items() if count > 1 and name in wanted]:
        raise errors.DuplicateColumns(columns=twice)
    places = {name: place for place, name in enumerate(names) if name in wanted}
    return Columns(places=places, count=len(names))
