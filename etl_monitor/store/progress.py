"""Progress that is not merged yet. Between two snapshots one event after the other moves a job on:
only the last one has to be read as a whole."""

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any

from etl_monitor.wire.reading import SentFields

# Fields that no rule, order or bound depends on, and `progress`, which must not go back.
_PLAIN = frozenset({"progress", "updated_at", "heartbeat_at", "estimated_completion"})
_PLAIN |= {"rows_done", "rows_total", "step_index", "step_count", "eta_earliest", "eta_latest"}


class UnmergedProgress:
    """The progress that was applied last, by job: `merged` or still to be merged."""

    def __init__(self) -> None:
        self._last: dict[str, SentFields] = {}
        self._unmerged: set[str] = set()

    def follow(self, sent: SentFields) -> bool | None:
        """Take progress that differs from the last one in plain fields only; return whether it
        differs at all. None: it is more than that, and has to be merged."""
        job_id = sent.job_id
        last = self._last.get(job_id)
        if last is None or not _moves_on(last, sent):
            return None
        if sent == last:
            return False
        self._last[job_id] = sent
        self._unmerged.add(job_id)
        return True

    def merged(self, sent: SentFields) -> None:
        """Record what a job has now."""
        if hasattr(sent, "progress"):
            self._last[sent.job_id] = sent

    def pop(self, job_id: str) -> SentFields | None:
        """Forget a job's progress; return it if it is still to be merged."""
        last = self._last.pop(job_id, None)
        if job_id not in self._unmerged:
            return None
        self._unmerged.remove(job_id)
        return last

    def pop_all(self) -> list[SentFields]:
        """Forget all progress; return what is still to be merged."""
        last, unmerged = self._last, self._unmerged
        self._last, self._unmerged = {}, set()
        return [last[job_id] for job_id in unmerged]


def _moves_on(last: SentFields, sent: SentFields) -> bool:
    if type(last) is not type(sent) or not _is_further(last, sent):
        return False
    others = _others(type(sent))
    return bool(others(last) == others(sent))


def _is_further(last: Any, sent: Any) -> bool:
    """The first progress above zero is more than that: it may mean that the job is running."""
    return bool(0 < last.progress <= sent.progress)


@lru_cache(maxsize=256)
def _others(shape: type[SentFields]) -> Callable[[SentFields], Any]:
    """Return what gives the fields that are not plain, the id among them."""
    return attrgetter(*sorted(set(shape.__struct_fields__) - _PLAIN))
