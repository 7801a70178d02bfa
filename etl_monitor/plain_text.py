"""Signs that have no business in a name: refused in what people send, shown in what others send.

Line feeds, ESC and the like break lists and logs; signs that turn the direction of writing make a
name look like another one.
"""

import re

# C1 controls, line and paragraph separators, direction marks, embeddings and isolates.
_MISLEADING = "\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_INVISIBLE = rf"\x00-\x1f\x7f{_MISLEADING}"
# Refused are those that mislead, line ends, ESC, and NUL, which databases reject. Understood by
# Python's `re` and by Rust's alike.
PRINTABLE = rf"^[^\x00\x0a-\x0d\x1b{_MISLEADING}]*$"

_PICTURES = 0x2400  # of the control signs, in their order
_DELETE = 0x7F


def visible(text: str) -> str:
    """Return the text with a picture or the number of each such sign in its place."""
    return re.sub(f"[{_INVISIBLE}]", _picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < ord(" "):
        return chr(_PICTURES + code)
    return "␡" if code == _DELETE else f"⟨U+{code:04X}⟩"
