"""The area that files are dropped on.

It is Streamlit's uploader, whose texts are English and cannot be set. A style sheet replaces them;
the actions for a chosen file are buttons of our own below it (`file_card`).
"""

import json

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from etl_monitor.i18n.translator import Translator

_KEY = "etl-drop"
_AREA = f".st-key-{_KEY} [data-testid=stFileUploaderDropzone]"


def drop_area(
    t: Translator,
    chosen: UploadedFile | None,
    *,
    limit_mb: int,
    types: list[str] | None,
    key: str,
) -> UploadedFile | None:
    """Return the chosen file. The area is hidden once there is one; another `key` resets it.

    `types`: the file name extensions to accept; None accepts any.
    """
    with st.container(key=_KEY):  # also while hidden: the elements below must not move up
        file = chosen or st.file_uploader(
            t("upload-file"), type=types, max_upload_size=limit_mb, key=key
        )
    style = _style(t, limit_mb) if file is None else f".st-key-{_KEY}{{display:none}}"
    st.html(f"<style>{style}</style>")
    return file


def _style(t: Translator, limit_mb: int) -> str:
    rejected = t("drop-refused", mb=limit_mb)
    return "".join(
        [
            f"{_AREA}{{flex-direction:column;align-items:center;justify-content:center;"
            "gap:.5rem;min-height:8rem;"
            "border:1.5px dashed color-mix(in srgb,currentColor 55%,transparent);"
            "text-align:center}",
            f"{_AREA}>span button>*{{display:none}}",
            f"{_AREA}>span button::after{{content:{_quoted(t('drop-choose'))}}}",
            f"{_AREA} [data-testid=stFileUploaderDropzoneInstructions]{{display:block;flex:none}}",
            f"{_AREA} [data-testid=stFileUploaderDropzoneInstructions]>*{{display:none}}",
            f"{_AREA} [data-testid=stFileUploaderDropzoneInstructions]::after"
            f"{{content:{_quoted(t('drop-hint', mb=limit_mb))};font-size:.8125rem}}",
            # While a file is dragged over the area, a layer with one sentence covers it.
            f"{_AREA}>input+div>span:only-child{{font-size:0}}",
            f"{_AREA}>input+div>span:only-child::after"
            f"{{content:{_quoted(t('drop-now'))};font-size:1rem}}",
            # After a file that the uploader rejects: too large, or of another type.
            f"{_AREA} [data-testid=stFileChip] [role=alert]{{display:none}}",
            f"{_AREA}:has([data-testid=stFileChipIconError])::after"
            f"{{content:{_quoted(rejected)};font-weight:600}}",
            ".stTooltipErrorContent{display:none}",
        ]
    )


def _quoted(text: str) -> str:
    """Return the text as a CSS string that is safe inside a page."""
    return json.dumps(text, ensure_ascii=False).replace("<", "\\3c ").replace("\\n", "\\a ")
