"""Whether single keys do something: a matter of the browser, which keeps what its person chose."""

from dataclasses import dataclass
from typing import Any

from etl_monitor.ui.session.state import Look, View


@dataclass(frozen=True, kw_only=True)
class KeysView(View):
    """The switch that turns them off and on."""

    name: str = "keys"

    def data(self, look: Look) -> dict[str, Any]:
        return {"label": look.texts("shortcuts-on"), "off": look.texts("shortcuts-off")}
