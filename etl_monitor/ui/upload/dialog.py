"""Upload: an answer file, looked at here, described, sent with counted progress.

The service's own check is the judge; what is looked at here only spares people the wait for it.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.settings import load
from etl_monitor.ui.live.test_kinds import test_kinds
from etl_monitor.ui.session import state as session
from etl_monitor.ui.upload.draft import Draft, draft
from etl_monitor.ui.upload.drop_area import drop_area
from etl_monitor.ui.upload.file_card import file_card
from etl_monitor.ui.upload.file_check import FileLook, fitting, kind_problem, look_into
from etl_monitor.ui.upload.template import template_csv
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.markdown import escape_markdown
from etl_monitor.ui.widgets.navigation import navigate, result_address
from etl_monitor.wire.result import TestKind, TestResult
from etl_monitor.wire.roles import Right

_STEPS = 100  # of the progress bar


def open_upload_dialog() -> None:
    t, so_far = session.translator(), draft()
    so_far.open()

    # A dismissal runs the page anew, and so ends an upload that is on its way. It brings what was
    # typed, too.
    @st.dialog(
        t("upload-title"),
        icon=":material/upload_file:",
        width="medium",
        on_dismiss=lambda: _keep_typed(so_far),
    )
    def form() -> None:
        kinds = test_kinds()
        file = _choose_file(so_far, kinds, t)
        ctx = None if file is None else _look(file)
        if file is None or ctx is None:
            _templates(kinds, t)
        else:
            file_card(ctx, t, another=so_far.begin_anew)
        kind = so_far.kind = _choose_kind(so_far, ctx, kinds, t)
        problem = _tell_problem(ctx, kind, t)
        title = so_far.title = _typed(so_far, "title", t("upload-test-title"), 200)
        person = so_far.person = _typed(so_far, "person", t("upload-person"), 100)
        place = st.container()
        send = st.button(t("upload-send"), type="primary", width="stretch")
        is_fit = file is not None and problem is None
        if is_fit and not send and so_far.was_pressed_too_early:
            place.info(t("upload-file-is-here"), icon=":material/check:")
        if not send or problem is not None:
            return
        if file is None or not (kind and title.strip() and person.strip()):
            so_far.was_pressed_too_early = file is None
            place.warning(_missing(file, kind, title, person, t), icon=":material/edit:")
            return
        with place:
            _send(file, t, test_kind=kind, title=title.strip(), user_id=person.strip())

    form()


def _typed(so_far: Draft, name: str, label: str, most: int) -> str:
    """An input that still holds what was typed, when the dialog is opened again.

    What is typed comes with whatever is done next: leaving the input must not redraw the dialog
    just as its button is being pressed, nor end an upload that is on its way.
    """
    key = so_far.key(name)
    session.set_default_input(key, getattr(so_far, name))
    return st.text_input(label, max_chars=most, key=key, live="0ms", on_change="ignore") or ""


def _keep_typed(so_far: Draft) -> None:
    so_far.title = session.input_value(so_far.key("title"), so_far.title)
    so_far.person = session.input_value(so_far.key("person"), so_far.person)


def _choose_file(so_far: Draft, kinds: tuple[TestKind, ...], t: Translator) -> UploadedFile | None:
    """A company's own pipeline without kinds takes whatever it takes."""
    so_far.file = drop_area(
        t,
        so_far.file,
        limit_mb=load().upload_limit_mb,
        types=["csv", "parquet"] if kinds else None,
        key=so_far.file_key("file"),
    )
    return so_far.file


def _look(file: UploadedFile) -> FileLook:
    """The newest one is kept: the form is drawn often."""
    looks: dict[str, FileLook] = session.session_value("look into a file", dict)
    if file.file_id not in looks:
        looks.clear()
        looks[file.file_id] = look_into(file, _name_of(file), file.size, load().upload_limit_mb)
    return looks[file.file_id]


def _name_of(file: UploadedFile) -> str:
    """Browsers send a quotation mark in a name like this, and Streamlit leaves it so:
    https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data"""
    return str(file.name).replace("%22", '"')


