"""What a person has entered for an upload so far, over closings of its dialog.

Streamlit forgets an input, and an uploader its file, when a run ends that did not draw it. Whether
the next opening comes before that end is chance, so nothing is left to it: the draft keeps all that
was entered, and each opening has inputs of its own.
"""

from dataclasses import dataclass

from streamlit.runtime.uploaded_file_manager import UploadedFile

from etl_monitor.ui.session import state as session


@dataclass(kw_only=True)
class Draft:
    file: UploadedFile | None = None
    kind: str = ""  # its key, as chosen for this file
    title: str = ""
    person: str = ""
    was_pressed_too_early: bool = False  # to be sent while its file was still on the way to us
    _openings: int = 0
    _files: int = 0

    def open(self) -> None:
        self._openings += 1

    def begin_anew(self) -> None:
        """For another file; its title and its person stay."""
        self._files += 1
        self.file, self.kind, self.was_pressed_too_early = None, "", False

    def was_sent(self) -> None:
        self.begin_anew()
        self.title = ""

    def key(self, name: str) -> str:
        """Of the input with this name, in this opening."""
        return f"etl_upload_{name}_{self._openings}"

    def file_key(self, name: str) -> str:
        """Of an input that belongs to the file, in this opening."""
        return f"{self.key(name)}_{self._files}"


def draft() -> Draft:
    """This session's."""
    return session.session_value("upload draft", Draft)
