"""Whether single keys do something: a matter of the browser, which keeps what its person chose."""

from dataclasses import dataclass
from typing import Any

from etl_monitor.ui.session.view import RenderContext, View


@dataclass(frozen=True, kw_only=True)
class KeysView(View):
    """The switch that turns them off and on."""

    name: str = "keys"

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        return {"label": ctx.t("shortcuts-on"), "off": ctx.t("shortcuts-off")}
