"""The sample tests: their ids, and their titles in the reader's language.

A sample is known by its test's id, which jobs, results, history and activity log all carry. The
service stores one title; pages show, sort and search it in the reader's language. Another test
with the same title keeps it, and so do samples of versions that gave them random ids.
"""

import uuid
from collections.abc import Iterator, Mapping
from functools import cache

from etl_monitor.i18n.translator import LANGUAGES, Translator

STORED_LANGUAGE = "ko"
"""The language of the titles in the database: for programs, and for other portals."""

_FAMILY = "sample-title-"
_NAMESPACE = uuid.UUID("b7f5a1de-0c55-4f0e-9a41-1d8c5b1a6f27")


def sample_id(key: str) -> str:
    """Return the test id of the sample, the same in every database."""
    return str(uuid.uuid5(_NAMESPACE, key))


@cache
def _keys() -> Mapping[str, str]:
    """Return test id → key of every sample."""
    return {sample_id(key): key for key in Translator("en").keys_containing("", _FAMILY)}


@cache
def _translators() -> tuple[Translator, ...]:
    return tuple(Translator(language) for language in LANGUAGES)


def is_sample(test_id: str | None) -> bool:
    return test_id in _keys()


def sample_title(test_id: str | None, t: Translator) -> str | None:
    """Return the title in the reader's language, or None if the test is no sample."""
    key = _keys().get(test_id or "")
    return t(f"sample-title-{key}") if key else None


def all_titles(test_id: str | None) -> tuple[str, ...]:
    """Return a sample's title in each language, for searches; nothing for any other test."""
    if not is_sample(test_id):
        return ()
    return tuple(sample_title(test_id, t) or "" for t in _translators())


def titles_in(language: str) -> Mapping[str, str]:
    """Return test id → title of every sample."""
    t = Translator(language)
    return {test_id: t(f"sample-title-{key}") for test_id, key in _keys().items()}


def samples_containing(word: str) -> Iterator[str]:
    """Yield the ids of the samples whose title contains a word in any language."""
    keys = {key for t in _translators() for key in t.keys_containing(word, _FAMILY)}
    return (sample_id(key) for key in sorted(keys))
