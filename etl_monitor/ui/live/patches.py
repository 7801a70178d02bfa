"""Differences between two drawings of a view, small enough to be sent for each piece of news.

`assets/patches.js` applies them. A patch of an object has `set` (fields with their new values),
`drop` (names of fields that are gone) and `in` (patches of fields that changed in part). A patch of
a list of rows, which have ids, has `rows`: a splice of their `order` if it changed, whole rows to
`add`, and patches by which to `change` rows. A list of texts has a `splice`: from which index on
how many texts are replaced, and by which. `then` is several patches, one after another.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Patch = Mapping[str, Any]
Splice = tuple[int, int, Sequence[str]]


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
    if _are_texts(old) and _are_texts(new):
        return {"splice": _splice(old, new)}
    old_rows, new_rows = _by_id(old), _by_id(new)
    if old_rows is None or new_rows is None:
        return None
    return {"rows": _rows(old_rows, new_rows)}


def _rows(old: Mapping[str, Patch], new: Mapping[str, Patch]) -> Patch:
    same = [row_id for row_id in new if row_id in old and old[row_id] is not new[row_id]]
    return _without_empty(
        {
            "order": None if list(old) == list(new) else _splice(list(old), list(new)),
            "add": {row_id: row for row_id, row in new.items() if row_id not in old},
            "change": {
                row_id: patch for row_id in same if (patch := difference(old[row_id], new[row_id]))
            },
        }
    )


def _are_texts(value: Any) -> bool:
    is_list = isinstance(value, list | tuple) and len(value) > 0
    return is_list and all(isinstance(text, str) for text in value)


def _splice(old: Sequence[str], new: Sequence[str]) -> Splice:
    """Return what turns `old` into `new`: what lies between their equal beginnings and ends."""
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    rest = shorter - start
    end = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    return start, len(old) - start - end, new[start : len(new) - end]


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
