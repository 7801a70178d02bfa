"""The upload dialog: choose an answer file, describe it, send it.

The file is checked here so that people need not wait for the service to reject it. The service
still decides.
"""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.markdown import escape_markdown
from etl_monitor.settings import load
from etl_monitor.ui.live.test_kinds import test_kinds
from etl_monitor.ui.session import state as session
from etl_monitor.ui.upload.draft import Draft, draft
from etl_monitor.ui.upload.drop_area import drop_area
from etl_monitor.ui.upload.file_card import file_card
from etl_monitor.ui.upload.file_check import FileCheck, check_file, find_problem, matching_kinds
from etl_monitor.ui.upload.sending import file_name, send, send_corrected, show_problem
from etl_monitor.ui.upload.template import template_csv
from etl_monitor.wire.result import TestKind, TestResult


def open_upload_dialog() -> None:
    t, entries = session.translator(), draft()
    entries.open()

    # A dismissal runs the page again, which ends a running upload. It also brings the typed text.
    @st.dialog(
        t("upload-title"),
        icon=":material/upload_file:",
        width="medium",
        on_dismiss=lambda: _save_text(entries),
    )
    def form() -> None:
        kinds = test_kinds()
        file = _choose_file(entries, kinds, t)
        check = None if file is None else _check(file)
        if file is None or check is None:
            _templates(kinds, t)
        else:
            file_card(check, t, on_replace=entries.replace_file)
        kind = entries.kind = _choose_kind(entries, check, kinds, t)
        problem = _show_problem(check, kind, t)
        title = entries.title = _text_input(entries, "title", t("upload-test-title"), 200)
        hint = t("upload-person-hint")
        person = entries.person = _text_input(entries, "person", t("upload-person"), 100, hint)
        messages = st.container()
        is_pressed = st.button(t("upload-send"), type="primary", width="stretch")
        is_fit = file is not None and problem is None
        if is_fit and not is_pressed and entries.was_sent_too_early:
            messages.info(t("upload-file-is-here"), icon=":material/check:")
        if not is_pressed or problem is not None:
            return
        if file is None or not (kind and title.strip() and person.strip()):
            entries.was_sent_too_early = file is None
            messages.warning(_missing(file, kind, title, person, t), icon=":material/edit:")
            return
        with messages:
            send(file, t, test_kind=kind, title=title.strip(), user_id=person.strip())

    form()


def open_repair_dialog(result: TestResult) -> None:
    """Ask for the corrected file of a test, whose title, person and kind stay."""
    t, entries = session.translator(), draft()
    entries.open()
    entries.replace_file()

    @st.dialog(t("repair-title"), icon=":material/build:", width="medium")
    def form() -> None:
        st.caption(t("repair-explained"))
        file = _choose_file(entries, test_kinds(), t)
        check = None if file is None else _check(file)
        if file is None or check is None:
            return
        file_card(check, t, on_replace=entries.replace_file)
        problem = _show_problem(check, result.test_kind or "", t)
        messages = st.container()
        is_pressed = st.button(t("repair-send"), type="primary", width="stretch")
        if is_pressed and problem is None:
            with messages:
                send_corrected(file, result, t)

    form()


def _text_input(
    entries: Draft, name: str, label: str, max_chars: int, hint: str | None = None
) -> str:
    """Show an input that still has its text when the dialog is opened again.

    The text arrives with the next action: leaving the input must not redraw the dialog while its
    button is being pressed, nor end a running upload.
    """
    key = entries.key(name)
    session.set_default_input(key, getattr(entries, name))
    return (
        st.text_input(
            label,
            max_chars=max_chars,
            key=key,
            placeholder=hint,
            live="0ms",
            on_change="ignore",
        )
        or ""
    )


def _save_text(entries: Draft) -> None:
    entries.title = session.input_value(entries.key("title"), entries.title)
    entries.person = session.input_value(entries.key("person"), entries.person)


def _choose_file(entries: Draft, kinds: tuple[TestKind, ...], t: Translator) -> UploadedFile | None:
    """Return the chosen file. A company's own pipeline without kinds accepts files of any type."""
    entries.file = drop_area(
        t,
        entries.file,
        limit_mb=load().upload_limit_mb,
        types=["csv", "parquet"] if kinds else None,
        key=entries.file_key("file"),
    )
    return entries.file


def _check(file: UploadedFile) -> FileCheck:
    """Check the file once: the form is drawn often."""
    checks: dict[str, FileCheck] = session.session_value("file check", dict)
    if file.file_id not in checks:
        checks.clear()
        checks[file.file_id] = check_file(file, file_name(file), file.size, load().upload_limit_mb)
    return checks[file.file_id]


def _templates(kinds: tuple[TestKind, ...], t: Translator) -> None:
    with_columns = [kind for kind in kinds if kind.columns]
    if not with_columns:
        return
    st.caption(t("template-explained"))
    with st.container(horizontal=True):
        for kind in with_columns:
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
    entries: Draft, check: FileCheck | None, kinds: tuple[TestKind, ...], t: Translator
) -> str:
    """Return the key of the kind. It is preselected if only one has the file's columns."""
    if not kinds:
        session.set_default_input(entries.key("kind"), entries.kind)
        return st.text_input(t("upload-kind"), max_chars=100, key=entries.key("kind")).strip()
    matches = matching_kinds(check, kinds) if check else ()
    detected = matches[0].key if len(matches) == 1 else ""
    names = {kind.key: t.pick(kind.names, kind.key) for kind in kinds}
    only_kind = kinds[0].key if check is None and len(kinds) == 1 else ""
    key = entries.file_key("kind" if check else "kind-without-file")
    if (preselected := detected or entries.kind or only_kind) in names:
        session.set_default_input(key, preselected)
    chosen: str | None = st.selectbox(
        t("upload-kind"),
        options=list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("upload-kind-hint"),
        key=key,
    )
    if chosen and chosen == detected:
        st.caption(t("upload-kind-found"))
    return chosen or ""


def _show_problem(check: FileCheck | None, kind_key: str, t: Translator) -> EtlMonitorError | None:
    """Show and return why the service would reject the file."""
    if check is None:
        return None
    kind = next((kind for kind in test_kinds() if kind.key == kind_key), None)
    problem = _problem_without_kind(check) if kind is None else find_problem(check, kind)
    if problem is not None:
        show_problem(t("upload-unfit"), problem, t)
    return problem


def _problem_without_kind(check: FileCheck) -> EtlMonitorError | None:
    """Return a problem for every kind. Of a pipeline without kinds, only two are known here."""
    certain = {"file_too_large", "empty_file"}
    if test_kinds() or (check.problem and check.problem.code in certain):
        return check.problem
    return None


def _missing(file: UploadedFile | None, kind: str, title: str, person: str, t: Translator) -> str:
    is_missing = {
        "missing-file": file is None,
        "missing-kind": not kind,
        "missing-title": not title.strip(),
        "missing-person": not person.strip(),
    }
    return t("upload-missing", what=", ".join(t(key) for key in is_missing if is_missing[key]))
