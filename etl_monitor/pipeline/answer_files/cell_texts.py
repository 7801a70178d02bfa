"""The cells of a column as text: ids, groups, times."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl_monitor.pipeline import errors

_LARGEST_WHOLE = 2.0**63


def cell_texts(column: str, cells: Any) -> Any:
    """Return an Arrow array of any type as text: composed (NFC), without blanks around it, "" for
    null. Whole numbers that pandas stored as floats are whole.

    Raises PipelineError `unreadable_column`.
    """
    if pa.types.is_dictionary(cells.type) and len(cells.dictionary) > len(cells):
        cells = cells.dictionary_decode()
    if pa.types.is_dictionary(cells.type):
        return cell_texts(column, cells.dictionary).take(cells.indices).fill_null("")
    try:
        cell_text = _as_text(cells).fill_null("")
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise errors.UnreadableColumn(column=column, type=str(cells.type)) from None
    if pa.types.is_temporal(cells.type) or pa.types.is_integer(cells.type):
        return cell_text
    if pc.all(pc.string_is_ascii(cell_text)).as_py() is False:
        cell_text = pc.utf8_normalize(cell_text, "NFC")
    return pc.utf8_trim_whitespace(cell_text)


def distinct_texts(column: str, cells: Any) -> tuple[Any, npt.NDArray[np.int32]]:
    """Return the texts of cells that repeat, as `cell_texts` has them and in the order in which
    they appear, and the index of each cell's text. A text may appear twice, from different cells.

    Raises PipelineError `unreadable_column`.
    """
    if pa.types.is_dictionary(cells.type):
        cells = cell_texts(column, cells)
    encoded = cells.dictionary_encode(null_encoding="encode")
    return cell_texts(column, encoded.dictionary), encoded.indices.to_numpy()


def _as_text(cells: Any) -> Any:
    return _floats(cells) if pa.types.is_floating(cells.type) else cells.cast(pa.string())


def _floats(cells: Any) -> Any:
    """NaN stands for a missing value."""
    numbers = cells.cast(pa.float64())
    is_whole = pc.and_(
        pc.equal(pc.trunc(numbers), numbers), pc.less(pc.abs(numbers), _LARGEST_WHOLE)
    )
    whole = pc.if_else(is_whole, numbers, None).cast(pa.int64(), safe=False).cast(pa.string())
    cell_text = pc.coalesce(whole, cells.cast(pa.string()))
    return pc.if_else(pc.is_nan(numbers), "", cell_text)
