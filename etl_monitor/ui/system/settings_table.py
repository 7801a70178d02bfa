"""The portal's settings, without secrets."""

from typing import Any

from pydantic import SecretStr

from etl_monitor.client.transport import display_url
from etl_monitor.i18n.translator import Translator
from etl_monitor.settings import PREFIX, Settings, load
from etl_monitor.ui.widgets.table import Column, Part, Row, Table


def settings_table(t: Translator) -> Table:
    settings = load()
    return Table(
        label=t("system-settings"),
        columns=[Column(text=t("setting-name"), width="60%"), Column(text=t("setting-value"))],
        rows=[_row(name, settings, t) for name in Settings.model_fields],
        stacked=True,
    )


def _row(name: str, settings: Settings, t: Translator) -> Row:
    variable, value = PREFIX + name.upper(), getattr(settings, name)
    parts = [Part(text=setting_text(value, t))]
    if value is not None and value == Settings.model_fields[name].default:
        parts.append(Part(text=t("setting-default"), faint=True))
    return Row(id=variable, cells=([Part(text=variable)], parts))


def setting_text(value: Any, t: Translator) -> str:
    """Return a setting as text: of a secret only whether it is set, an address without password
    and query."""
    if value is None:
        return t("setting-unset")
    if isinstance(value, SecretStr):
        return t("setting-set")
    if isinstance(value, bool):
        return t("yes" if value else "no")
    return display_url(value) if isinstance(value, str) and "://" in value else str(value)
