"""Signs that have no business in a name: refused in what people send, shown in what others send.

Line feeds, ESC and the like break lists and logs; signs that turn the direction of writing make a
name look like another one.
"""

import re

# C0 and C1 controls, line and paragraph separators, direction marks, embeddings and isolates.
_INVISIBLE = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
PRINTABLE = rf"^[^{_INVISIBLE}]*$"  # understood by Python's `re` and by Rust's alike

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
