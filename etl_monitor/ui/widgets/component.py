"""Components whose scripts a browser loads once, as files.

Streamlit sends a component's script as text with each of its elements, unless it is a file of an
installed package that declares it. Ours is joined when it is first drawn (`widgets/scripts.py`), so
it is written to a temporary folder, which is declared to the running server here. If a
release of Streamlit has other names for this, the text is sent.
"""

import hashlib
import logging
import tempfile
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

PACKAGE = "etl_monitor"

_log = logging.getLogger(__name__)

_lock = Lock()  # of the folder and the declarations: pages are first drawn by many threads at once


def component(
    name: str, *, js: str, css: str | None = None, isolate_styles: bool = True
) -> ComponentRenderer:
    """Return the component that the module `js` draws; `css` comes with each element. What people
    typed is data for it, and drawn as text."""
    options = {"css": css, "isolate_styles": isolate_styles}
    with _lock:
        if _declare(name):
            _write(js)
            return _create(f"{PACKAGE}.{name}", js=_file_name(js), **options)
        return _create(f"{PACKAGE}_{name}", js=js, **options)


@cache
def _create(name: str, **options: Any) -> ComponentRenderer:
    return st.components.v2.component(name, **options)


def _declare(name: str) -> bool:
    """Declare the folder to the server of this process. Returns False if it is not possible."""
    try:
        from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
        from streamlit.runtime import Runtime

        if not Runtime.exists():
            return False
        manager = Runtime.instance().bidi_component_registry
        if manager.get_component_asset_root(f"{PACKAGE}.{name}") is None:
            ours = ComponentConfig(name=name, asset_dir=".")
            manifest = ComponentManifest(name=PACKAGE, version="", components=[ours])
            manager.register_from_manifest(manifest, _folder())
    except (ImportError, AttributeError, TypeError):
        _log.debug("component_sent_as_text", exc_info=True, extra={"component": name})
        return False
    return True


def _write(js: str) -> None:
    """Write the file if it is not there, as after a cleaning of temporary folders."""
    path = _folder() / _file_name(js)
    if not path.exists():
        path.write_text(js, encoding="utf-8")


@cache
def _file_name(js: str) -> str:
    return f"{hashlib.sha256(js.encode()).hexdigest()[:16]}.js"


def _folder() -> Path:
    """Return the folder; made again if it was cleaned away."""
    folder = Path(_temporary().name).resolve()
    folder.mkdir(exist_ok=True)
    return folder


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    """Create the folder. It is removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="etl-monitor-scripts-", ignore_cleanup_errors=True)
