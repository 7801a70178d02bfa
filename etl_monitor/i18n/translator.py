"""Every word that a person reads, in Korean and English.

One catalogue a language (`ko.ftl`, `en.ftl`; https://projectfluent.org). Dates, numbers and
durations come from Babel.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Message, Resource, TextElement
from fluent.syntax.visitor import Visitor

from etl_monitor.i18n.josa import particle

LANGUAGES = ("ko", "en")
# Korean operators read the 24-hour clock; Babel's own Korean pattern writes "PM 3:07".
_MOMENT = {"ko": "y. M. d. HH:mm:ss", "en": "medium"}
_MINUTE = 60  # seconds
# A unit, the one below it, how many seconds that one has, and how many of it make the first.
_UNITS = (("day", "hour", 3_600, 24), ("hour", "minute", 60, 60), ("minute", "second", 1, 60))


class Translator:
    """The catalogue of one language, with a reader's time zone. Call it with a message's key."""

    def __init__(self, language: str, time_zone: str | None = None) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._zone = _zone(time_zone)
        self._bundle = bundle(self.language)

    def __call__(self, key: str, /, **arguments: Any) -> str:
        """The text of `key`. Raises KeyError for a key that the catalogue lacks."""
        message = self._bundle.get_message(key)
        if message.value is None:
            raise KeyError(key)
        text, problems = self._bundle.format_pattern(message.value, arguments)
        if problems:
            raise ValueError(f"{self.language}.ftl: {key}: {problems[0]}")
        return str(text)

    def has(self, key: str) -> bool:
        return bool(self._bundle.has_message(key))

    def keys_containing(self, text: str, beginning: str) -> tuple[str, ...]:
        """Of the keys that begin so, the rest of those whose words have `text` in them. What a text
        is made with, such as names and numbers, is not looked into."""
        wanted = text.lower()
        said = _fixed_words(self.language)
        return tuple(
            key.removeprefix(beginning)
            for key in said
            if key.startswith(beginning) and wanted in said[key]
        )

    def pick(self, names: Mapping[str, str], otherwise: str = "") -> str:
        """The name in this language of something that carries its own names."""
        return names.get(self.language) or names.get("en") or next(iter(names.values()), otherwise)

    def number(self, value: float, digits: int = 0) -> str:
        return format_decimal(
            value, format="#,##0." + "0" * digits if digits else "#,##0", locale=self.language
        )

    def percent(self, value: float) -> str:
        return format_percent(value, locale=self.language)

    def date_time(self, value: datetime | None) -> str:
        """A moment in the reader's time zone, to the second; empty for None."""
        if value is None:
            return ""
        pattern = _MOMENT[self.language]
        return format_datetime(value, pattern, tzinfo=self._zone, locale=self.language)

    def local(self, value: datetime) -> datetime:
        """A moment by the reader's clock, without a zone: for what knows no zones."""
        return value.astimezone(self._zone).replace(tzinfo=None)

    @property
    def zone(self) -> str:
        """The name of the reader's time zone."""
        return str(self._zone)

    def duration(self, seconds: float) -> str:
        """How long something took, in its two largest units: `12.3 sec`, `1 hr 7 min`."""
        told = round(max(0.0, seconds), 1)
        if told == 0:
            return f"<{self._unit(0.1, 'second')}"
        if told < _MINUTE:
            return self._unit(told, "second")
        larger, smaller, size, parts = next(one for one in _UNITS if told >= one[2] * one[3])
        whole, part = divmod(int(told // size), parts)
        rest = f" {self._unit(part, smaller)}" if part else ""
        return f"{self._unit(whole, larger)}{rest}"

    def _unit(self, value: float, unit: str) -> str:
        name = f"duration-{unit}"
        return format_unit(value, name, "short", format="#,##0.#", locale=self.language)


@cache
def bundle(language: str) -> FluentBundle:
    """The parsed catalogue of `language`."""
    functions: dict[str, Callable[..., Any]] = {"PARTICLE": particle, "LISTED": _listed}
    made = FluentBundle([language], functions=functions, use_isolating=False)
    made.add_resource(_resource(language))
    return made


@cache
def _resource(language: str) -> Resource:
    return FluentResource((Path(__file__).parent / f"{language}.ftl").read_text(encoding="utf-8"))


class _Words(Visitor):
    """The words of a message that are always the same."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_TextElement(self, node: TextElement) -> None:  # noqa: N802
        self.found.append(str(node.value))


@cache
def _fixed_words(language: str) -> Mapping[str, str]:
    """Key → its words in small letters."""
    said = {}
    for entry in _resource(language).body:
        if isinstance(entry, Message):
            words = _Words()
            words.visit(entry)
            said[entry.id.name] = " ".join(words.found).lower()
    return said


def _listed(*words: Any) -> str:
    """Those of `words` that are not empty, as a listing."""
    return ", ".join(str(word) for word in words if str(word))


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
