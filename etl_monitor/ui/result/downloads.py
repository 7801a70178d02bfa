"""Scores to take away, made only when somebody asks for them.

The files are made outside of the session's thread, so the page stays alive meanwhile; how far they
are, and why there is none, is told by a live note below the buttons.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.portal import push
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.result.export import MIME, Export, Format, scores_file
from etl_monitor.ui.results.labels import title_of
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.result import TestResult

_NOT_IN_NAMES = '\\/:*?"<>|'
_LONGEST_NAME = 80  # characters
_OWN_ERROR = (  # Streamlit's own, in English, without the reason, for five seconds
    "<style>[data-testid=stDownloadButtonError]{display:none}</style>"
)


@dataclass(frozen=True, kw_only=True)
class _ExportView(View):
    export: Export
    name: str = "notice"

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        problem = self.export.problem
        if problem is not None:
            why = problem_text(problem, ctx.t)
            return {"text": ctx.t("download-failed", why=why), "isProblem": True}
        return {"text": _how_far(self.export, ctx.t), "isProblem": False}


def downloads(result: TestResult, t: Translator) -> None:
    export = session.session_value(f"export {result.id}", Export)
    client = session.job_table().monitoring.client  # here: a download runs outside of the session
    st.html(_OWN_ERROR)
    with st.container(horizontal=True):
        for wanted, mime in MIME.items():
            st.download_button(
                t("download-as", format=_name(wanted)),
                data=partial(_make, client, result.id, wanted, export),
                file_name=f"{file_stem(t('download-name', title=title_of(result)))}.{wanted}",
                mime=mime,
                icon=":material/download:",
                key=f"etl-download-{wanted}",
                on_click="ignore",
            )
    mount(_ExportView(export=export), key="etl-export")
    st.caption(t("download-explained"))


def file_stem(title: str) -> str:
    """`title` as a file's name that every system takes."""
    session_value = (sign for sign in title if sign.isprintable() and sign not in _NOT_IN_NAMES)
    return "".join(session_value).strip(" .")[:_LONGEST_NAME].strip(" .") or "scores"


def _make(client: EtlClient, test_id: str, wanted: Format, export: Export) -> bytes:
    """Runs in a thread that Streamlit makes for it."""

    def tell(**news: Any) -> None:
        for name, value in news.items():
            setattr(export, name, value)
        updates = push.current()
        if updates is not None:
            updates.notify()

    tell(format=wanted, rows=0, total=0, problem=None)
    try:
        return scores_file(client, test_id, wanted, lambda n, total: tell(rows=n, total=total))
    except EtlMonitorError as error:
        export.problem = error
        raise
    except Exception as error:  # the thread's top: the person who asked gets to know, then the log
        export.problem = EtlMonitorError("download_failed", str(error))
        raise
    finally:
        tell(format=None)


def _name(wanted: Format) -> str:
    return "Parquet" if wanted == "parquet" else wanted.upper()


def _how_far(export: Export, t: Translator) -> str:
    if export.format is None:
        return ""
    name = _name(export.format)
    if not export.total:
        return t("download-making", format=name)
    done, total = t.number(export.rows), t.number(export.total)
    return t("download-rows", format=name, done=done, total=total)
