"""The draft of an upload: a person's entries, kept while the dialog is closed.

Streamlit forgets an input, and an uploader its file, at the end of a run that did not draw it.
Whether the dialog is opened again before that end depends on timing. The draft removes the chance:
it keeps all entries, and each opening has inputs of its own.
"""

from dataclasses import dataclass

from streamlit.runtime.uploaded_file_manager import UploadedFile

from etl_monitor.ui.session import state as session


@dataclass(kw_only=True)
class Draft:
    file: UploadedFile | None = None
    kind: str = ""  # the key of the kind chosen for this file
    title: str = ""
    person: str = ""
    was_sent_too_early: bool = False  # "send" was pressed before the browser had delivered the file
    _openings: int = 0
    _files: int = 0

    def open(self) -> None:
        self._openings += 1

    def replace_file(self) -> None:
        """Forget the file and its kind; title and person stay."""
        self._files += 1
        self.file, self.kind, self.was_sent_too_early = None, "", False

    def clear_after_sending(self) -> None:
        self.replace_file()
        self.title = ""

    def key(self, name: str) -> str:
        """Return the key of the input with this name in this opening."""
        return f"etl_upload_{name}_{self._openings}"

    def file_key(self, name: str) -> str:
        """Return the key of an input that belongs to the file in this opening."""
        return f"{self.key(name)}_{self._files}"


def draft() -> Draft:
    """Return this session's draft."""
    return session.session_value("upload draft", Draft)
