"""Names of people, as they are shown."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.plain_text import visible

_SYSTEM = "system"  # the service itself, as for its samples; no token may have this name


def is_system(name: str | None) -> bool:
    """Return whether the service itself requested something."""
    return name == _SYSTEM


def person_name(name: str | None, t: Translator) -> str:
    return t("person-system") if is_system(name) else visible(name or "")
