"""Ids of jobs in an order that changes with little work, however many there are."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

_LENGTH = 256  # of a part when it is made; it is halved once it is twice as long

Key = Callable[[str], Any]
"""Gives what an id is sorted by; no two ids have equal values."""


@dataclass(frozen=True, slots=True)
class SortedIds:
    """Immutable. `parts` are in order, each is in order, and none is empty: a change makes one of
    them anew and shares the others."""

    parts: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, ids: Iterable[str], key: Key) -> Self:
        ordered = tuple(sorted(ids, key=key))
        return cls(tuple(ordered[at : at + _LENGTH] for at in range(0, len(ordered), _LENGTH)))

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.parts)

    def __reversed__(self) -> Iterator[str]:
        return chain.from_iterable(map(reversed, reversed(self.parts)))

    def adding(self, job_id: str, key: Key) -> Self:
        if not self.parts:
            return type(self)(((job_id,),))
        number, at = self._place(key(job_id), key)
        part = self.parts[number]
        return self._with(number, (*part[:at], job_id, *part[at:]))

    def removing(self, job_id: str, key: Key) -> Self:
        """`key` has to give what it gave when the id was added."""
        number, at = self._place(key(job_id), key)
        part = self.parts[number]
        return self._with(number, part[:at] + part[at + 1 :])

    def down_from(self, limit: Any, key: Key) -> Iterator[str]:
        """Return the ids with a smaller key than `limit`, the largest first."""
        if not self.parts:
            return iter(())
        number, at = self._place(limit, key)
        lower = chain.from_iterable(map(reversed, self.parts[:number][::-1]))
        return chain(reversed(self.parts[number][:at]), lower)

    def _place(self, value: Any, key: Key) -> tuple[int, int]:
        """Return in which part, and where in it, an id with this value is or belongs."""
        number = bisect_left(self.parts, value, key=lambda part: key(part[-1]))
        number = min(number, len(self.parts) - 1)
        return number, bisect_left(self.parts[number], value, key=key)

    def _with(self, number: int, part: tuple[str, ...]) -> Self:
        """Return the same with another part."""
        half = len(part) // 2 if len(part) >= 2 * _LENGTH else len(part)
        parts = tuple(piece for piece in (part[:half], part[half:]) if piece)
        return type(self)((*self.parts[:number], *parts, *self.parts[number + 1 :]))
