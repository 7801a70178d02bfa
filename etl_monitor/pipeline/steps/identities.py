"""Respondents' ids as numbers, to find those that are in a file twice."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

NO_ID = 0

_LONGEST = 64  # bytes of an id that is hashed by its parts
_PART = 8  # bytes

Hashes = npt.NDArray[np.uint64]


def identities(ids: Any) -> Hashes:
    """Return a 64-bit hash of each text of an Arrow array, NO_ID for "". Among a million
    respondents, two different ones share a hash in one of thirty million files.

    Most ids are short and ASCII: these are hashed eight bytes at a time, all rows at once.
    """
    is_plain = pc.and_(pc.string_is_ascii(ids), pc.less_equal(pc.binary_length(ids), _LONGEST))
    if pc.all(is_plain).as_py() is not False:
        return _plain(ids)
    where = is_plain.to_numpy(zero_copy_only=False)
    hashes = np.empty(len(ids), dtype=np.uint64)
    hashes[where] = _plain(ids.filter(is_plain))
    others = ids.filter(pc.invert(is_plain)).to_numpy(zero_copy_only=False)
    hashes[~where] = pd.util.hash_array(others, categorize=False)
    return hashes


def _plain(ids: Any) -> Hashes:
    """A part of zeros adds nothing, so a text has the same hash beside longer ones."""
    sizes = pc.binary_length(ids).to_numpy().astype(np.uint64)
    count = -(-int(sizes.max(initial=0)) // _PART)  # parts of each text
    hashes = sizes.copy()
    for index, parts in enumerate(_parts(ids, count), 1):
        salt = np.uint64(index * 0x9E3779B97F4A7C15 % 2**64)
        hashes += _mixed(parts + salt) - _mixed(np.array([salt]))
    return np.where(sizes == 0, np.uint64(NO_ID), _mixed(hashes))


def _parts(ids: Any, count: int) -> Hashes:
    """Return the texts, filled up with zeros: shape (count, texts)."""
    padded = pc.ascii_rpad(ids, count * _PART, padding="\0")
    letters = padded.buffers()[2] or b""
    parts = np.frombuffer(letters, dtype="<u8", count=count * len(ids))
    return parts.reshape(len(ids), count).T.astype(np.uint64)


def _mixed(numbers: Hashes) -> Hashes:
    """Return numbers of which each bit depends on all bits (SplitMix64; Steele, Lea & Flood 2014,
    OOPSLA, 453-472)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
