"""What an answer's text means: one small whole number (a code) for each cell.

A rating's code is the rating itself, a choice's code is the place of the option. Every file format
comes through here as text, so that the same answers give the same scores.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.kinds.definition import Choice, Kind, Rating
from etl_monitor.pipeline.kinds.normalise import normalise_answer

Codes = npt.NDArray[np.int8]

MISSING = -128
INVALID = -127  # something that this kind does not have as an answer

MISSING_MARKS = frozenset({"", "NA", "N/A", "NAN", "NULL", "NONE"})
"""What usual programs write for "no answer", in any case."""


class AnswerReader:
    """Text to codes for one kind."""

    def __init__(self, kind: Kind) -> None:
        self._marks = frozenset(normalise_answer(mark) for mark in kind.answers.missing)
        self._answers = _codes_by_text(kind.answers)
        self._code = lru_cache(maxsize=4096)(self._read)

    def codes(self, column: str, cells: Any) -> Codes:
        """The codes of an Arrow array of any type that has one value a row.

        Raises PipelineError `unreadable_column`.
        """
        encoded = _distinct(column, cells)
        by_place = [self.code(text) for text in encoded.dictionary.to_pylist()]
        table = np.array([*by_place, MISSING], dtype=np.int8)
        places = encoded.indices.fill_null(len(by_place)).to_numpy(zero_copy_only=False)
        return np.asarray(table[places])

    def code(self, text: str | None) -> int:
        if text is None:
            return MISSING
        return self._code(text) if len(text) < 100 else self._read(text)

    def _read(self, text: str) -> int:
        answer = normalise_answer(text)
        if answer in self._marks:
            return MISSING
        return self._answers.get(answer, MISSING if answer in MISSING_MARKS else INVALID)


def check_type(column: str, kind_of_data: Any) -> None:
    """Whether cells of this Arrow type can be read as text, each by itself. Bytes may hold text.

    Raises PipelineError `unreadable_column`.
    """
    _distinct(column, pa.nulls(0, kind_of_data))


def _codes_by_text(answers: Rating | Choice) -> dict[str, int]:
    if isinstance(answers, Rating):
        return {str(code): code for code in range(answers.lowest, answers.highest + 1)}
    return {normalise_answer(option): code for code, option in enumerate(answers.options)}


def _distinct(column: str, cells: Any) -> Any:
    """Dictionary-encoded text. Few answers are different, so only few texts are looked at."""
    try:
        encoded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
        texts = encoded.dictionary.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise errors.UnreadableColumn(column=column, type=str(cells.type)) from None
    return pa.DictionaryArray.from_arrays(encoded.indices, texts)
