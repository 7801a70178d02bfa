"""The pages before and after the shown one of a list."""

from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.payloads import Pager


def pager(page: int, size: int, shown: int, total: int, ctx: RenderContext) -> Pager | None:
    """Return the pager of a list of `total` rows, of which page `page`, from 0, shows `shown`. None
    if all rows are on one page."""
    if total <= size and page == 0:
        return None
    first, last = page * size + 1, page * size + shown
    if not shown:  # the page cannot be had now
        first = last = 0
    return {
        "text": ctx.t("page-of", first=first, last=last, total=total),
        "newer": page > 0,
        "older": bool(shown) and last < total,
    }