def _templates(kinds: tuple[TestKind, ...], t: Translator) -> None:
    shown = [kind for kind in kinds if kind.columns]
    if not shown:
        return
    st.caption(t("template-explained"))
    with st.container(horizontal=True):
        for kind in shown:
            st.download_button(
                t("template", kind=escape_markdown(t.pick(kind.names, kind.key))),
                data=template_csv(kind, t),
                file_name=f"{kind.key}.csv",
                mime="text/csv; charset=utf-8",
                icon=":material/download:",
                key=f"etl-template-{kind.key}",
                on_click="ignore",
            )


def _choose_kind(
    so_far: Draft, ctx: FileLook | None, kinds: tuple[TestKind, ...], t: Translator
) -> str:
    """The kind's key. Chosen already where the file's columns leave no other."""
    if not kinds:
        session.set_default_input(so_far.key("kind"), so_far.kind)
        return st.text_input(t("upload-kind"), max_chars=100, key=so_far.key("kind")).strip()
    fits = fitting(ctx, kinds) if ctx else ()
    found = fits[0].key if len(fits) == 1 else ""
    names = {kind.key: t.pick(kind.names, kind.key) for kind in kinds}
    the_only = kinds[0].key if ctx is None and len(kinds) == 1 else ""
    key = so_far.file_key("kind" if ctx else "kind-without-file")
    if (first := found or so_far.kind or the_only) in names:
        session.set_default_input(key, first)
    chosen: str | None = st.selectbox(
        t("upload-kind"),
        options=list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("upload-kind-hint"),
        key=key,
    )
    if chosen and chosen == found:
        st.caption(t("upload-kind-found"))
    return chosen or ""


def _tell_problem(ctx: FileLook | None, chosen: str, t: Translator) -> EtlMonitorError | None:
    """What would be refused, before it is sent."""
    if ctx is None:
        return None
    kind = next((one for one in test_kinds() if one.key == chosen), None)
    problem = _own_problem(ctx) if kind is None else kind_problem(ctx, kind)
    if problem is not None:
        st.error(t("upload-unfit"), icon=":material/error:")
        st.text(problem_text(problem, t))
    return problem


def _own_problem(ctx: FileLook) -> EtlMonitorError | None:
    """Without kinds, what a file must be is known to the service alone."""
    sure = {"file_too_large", "empty_file"}
    return ctx.problem if test_kinds() or (ctx.problem and ctx.problem.code in sure) else None


def _missing(file: UploadedFile | None, kind: str, title: str, person: str, t: Translator) -> str:
    lacking = {
        "missing-file": file is None,
        "missing-kind": not kind,
        "missing-title": not title.strip(),
        "missing-person": not person.strip(),
    }
    return t("upload-missing", what=", ".join(t(k) for k, is_so in lacking.items() if is_so))


def _send(file: UploadedFile, t: Translator, **about: Any) -> None:
    try:
        result = _sent(file, t, **about)
    except EtlMonitorError as error:
        st.error(t("upload-refused"), icon=":material/error:")
        st.text(problem_text(error, t))
        return
    draft().was_sent()
    session.notify(t("toast-uploaded", title=about["title"]))
    navigate(result_address(result.id, t))


def _sent(file: UploadedFile, t: Translator, **about: Any) -> TestResult:
    """Closing the form ends it: the page's run stops at the next piece, and the service keeps
    nothing of half a file."""
    client = session.client_for(Right.UPLOAD)
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text=t("upload-sending", sent="0", total=_mb(file.size, t)))
        st.caption(t("upload-stop"))
    try:
        file.seek(0)
        return client.upload(file, _name_of(file), on_sent=_progress(bar, t), **about)
    finally:
        place.empty()


def _progress(bar: Any, t: Translator) -> Callable[[int, int], None]:
    told = -1

    def tell(sent: int, total: int) -> None:
        nonlocal told
        if told == (told := sent * _STEPS // total):
            return
        is_over = sent >= total
        text = t("upload-sending", sent=_mb(sent, t), total=_mb(total, t))
        bar.progress(sent / total, text=t("upload-checking") if is_over else text)

    return tell


def _mb(size: int, t: Translator) -> str:
    return t.number(size / 1_000_000, 1)
