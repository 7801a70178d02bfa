"""What a snapshot shows of its jobs: a job is looked up when it is read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import overload

from immutables import Map

from etl_monitor.store.job_index import JobIndex
from etl_monitor.store.sorted_ids import SortedIds
from etl_monitor.wire.job import Job


class JobsById(Mapping[str, Job]):
    """The jobs of a snapshot."""

    def __init__(self, jobs: Map[str, Job]) -> None:
        self._jobs = jobs

    def __getitem__(self, job_id: str) -> Job:
        return self._jobs[job_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._jobs)

    def __len__(self) -> int:
        return len(self._jobs)

    def __repr__(self) -> str:
        return repr(dict(self))


class JobSequence(Sequence[Job]):
    """Jobs in an order; it can be added to and compared with a tuple, like one. Reading the first
    jobs costs as much as they are many; an index makes a tuple of all."""

    def __init__(self, jobs: Mapping[str, Job], ids: SortedIds, *, reverse: bool = False) -> None:
        self._jobs, self._ids, self._is_reversed = jobs, ids, reverse

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Job]:
        return map(self._jobs.__getitem__, reversed(self._ids) if self._is_reversed else self._ids)

    @overload
    def __getitem__(self, index: int) -> Job: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Job, ...]: ...

    def __getitem__(self, index: int | slice) -> Job | tuple[Job, ...]:
        return self._all[index]

    def __add__(self, others: Iterable[Job]) -> tuple[Job, ...]:
        return (*self, *others)

    def __radd__(self, others: Iterable[Job]) -> tuple[Job, ...]:
        return (*others, *self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobSequence | tuple) and self._all == tuple(other)

    def __hash__(self) -> int:
        return hash(self._all)

    def __repr__(self) -> str:
        return repr(self._all)

    @cached_property
    def _all(self) -> tuple[Job, ...]:
        return tuple(self)


class NewestOfTests(Mapping[str, str]):
    """Test id → id of its newest job among those for which `is_meant` holds."""

    def __init__(
        self, jobs: Mapping[str, Job], index: JobIndex, is_meant: Callable[[Job], bool]
    ) -> None:
        self._jobs, self._index, self._is_meant = jobs, index, is_meant

    def __getitem__(self, test_id: str) -> str:
        for job in filter(self._is_meant, self._index.of_test(test_id, self._jobs)):
            return job.job_id
        raise KeyError(test_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return repr(self._all)

    @cached_property
    def _all(self) -> dict[str, str]:
        jobs = filter(self._is_meant, map(self._jobs.__getitem__, self._index.of_tests))
        return {job.test_id: job.job_id for job in jobs if job.test_id is not None}
