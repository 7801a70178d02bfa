"""Korean particles whose form depends on the word before them (을/를, 이/가, 은/는, 으로/로)."""

from typing import Any

_FIRST, _LAST = ord("가"), ord("힣")
_FINALS = 28  # a syllable block's final consonant: (code - 가) % 28, 0 for none
_RIEUL = 8
_DIGITS = {
    "0": 21,
    "1": _RIEUL,
    "2": 0,
    "3": 16,
    "4": 0,
    "5": 0,
    "6": 1,
    "7": _RIEUL,
    "8": _RIEUL,
    "9": 0,
}
_LETTERS = {"l": _RIEUL, "m": 16, "n": 4, "r": 0}


def particle(word: Any, pair: Any = "을/를") -> str:
    """Return `word` with the matching form of `pair`: `particle("결과", "을/를") == "결과를"`.

    Numbers end as they are read (3: 삼), Latin letters as their Korean names mostly do. After any
    other character both forms are written, as is usual in Korean: `#을(를)`.
    """
    text, (closed, open_) = str(word), str(pair).split("/")
    final = _final_of(text[-1:])
    if final is None:
        return f"{text}{closed}({open_})"
    takes_open = final == 0 or (final == _RIEUL and closed == "으로")
    return text + (open_ if takes_open else closed)


def _final_of(character: str) -> int | None:
    if character and _FIRST <= ord(character) <= _LAST:
        return (ord(character) - _FIRST) % _FINALS
    if character.isascii() and character.isalpha():
        return _LETTERS.get(character.lower(), 0)
    return _DIGITS.get(character)
