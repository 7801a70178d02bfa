"""The portal's settings, without anything that must stay secret."""

from typing import Any

from pydantic import SecretStr

from etl_monitor.client.transport import shown
from etl_monitor.i18n import Texts
from etl_monitor.settings import PREFIX, Settings, load
from etl_monitor.ui.widgets.table import Part, Row, Table


def settings_table(texts: Texts) -> Table:
    settings = load()
    return Table(
        label=texts("system-settings"),
        columns=[texts("setting-name"), texts("setting-value")],
        rows=[_row(name, settings, texts) for name in Settings.model_fields],
        waiting="",
        widths=("60%", ""),
    )


def _row(name: str, settings: Settings, texts: Texts) -> Row:
    variable, value = PREFIX + name.upper(), getattr(settings, name)
    parts = [Part(text=setting_text(value, texts))]
    if value is not None and value == Settings.model_fields[name].default:
        parts.append(Part(text=texts("setting-default"), faint=True))
    return Row(id=variable, cells=([Part(text=variable)], parts))


def setting_text(value: Any, texts: Texts) -> str:
    """A secret is only ever there or not; an address has neither password nor query."""
    if value is None:
        return texts("setting-unset")
    if isinstance(value, SecretStr):
        return texts("setting-set")
    if isinstance(value, bool):
        return texts("yes" if value else "no")
    return shown(value) if isinstance(value, str) and "://" in value else str(value)
