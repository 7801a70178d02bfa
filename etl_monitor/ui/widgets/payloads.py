"""What the browser gets of the widgets that several pages share."""

from typing import TypedDict


class Pager(TypedDict):
    """The pages around the shown one. `newer`, `older`: whether there is a page that way."""

    text: str
    newer: bool
    older: bool


class ListLabels(TypedDict):
    """Fixed texts of a list with pages and a selection. `{n}` and `{name}` are filled in by the
    browser."""

    selected: str
    selectAll: str
    selectAllOf: str
    clearSelection: str
    showNew: str
    newer: str
    older: str
