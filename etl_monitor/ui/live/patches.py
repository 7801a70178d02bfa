"""Differences between two drawings of a view, small enough to be sent for each piece of news.

`assets/patches.js` applies them. A patch of an object has `set` (fields with their new values),
`drop` (names of fields that are gone) and `in` (patches of fields that changed in part). A patch of
a list of rows, which have ids, has `rows`: their `order` if it changed, whole rows to `add`, and
patches by which to `change` rows. `then` is several patches, one after another.
"""

from collections.abc import Mapping
from typing import Any

Patch = Mapping[str, Any]


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Patch:
    """Return what turns the object `old` into `new`; empty if they are equal."""
    changed = {name: new[name] for name in new if name not in old or old[name] != new[name]}
    inner = {
        name: patch
        for name, value in changed.items()
        if name in old and (patch := _in_part(old[name], value)) is not None
    }
    return _without_empty(
        {
            "set": {name: value for name, value in changed.items() if name not in inner},
            "drop": [name for name in old if name not in new],
            "in": inner,
        }
    )


def _in_part(old: Any, new: Any) -> Patch | None:
    """Return a patch for a value that has parts, None for one that is replaced as a whole."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return difference(old, new)
    old_rows, new_rows = _by_id(old), _by_id(new)
    if old_rows is None or new_rows is None:
        return None
    return {"rows": _rows(old_rows, new_rows)}


def _rows(old: Mapping[str, Patch], new: Mapping[str, Patch]) -> Patch:
    same = [row_id for row_id in new if row_id in old and old[row_id] is not new[row_id]]
    return _without_empty(
        {
            "order": [] if list(old) == list(new) else list(new),
            "add": {row_id: row for row_id, row in new.items() if row_id not in old},
            "change": {
                row_id: patch for row_id in same if (patch := difference(old[row_id], new[row_id]))
            },
        }
    )


def _by_id(value: Any) -> Mapping[str, Patch] | None:
    """Return rows by their ids; None if it is no list of rows with ids of their own, or empty."""
    if not isinstance(value, list | tuple) or not value:
        return None
    if not all(isinstance(row, Mapping) and isinstance(row.get("id"), str) for row in value):
        return None
    rows = {row["id"]: row for row in value}
    return rows if len(rows) == len(value) else None


def _without_empty(patch: Mapping[str, Any]) -> Patch:
    return {name: part for name, part in patch.items() if part}
