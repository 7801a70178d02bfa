"""Which page of a list somebody sees."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Pagination:
    page: int = 0  # from 0
    _question: object | None = None

    def turn(self, way: str) -> None:
        """`newer` or `older`."""
        self.page = max(0, self.page + (1 if way == "older" else -1))

    def fit(self, total: int, size: int) -> bool:
        """Behind the last of `total` things is nothing to see: whoever is there, by an old link or
        because some were removed, comes to the last page, of `size` things. True where that is
        another one."""
        before, self.page = self.page, min(self.page, max(0, total - 1) // size)
        return self.page != before

    def asks(self, question: object) -> None:
        """Another question begins at its first page."""
        if question != self._question:
            self._question, self.page = question, 0
