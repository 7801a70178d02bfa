"""Which page of a list somebody sees."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Paging:
    page: int = 0  # from 0
    _question: object | None = None

    def turn(self, way: str) -> None:
        """`newer` or `older`."""
        self.page = max(0, self.page + (1 if way == "older" else -1))

    def asks(self, question: object) -> None:
        """Another question begins at its first page."""
        if question != self._question:
            self._question, self.page = question, 0
