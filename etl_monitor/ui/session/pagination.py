"""The shown page of a list."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Pagination:
    page: int = 0  # from 0

    def turn(self, direction: str) -> None:
        """Turn to the `newer` or the `older` page."""
        self.page = max(0, self.page + (1 if direction == "older" else -1))

    def clamp(self, total: int, size: int) -> bool:
        """Move to the last page if the shown one lies behind it, as after an old link or after a
        removal. `total` rows, `size` a page. Returns True if the page changed."""
        previous, self.page = self.page, min(self.page, max(0, total - 1) // size)
        return self.page != previous
