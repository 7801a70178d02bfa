"""What a search text means, for the service and for the jobs in the portal's memory.

A job matches if each word of the text is somewhere in its fields, in any order and in upper or
lower case; samples have a title in each language. `status:failed`, `person:kim` and `kind:big5`
narrow by one field: the status is meant in full, the others may be a part.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from etl_monitor.wire.job import Job
from etl_monitor.wire.samples import all_titles

SEARCHED = (
    *("job_id", "test_id", "title", "user_id", "requested_by", "test_kind", "current_step"),
    *("error_code", "error_message"),
)
QUALIFIERS = ("status", "person", "kind")


@dataclass(frozen=True, kw_only=True)
class Search:
    """A parsed text. All of it has to match."""

    terms: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def matches(self, job: Job) -> bool:
        fields = (getattr(job, name) or "" for name in SEARCHED)
        text = fold("\n".join((*fields, *all_titles(job.test_id))))
        person, kind = fold(job.user_id or ""), fold(job.test_kind or "")
        return (
            all(word in text for word in self.terms)
            and all(status == job.status for status in self.statuses)
            and all(part in person for part in self.people)
            and all(part in kind for part in self.kinds)
        )


def parse(text: str) -> Search:
    """Return what the text searches for; an empty text matches every job."""
    parts: Mapping[str, list[str]] = {"": [], "status": [], "person": [], "kind": []}
    for word in fold(text).split():
        qualifier, colon, value = word.partition(":")
        is_qualified = bool(colon and value) and qualifier in QUALIFIERS
        parts[qualifier if is_qualified else ""].append(value if is_qualified else word)
    terms, statuses, people, kinds = map(tuple, parts.values())
    return Search(terms=terms, statuses=statuses, people=people, kinds=kinds)


def without_open_fields(text: str) -> str:
    """Return the text without `status:` and the like whose values are still to be typed."""
    open_fields = {f"{qualifier}:" for qualifier in QUALIFIERS}
    return " ".join(word for word in text.split() if fold(word) not in open_fields)


def fold(text: str) -> str:
    """Return the text as it is compared: composed, as files from a Mac are not, and in lower
    case."""
    return unicodedata.normalize("NFC", text).lower()
