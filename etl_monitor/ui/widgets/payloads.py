"""What the browser gets of the widgets that several pages share."""

from collections.abc import Sequence
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


class FieldValue(TypedDict):
    """A value of a field, and its text for people."""

    value: str
    text: str


class SearchField(TypedDict):
    """A field by which a search narrows: `field` is typed, `name` is its name for people."""

    field: str
    name: str
    values: Sequence[FieldValue]


class Completion(TypedDict):
    """What the search box with the key `searchKey` offers. `label` names the list."""

    searchKey: str
    label: str
    fields: Sequence[SearchField]
