"""The draft of an upload while its dialog is closed and opened."""

from io import BytesIO
from typing import cast

from streamlit.runtime.uploaded_file_manager import UploadedFile

from etl_monitor.ui.upload.draft import Draft


def filled() -> Draft:
    file = cast(UploadedFile, BytesIO(b"respondent_id"))
    draft = Draft(file=file, kind="big5", title="Spring", person="kim", was_sent_too_early=True)
    draft.open()
    return draft


def test_each_opening_has_its_own_inputs_and_the_entries_stay() -> None:
    draft = filled()
    before = draft.key("title"), draft.file_key("file")
    draft.open()
    assert not {draft.key("title"), draft.file_key("file")} & {*before}
    assert (draft.file is not None, draft.kind, draft.title) == (True, "big5", "Spring")


def test_another_file_resets_only_what_belongs_to_the_file() -> None:
    draft = filled()
    title, file = draft.key("title"), draft.file_key("file")
    draft.replace_file()
    assert draft.key("title") == title
    assert draft.file_key("file") != file
    assert (draft.file, draft.kind, draft.was_sent_too_early) == (None, "", False)
    assert (draft.title, draft.person) == ("Spring", "kim")


def test_the_person_stays_for_the_next_upload() -> None:
    draft = filled()
    draft.clear_after_sending()
    assert (draft.file, draft.title, draft.person) == (None, "", "kim")
