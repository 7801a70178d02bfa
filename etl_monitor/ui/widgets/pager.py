"""The pages before and after the shown one of a list."""

from typing import Any

from etl_monitor.ui.session.view import RenderContext


def pager(
    page: int, size: int, shown: int, total: int, ctx: RenderContext
) -> dict[str, Any] | None:
    """`page` counts from 0 and shows `shown` of `total` things. None: everything is on one page."""
    if total <= size and page == 0:
        return None
    first, last = page * size + 1, page * size + shown
    if not shown:  # a page that cannot be had now
        first = last = 0
    return {
        "text": ctx.t("page-of", first=first, last=last, total=total),
        "newer": page > 0,
        "older": bool(shown) and last < total,
    }
