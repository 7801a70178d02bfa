"""Buttons that download files, and a live note of how far a file is or why there is none."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from etl_monitor.i18n.translator import Translator
from etl_monitor.portal.addresses import of_file
from etl_monitor.ui.downloads.payloads import DownloadsPayload
from etl_monitor.ui.downloads.progress import Progress
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.ui.widgets.error_messages import problem_text


@dataclass(frozen=True, kw_only=True)
class _Downloads(View):
    """`files`: the address of each format, without what is added to all of them."""

    files: Mapping[str, str]
    progress: Progress
    what: str = ""
    name: str = "downloads"

    def render(self, ctx: RenderContext) -> DownloadsPayload:
        problem = self.progress.problem
        failed = problem and ctx.t("download-failed", why=problem_text(problem, ctx.t))
        return {
            "what": self.what,
            "files": [
                {"text": ctx.t("download-as", format=format_name(name)), "href": address}
                for name, address in self.files.items()
            ],
            "note": failed or _progress_text(self.progress, ctx.t),
            "isProblem": problem is not None,
        }

    def identity(self) -> Hashable:
        return tuple(self.files.items()), self.progress.id, self.what


def download_buttons(key: str, files: Mapping[str, str], t: Translator, what: str = "") -> None:
    """Draw a button for each format. `files`: the route of each. `what`: what they hold, for the
    buttons' names, if the page around does not say it."""
    progress = session.session_value(f"progress of {key}", Progress)
    query = urlencode({"lang": t.language, "zone": t.zone, "progress": progress.id})
    addresses = {
        name: f"{of_file(path)}{'&' if '?' in path else '?'}{query}" for name, path in files.items()
    }
    mount(_Downloads(files=addresses, progress=progress, what=what), key=key)


def format_name(file_format: str) -> str:
    return "Parquet" if file_format == "parquet" else file_format.upper()


def _progress_text(progress: Progress, t: Translator) -> str:
    if progress.format is None:
        return ""
    name = format_name(progress.format)
    if not progress.total:
        return t("download-making", format=name)
    done, total = t.number(progress.rows), t.number(progress.total)
    return t("download-rows", format=name, done=done, total=total)
