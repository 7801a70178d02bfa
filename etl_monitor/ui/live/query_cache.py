"""Answers of the service, kept for the whole process as long as nothing has happened.

A hundred people who look at the same list cost one question.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_KEPT = 128  # questions; the least recently asked goes first


@dataclass(frozen=True, kw_only=True)
class Answer(Generic[T]):
    """`mark`: under which it holds. `at`: when it was given."""

    value: T
    mark: Any
    at: datetime


class QueryCache(Generic[T]):
    """Question → answer, each with the mark under which it holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Answer[T]] = OrderedDict()

    def __call__(self, question: Hashable, mark: Any, ask: Callable[[], T]) -> T:
        """The kept answer where its mark is still `mark`, else what `ask` returns now."""
        known = self.last(question)
        if known is not None and known.mark == mark:
            return known.value
        answer = Answer(value=ask(), mark=mark, at=datetime.now(UTC))
        self._keep(question, answer)
        return answer.value

    def last(self, question: Hashable) -> Answer[T] | None:
        """The answer that was given last, however old: better than nothing while nobody answers."""
        with self._lock:
            return self._answers.get(question)

    def _keep(self, question: Hashable, answer: Answer[T]) -> None:
        with self._lock:
            self._answers[question] = answer
            self._answers.move_to_end(question)
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
