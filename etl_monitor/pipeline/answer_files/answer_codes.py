"""Answer codes: the meaning of an answer's text as one small whole number a cell.

The code of a rating is the rating itself, that of a choice is the index of the option. Every file
format passes through here as text, so that the same answers give the same scores.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.kinds.definition import Choice, Kind, Rating
from etl_monitor.pipeline.kinds.normalise import normalise_answer

Codes = npt.NDArray[np.int8]

MISSING = -128
INVALID = -127  # not an answer of this kind

MISSING_MARKS = frozenset({"", "NA", "N/A", "NAN", "NULL", "NONE"})
"""What common programs write for "no answer", in any case."""

_SMALL = 128  # whole numbers from -128 to 127
_LONGEST_CACHED = 100  # characters; a cell may hold megabytes


class AnswerReader:
    """Turns text into the codes of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._marks = frozenset(normalise_answer(mark) for mark in kind.answers.missing)
        self._code_by_answer = _code_by_answer(kind.answers)
        self._cached_code = lru_cache(maxsize=4096)(self._read_code)
        by_number = [self.code(str(number)) for number in range(-_SMALL, _SMALL)]
        self._code_by_number = np.array([*by_number, MISSING], dtype=np.int8)
        self._own_codes = _own_codes(kind.answers, self._code_by_number)

    def codes(self, column: str, cells: Any) -> Codes:
        """Return the codes of an Arrow array of any type that has one value a row.

        Raises PipelineError `unreadable_column`.
        """
        if pa.types.is_signed_integer(cells.type):
            codes = self._codes_that_are_numbers(cells)
            if codes is not None:
                return codes
        if pa.types.is_integer(cells.type) and _are_small(cells):
            return self._codes_of_numbers(cells)
        distinct, indices = _distinct_texts(column, cells)
        by_index = [self.code(text) for text in distinct.to_pylist()]
        table = np.array([*by_index, MISSING], dtype=np.int8)
        if indices.null_count:
            indices = indices.fill_null(len(by_index))
        return np.asarray(np.take(table, indices.to_numpy(zero_copy_only=False)))

    def _codes_that_are_numbers(self, cells: Any) -> Codes | None:
        """Return the codes of numbers that are all ratings of the kind or null: the code of a
        rating is the rating itself. None if some are not."""
        filled = cells.fill_null(MISSING) if cells.null_count else cells
        numbers = filled.to_numpy(zero_copy_only=False)
        if int(numbers.max(initial=MISSING)) not in self._own_codes:
            return None
        beyond = np.count_nonzero(numbers < self._own_codes.start)
        return numbers.astype(np.int8) if beyond == cells.null_count else None

    def _codes_of_numbers(self, cells: Any) -> Codes:
        """Small whole numbers are their own index: none needs to be looked for."""
        numbers = cells.cast(pa.int64())
        if numbers.null_count:
            numbers = numbers.fill_null(_SMALL)
        return np.asarray(self._code_by_number[numbers.to_numpy(zero_copy_only=False) + _SMALL])

    def code(self, text: str | None) -> int:
        if text is None:
            return MISSING
        return self._cached_code(text) if len(text) < _LONGEST_CACHED else self._read_code(text)

    def _read_code(self, text: str) -> int:
        answer = normalise_answer(text)
        if answer in self._marks:
            return MISSING
        return self._code_by_answer.get(answer, MISSING if answer in MISSING_MARKS else INVALID)


def check_type(column: str, arrow_type: Any) -> None:
    """Check that cells of this Arrow type can be read as text, one by one. Bytes may hold text.

    Raises PipelineError `unreadable_column`.
    """
    _distinct_texts(column, pa.nulls(0, arrow_type))


def _are_small(numbers: Any) -> bool:
    ends = pc.min_max(numbers).as_py()
    return ends["min"] is not None and ends["min"] >= -_SMALL and ends["max"] < _SMALL


def _code_by_answer(answers: Rating | Choice) -> dict[str, int]:
    if isinstance(answers, Rating):
        return {str(code): code for code in range(answers.lowest, answers.highest + 1)}
    return {normalise_answer(option): code for code, option in enumerate(answers.options)}


def _own_codes(answers: Rating | Choice, code_by_number: Codes) -> range:
    """Return the numbers that are their own codes: all ratings, or none."""
    if isinstance(answers, Rating):
        ratings = range(answers.lowest, answers.highest + 1)
        if all(code_by_number[number + _SMALL] == number for number in ratings):
            return ratings
    return range(0)


def _distinct_texts(column: str, cells: Any) -> tuple[Any, Any]:
    """Return the distinct cells as text, and the index of each cell's: only the few distinct
    answers are decoded."""
    if pa.types.is_dictionary(cells.type) and len(cells.dictionary) > len(cells):
        cells = cells.dictionary_decode()  # the dictionary is that of many more rows
    try:
        encoded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
        return encoded.dictionary.cast(pa.string()), encoded.indices
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise errors.UnreadableColumn(column=column, type=str(cells.type)) from None
