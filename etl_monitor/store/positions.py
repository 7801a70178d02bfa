"""Where in the service's event log the store is."""

from etl_monitor.store.job_merge import MergeOutcome


class Positions:
    """`last`: the id of the last event that counts; empty if the back end numbers nothing."""

    def __init__(self) -> None:
        self.last = ""
        self._number: int | None = None  # `last` as a number, if it is one
        self._next = ""  # the position that follows it

    def go_to(self, position: str) -> None:
        if position and position == self._next and self._number is not None:
            self._number += 1
        else:
            self._number = _as_number(position)
        self.last = position
        self._next = "" if self._number is None else str(self._number + 1)

    def problem(self, position: str) -> MergeOutcome | None:
        """Return DUPLICATE or GAP if `position` does not directly follow `last`; None if it does,
        or if the positions are not numeric."""
        if not position or not self.last or position == self._next:
            return None
        if position == self.last:
            return MergeOutcome.DUPLICATE
        number = _as_number(position)
        if self._number is None or number is None:
            return None
        if number < self._number:
            return MergeOutcome.DUPLICATE
        return MergeOutcome.GAP if number > self._number + 1 else None


def _as_number(position: str) -> int | None:
    is_number = position.isascii() and position.isdigit() and len(position) < 20
    return int(position) if is_number else None
