"""The form in which answers, options and marks are compared."""

import re

from etl_monitor.plain_text import canonical

_WHOLE_NUMBER = re.compile(r"([+-]?[0-9]{1,9})(?:\.0{1,9})?")


def normalise_answer(text: str) -> str:
    """Return `text` in its composed form (NFC), without blanks around it and in capitals; `01` and
    `1.0` become `1`."""
    stripped = canonical(text).strip().upper()
    number = _WHOLE_NUMBER.fullmatch(stripped)
    return str(int(number[1])) if number else stripped
