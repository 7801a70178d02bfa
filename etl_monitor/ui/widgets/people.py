"""Names of people, as they are shown."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.plain_text import visible

_SYSTEM = "system"  # the service itself, as for its samples; no token may have this name


def person_name(name: str | None, t: Translator) -> str:
    return t("person-system") if name == _SYSTEM else visible(name or "")
