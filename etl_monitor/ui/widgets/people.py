"""Names of people, as they are shown."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.plain_text import visible
from etl_monitor.store.snapshot import Snapshot

_SYSTEM = "system"  # the service itself, as for its samples; no token may have this name


def is_system(name: str | None) -> bool:
    """Return whether the service itself requested something."""
    return name == _SYSTEM


def person_name(name: str | None, t: Translator) -> str:
    return t("person-system") if is_system(name) else visible(name or "")


def known_people(snapshot: Snapshot) -> list[str]:
    """Return the people whose jobs are in the store, in alphabetical order."""
    return sorted({job.user_id for job in snapshot.jobs.values() if job.user_id}, key=str.casefold)
