"""The texts of one language. Dates, numbers and durations are formatted by Babel."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache
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
# Korean operators use the 24-hour clock; Babel's default Korean pattern writes "PM 3:07".
_DATE_TIME = {"ko": "y. M. d. HH:mm:ss", "en": "medium"}
_MINUTE = 60  # seconds
_REMEMBERED = 16_384  # formatted times: a log has many, of which most are shown again
# A unit, the next smaller one, the seconds of the smaller one, and how many make up the larger.
_UNITS = (("day", "hour", 3_600, 24), ("hour", "minute", 60, 60), ("minute", "second", 1, 60))


class Translator:
    """The catalogue of one language, with a time zone. Call it with the key of a message.

    Translators of the same language and time zone are equal.
    """

    def __init__(self, language: str, time_zone: str | None = None) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._zone = _zone(time_zone)
        self._bundle = bundle(self.language)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Translator) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str]:
        return self.language, self.zone

    def __call__(self, key: str, /, **arguments: Any) -> str:
        """Return the text of `key`. Raises KeyError if there is no such key, ValueError if
        an argument is missing."""
        message = self._bundle.get_message(key)
        if message.value is None:
            raise KeyError(key)
        text, problems = self._bundle.format_pattern(message.value, arguments)
        if problems:
            raise ValueError(f"{self.language}: {key}: {problems[0]}")
        return str(text)

    def has(self, key: str) -> bool:
        return bool(self._bundle.has_message(key))

    def keys_containing(self, text: str, prefix: str) -> tuple[str, ...]:
        """Return the keys that start with `prefix` and whose fixed text contains `text`, without
        the prefix. Arguments of a message, such as names and numbers, are not searched."""
        return tuple(
            key.removeprefix(prefix)
            for key, fixed_text in _fixed_texts(self.language).items()
            if key.startswith(prefix) and text.lower() in fixed_text
        )

    def pick(self, names: Mapping[str, str], otherwise: str = "") -> str:
        """Return the name in this language, of names by language."""
        return names.get(self.language) or names.get("en") or next(iter(names.values()), otherwise)

    def number(self, value: float, digits: int = 0) -> str:
        return format_decimal(
            value, format="#,##0." + "0" * digits if digits else "#,##0", locale=self.language
        )

    def percent(self, value: float) -> str:
        return format_percent(value, locale=self.language)

    def date_time(self, value: datetime | None) -> str:
        """Format a time in the reader's time zone, to the second; empty for None."""
        if value is None:
            return ""
        return _date_time(value.replace(microsecond=0), self.language, self._zone)

    def local(self, value: datetime) -> datetime:
        """Convert a time to the reader's time zone and drop the zone, for formats without zones."""
        return value.astimezone(self._zone).replace(tzinfo=None)

    @property
    def zone(self) -> str:
        """The name of the reader's time zone."""
        return str(self._zone)

    def duration(self, seconds: float) -> str:
        """Format a duration in its two largest units: `12.3 sec`, `1 hr 7 min`."""
        rounded = round(max(0.0, seconds), 1)
        if rounded == 0:
            return f"<{self._unit(0.1, 'second')}"
        if rounded < _MINUTE:
            return self._unit(rounded, "second")
        larger, smaller, size, count = next(u for u in _UNITS if rounded >= u[2] * u[3])
        whole, part = divmod(int(rounded // size), count)
        rest = f" {self._unit(part, smaller)}" if part else ""
        return f"{self._unit(whole, larger)}{rest}"

    def _unit(self, value: float, unit: str) -> str:
        name = f"duration-{unit}"
        return format_unit(value, name, "short", format="#,##0.#", locale=self.language)


@lru_cache(maxsize=_REMEMBERED)
def _date_time(value: datetime, language: str, zone: tzinfo) -> str:
    return str(format_datetime(value, _DATE_TIME[language], tzinfo=zone, locale=language))


@cache
def bundle(language: str) -> FluentBundle:
    """Return the parsed catalogue of `language`."""
    functions: dict[str, Callable[..., Any]] = {"PARTICLE": particle, "LISTED": _listed}
    parsed = FluentBundle([language], functions=functions, use_isolating=False)
    parsed.add_resource(_resource(language))
    return parsed


def catalogue_text(language: str) -> str:
    """Return the source of all messages of `language`: its folder has a file for each noun."""
    files = sorted((Path(__file__).parent / language).glob("*.ftl"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def _resource(language: str) -> Resource:
    return FluentResource(catalogue_text(language))


class _FixedText(Visitor):
    """Collects the parts of a message that do not depend on arguments."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def visit_TextElement(self, node: TextElement) -> None:  # noqa: N802
        self.parts.append(str(node.value))


@cache
def _fixed_texts(language: str) -> Mapping[str, str]:
    """Return the fixed text of each key, in lower case."""
    texts_by_key = {}
    for entry in _resource(language).body:
        if isinstance(entry, Message):
            text = _FixedText()
            text.visit(entry)
            texts_by_key[entry.id.name] = " ".join(text.parts).lower()
    return texts_by_key


def _listed(*items: Any) -> str:
    """Join the items that are not empty by commas."""
    return ", ".join(str(item) for item in items if str(item))


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
