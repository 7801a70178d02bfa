"""Who asked for something, as people read it."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.store.snapshot import Snapshot

_ITSELF = "system"  # what a service does by itself, such as making samples; no token has this name


def person_name(name: str | None, t: Translator) -> str:
    return t("person-system") if name == _ITSELF else name or ""


def known_people(snapshot: Snapshot) -> list[str]:
    """Whose jobs are known here, in the order of the alphabet."""
    return sorted({job.user_id for job in snapshot.jobs.values() if job.user_id}, key=str.casefold)
