"""The plain form in which answers, options and marks are compared."""

import re

_WHOLE_NUMBER = re.compile(r"([+-]?[0-9]{1,9})(?:\.0{1,9})?")


def normalise_answer(text: str) -> str:
    """Without blanks around it, in capitals; whole numbers in one way: `01` and `1.0` are `1`."""
    stripped = text.strip().upper()
    number = _WHOLE_NUMBER.fullmatch(stripped)
    return str(int(number[1])) if number else stripped
