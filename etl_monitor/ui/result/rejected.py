"""Where a file went wrong: the rows that were left out, by column and reason."""

from collections.abc import Sequence

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.widgets.error_messages import reason_text
from etl_monitor.ui.widgets.report import TableBlock, table
from etl_monitor.ui.widgets.table import NO_VALUE, Cell, Part, Row, Table, cell, column
from etl_monitor.wire.rejected import RejectedColumn, RejectedSummary

_AT_FIRST = 10  # columns


def rejected_table(summary: RejectedSummary | None, t: Translator) -> TableBlock | None:
    """The columns with most rows first, among those that are worst for a reason and then among the
    others. The more rows, the stronger a cell's colour."""
    if summary is None or not summary.columns:
        return None
    reasons = list(summary.reasons)
    columns = [
        column(t("column-column")),
        *(column(reason_text(reason, t), numeric=True) for reason in reasons),
    ]
    most = max(max(of.reasons.values(), default=0) for of in summary.columns)
    first, others = summary.columns[:_AT_FIRST], summary.columns[_AT_FIRST:]
    rows = [_row(of, reasons, most, t) for part in (first, others) for of in _most_rows_first(part)]
    left_out = summary.more_columns
    return table(
        Table(
            label=t("rejected-heading", n=summary.rows),
            captioned=True,
            compact=True,
            columns=columns,
            rows=rows,
            limit=_AT_FIRST,
            more=t("rejected-more", n=len(rows) - _AT_FIRST),
            notes=[
                t("rejected-explained"),
                *([t("rejected-left-out", n=left_out)] if left_out else []),
            ],
        )
    )


def _most_rows_first(columns: Sequence[RejectedColumn]) -> Sequence[RejectedColumn]:
    return sorted(columns, key=lambda of: -of.rows)


def _row(of: RejectedColumn, reasons: list[str], most: int, t: Translator) -> Row:
    name = t("rejected-whole-row") if of.column is None else of.column
    cells = [cell(name), *(_count(of.reasons.get(reason, 0), most, t) for reason in reasons)]
    return Row(id="row" if of.column is None else f"column {of.column}", cells=cells)


def _count(count: int, most: int, t: Translator) -> Cell:
    if not count:
        return [Part(text=NO_VALUE, value=0, faint=True)]
    return [Part(text=t.number(count), value=count, heat=round(100 * count / most, 1))]
