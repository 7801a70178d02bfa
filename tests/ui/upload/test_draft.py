"""What somebody has entered for an upload, over closings of its dialog."""

from io import BytesIO
from typing import cast

from streamlit.runtime.uploaded_file_manager import UploadedFile

from etl_monitor.ui.upload.draft import Draft


def filled() -> Draft:
    file = cast(UploadedFile, BytesIO(b"respondent_id"))
    draft = Draft(file=file, kind="big5", title="Spring", person="kim", was_pressed_too_early=True)
    draft.open()
    return draft


def test_each_opening_has_inputs_of_its_own_and_what_was_entered_stays() -> None:
    draft = filled()
    before = draft.key("title"), draft.file_key("file")
    draft.open()
    assert not {draft.key("title"), draft.file_key("file")} & {*before}
    assert (draft.file is not None, draft.kind, draft.title) == (True, "big5", "Spring")


def test_for_another_file_only_what_belongs_to_the_file_begins_anew() -> None:
    draft = filled()
    title, file = draft.key("title"), draft.file_key("file")
    draft.begin_anew()
    assert draft.key("title") == title
    assert draft.file_key("file") != file
    assert (draft.file, draft.kind, draft.was_pressed_too_early) == (None, "", False)
    assert (draft.title, draft.person) == ("Spring", "kim")


def test_once_sent_the_person_stays_for_the_next_one() -> None:
    draft = filled()
    draft.was_sent()
    assert (draft.file, draft.title, draft.person) == (None, "", "kim")
