"""The switch for keyboard shortcuts. The browser remembers its state."""

from dataclasses import dataclass

from etl_monitor.ui.jobs.payloads import KeysPayload
from etl_monitor.ui.session.view import RenderContext, View


@dataclass(frozen=True, kw_only=True)
class KeysView(View):
    name: str = "keys"

    def render(self, ctx: RenderContext) -> KeysPayload:
        return {"label": ctx.t("shortcuts-on"), "off": ctx.t("shortcuts-off")}
