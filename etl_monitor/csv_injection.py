"""Escaping of text that a spreadsheet program would take for a formula.

Text that begins with one of these signs is evaluated when the file is opened, also with the
full-width signs of Korean and Japanese keyboards; some programs skip blanks, tabs and line ends
before the sign (OWASP, "CSV injection"). An apostrophe before it makes it a text.
"""

import re

# Understood by Python's `re` and by RE2 alike.
FORMULA = r"^([ \t\r\n]*[=+\-@＝＋－＠]|[\t\r\n])"
AS_TEXT = r"'\1"


def escape_formula(text: str) -> str:
    """Return the text, with an apostrophe before it if it would be a formula."""
    return re.sub(FORMULA, AS_TEXT, text)
