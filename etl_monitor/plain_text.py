"""Text from outside, in the one form in which it is stored, compared and shown.

Line feeds, ESC and the like break lists and logs; signs that turn the direction of writing make a
name look like another one. They are refused in names that people send, and shown in what others
send. Logs and documents keep their lines.
"""

import re
import unicodedata

# C1 controls, line and paragraph separators, direction marks, embeddings and isolates.
_MISLEADING = "\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_INVISIBLE_SIGN = re.compile(rf"[\x00-\x1f\x7f{_MISLEADING}]")
# Refused are those that mislead, line ends, ESC, and NUL, which databases reject. Understood by
# Python's `re` and by Rust's alike.
PRINTABLE = rf"^[^\x00\x0a-\x0d\x1b{_MISLEADING}]*$"

_CONTROLS = "[\x00-\x08\x0b-\x1f\x7f-\x9f]"  # without tabs and line feeds
_PICTURES = 0x2400  # of the control signs, in their order
_DELETE = 0x7F

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and movements of the cursor
    r"|\x1b[\]PX^_][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)"  # titles, links
    r"|\x1b[ -/]*[0-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_LINE_ENDS = re.compile(r"\r\n?")


def canonical(text: str) -> str:
    """Return the text in Unicode's composed form (NFC).

    Hangul that macOS writes is decomposed: it looks the same and would be another name.
    """
    return unicodedata.normalize("NFC", text)


def visible(text: str) -> str:
    """Return the text with a picture or the number of each such sign in its place."""
    return _INVISIBLE_SIGN.sub(_picture, text)


def readable(text: str) -> str:
    """Return the text so that any database, log and page can hold it: canonical, without the escape
    sequences of terminals, with control signs and undecodable bytes made visible."""
    text = _LINE_ENDS.sub("\n", _ESCAPE_SEQUENCE.sub("", _encodable(text)))
    return canonical(re.sub(_CONTROLS, _picture, text))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < ord(" "):
        return chr(_PICTURES + code)
    return "␡" if code == _DELETE else f"⟨U+{code:04X}⟩"


def _encodable(text: str) -> str:
    """Return text without lone surrogates; those of `os.fsdecode` become `\\xb0`."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
