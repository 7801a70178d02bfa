"""Text for spreadsheet programs that none of them takes for a formula.

What begins with one of these signs, also full-width as Korean and Japanese keyboards write them,
would be worked out when the file is opened; blanks, tabs and line ends before it are passed over by
some programs (OWASP, "CSV injection"). An apostrophe before it makes it a text.
"""

import re

# Understood by Python's `re` and by RE2 alike.
FORMULA = r"^([ \t\r\n]*[=+\-@＝＋－＠]|[\t\r\n])"
AS_TEXT = r"'\1"


def escape_formula(text: str) -> str:
    return re.sub(FORMULA, AS_TEXT, text)
