"""The place that a file is dropped on.

Streamlit's uploader does the work, but its words are its own and English. They cannot be set, so a
style sheet puts ours in their place; what a person may do with a chosen file stands below, as
buttons of ours.
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
    """The file that is here now; once there is one, the area is not shown. Give another `key` to
    begin anew. `types`: endings, None: any."""
    with st.container(key=_KEY):  # there in any case: what stands below must not move up
        file = chosen or st.file_uploader(
            t("upload-file"), type=types, max_upload_size=limit_mb, key=key
        )
    style = _style(t, limit_mb) if file is None else f".st-key-{_KEY}{{display:none}}"
    st.html(f"<style>{style}</style>")
    return file


def _style(t: Translator, limit_mb: int) -> str:
    refused = t("drop-refused", mb=limit_mb)
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
            # While a file hovers above; then a layer with one sentence covers the area.
            f"{_AREA}>input+div>span:only-child{{font-size:0}}",
            f"{_AREA}>input+div>span:only-child::after"
            f"{{content:{_quoted(t('drop-now'))};font-size:1rem}}",
            # A file that the browser did not take: too large, or of another kind.
            f"{_AREA} [data-testid=stFileChip] [role=alert]{{display:none}}",
            f"{_AREA}:has([data-testid=stFileChipIconError])::after"
            f"{{content:{_quoted(refused)};font-weight:600}}",
            ".stTooltipErrorContent{display:none}",
        ]
    )


def _quoted(text: str) -> str:
    """As a string of a style sheet, within a page."""
    return json.dumps(text, ensure_ascii=False).replace("<", "\\3c ").replace("\\n", "\\a ")
