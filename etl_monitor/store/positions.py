"""Where in the service's event log the store is."""

from etl_monitor.store.job_merge import MergeOutcome


class Positions:
    """`last`: the id of the last event that counts; empty if the back end numbers nothing."""

    def __init__(self) -> None:
        self.last = ""
        self._following = 0  # the number of the position that follows it; 0: `last` is no number
        self._next = ""  # that position

    def set(self, position: str) -> None:
        number = _as_number(position)
        self.last = position
        self._following = 0 if number is None else number + 1
        self._next = "" if number is None else str(self._following)

    def take(self, position: str) -> MergeOutcome | None:
        """Go on to `position` if it directly follows `last`, or if the positions are not numeric;
        otherwise return DUPLICATE or GAP. An empty one changes nothing."""
        if not position:
            return None
        if position == self._next:  # as nearly all are
            self.last = position
            self._following += 1
            self._next = str(self._following)
            return None
        problem = self._problem(position)
        if problem is None:
            self.set(position)
        return problem

    def _problem(self, position: str) -> MergeOutcome | None:
        if position == self.last:
            return MergeOutcome.DUPLICATE
        number = _as_number(position)
        if not self._following or number is None:
            return None
        if number < self._following - 1:
            return MergeOutcome.DUPLICATE
        return MergeOutcome.GAP if number > self._following else None


def _as_number(position: str) -> int | None:
    is_number = position.isascii() and position.isdigit() and len(position) < 20
    return int(position) if is_number else None
