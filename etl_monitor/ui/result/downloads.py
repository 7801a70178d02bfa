"""Buttons that download the scores. A file is written only after its button was pressed.

That happens outside of the session's thread, so the page stays responsive. A live note below the
buttons shows the progress, or the problem.
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
_MAX_NAME = 80  # characters
# Hides Streamlit's own message: in English, without the reason, for five seconds.
_HIDE_ERROR = "<style>[data-testid=stDownloadButtonError]{display:none}</style>"


@dataclass(frozen=True, kw_only=True)
class _ExportView(View):
    export: Export
    name: str = "notice"

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        problem = self.export.problem
        if problem is not None:
            why = problem_text(problem, ctx.t)
            return {"text": ctx.t("download-failed", why=why), "isProblem": True}
        return {"text": _progress(self.export, ctx.t), "isProblem": False}


def downloads(result: TestResult, t: Translator) -> None:
    export = session.session_value(f"export {result.id}", Export)
    client = session.job_table().monitoring.client  # here: a download runs outside of the session
    st.html(_HIDE_ERROR)
    with st.container(horizontal=True):
        for file_format, mime in MIME.items():
            st.download_button(
                t("download-as", format=_name(file_format)),
                data=partial(_file, client, result.id, file_format, export),
                file_name=f"{file_stem(t('download-name', title=title_of(result)))}.{file_format}",
                mime=mime,
                icon=":material/download:",
                key=f"etl-download-{file_format}",
                on_click="ignore",
            )
    mount(_ExportView(export=export), key="etl-export")
    st.caption(t("download-explained"))


def file_stem(title: str) -> str:
    """Return `title` as a file name that every operating system accepts."""
    allowed = (sign for sign in title if sign.isprintable() and sign not in _NOT_IN_NAMES)
    return "".join(allowed).strip(" .")[:_MAX_NAME].strip(" .") or "scores"


def _file(client: EtlClient, test_id: str, file_format: Format, export: Export) -> bytes:
    """Return the file's content. Streamlit calls this in a thread of its own."""
    _update(export, format=file_format, rows=0, total=0, problem=None)
    try:
        return scores_file(
            client, test_id, file_format, lambda n, total: _update(export, rows=n, total=total)
        )
    except EtlMonitorError as error:
        export.problem = error
        raise
    except Exception as error:  # the thread's top: the note shows it, the log has the traceback
        export.problem = EtlMonitorError("download_failed", str(error))
        raise
    finally:
        _update(export, format=None)


def _update(export: Export, **changes: Any) -> None:
    """Change the progress, and redraw the note."""
    for name, value in changes.items():
        setattr(export, name, value)
    updates = push.current()
    if updates is not None:
        updates.notify()


def _name(file_format: Format) -> str:
    return "Parquet" if file_format == "parquet" else file_format.upper()


def _progress(export: Export, t: Translator) -> str:
    if export.format is None:
        return ""
    name = _name(export.format)
    if not export.total:
        return t("download-making", format=name)
    done, total = t.number(export.rows), t.number(export.total)
    return t("download-rows", format=name, done=done, total=total)
