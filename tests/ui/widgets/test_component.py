"""Components whose scripts are files."""

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
import streamlit.components.v2.manifest_scanner as manifests
from streamlit.testing.v1.element_tree import UnknownElement

from etl_monitor.ui.widgets import component as components
from etl_monitor.ui.widgets.scripts import with_style
from tests.js.test_scripts import node
from tests.support.app_page import run

SCRIPT = "export default () => {};\n"


def page() -> None:
    from etl_monitor.ui.widgets.component import component

    component("part", js="export default () => {};\n")(key="part", data={})


def element() -> Any:
    (shown,) = run(page).get("bidi_component")
    assert isinstance(shown, UnknownElement)
    return shown.proto


def test_each_element_names_the_file() -> None:
    for _ in range(2):  # two servers
        shown = element()
        assert (shown.js_content, shown.js_source_path) == ("", components._file_name(SCRIPT))


def test_of_a_release_with_other_names_the_text_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(manifests, "ComponentManifest")
    assert (element().js_content, element().js_source_path) == (SCRIPT, "")


def test_a_file_that_was_cleaned_away_is_written_again() -> None:
    path = components._folder() / components._file_name(SCRIPT)
    for _ in range(2):
        components._write(SCRIPT)
        assert path.read_text(encoding="utf-8") == SCRIPT
        shutil.rmtree(path.parent)


def test_a_component_may_be_declared_after_a_cleaning() -> None:
    def later() -> None:
        from etl_monitor.ui.widgets.component import component

        component("later", js="export default () => {};\n")(key="later", data={})

    shutil.rmtree(components._folder())
    (shown,) = run(later).get("bidi_component")
    assert isinstance(shown, UnknownElement)
    assert shown.proto.js_source_path == components._file_name(SCRIPT)


def test_only_one_thread_writes_and_declares_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that are first drawn together had a folder each, and a file that was not in it."""
    turn = threading.Lock()
    second = threading.Event()

    def write(_: str) -> None:
        if not turn.acquire(blocking=False):
            second.set()
            return
        second.wait(0.5)  # the time for another thread to get here
        turn.release()

    monkeypatch.setattr(components, "_declare", lambda _: True)
    monkeypatch.setattr(components, "_write", write)
    monkeypatch.setattr(components, "_create", lambda *_, **__: None)
    threads = [
        threading.Thread(target=components.component, args=("part",), kwargs={"js": SCRIPT})
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not second.is_set()


def test_a_module_gives_the_page_its_styles_once(tmp_path: Path) -> None:
    style = '[a="b"] { content: "</style>\\\\" }'
    module = tmp_path / "module.mjs"
    module.write_text(with_style(SCRIPT, style), encoding="utf-8")
    check = f"""
    const head = new Map();
    globalThis.document = {{
      getElementById: (id) => head.get(id) ?? null,
      createElement: () => ({{}}),
      head: {{ append: (element) => head.set(element.id, element) }},
    }};
    await import({json.dumps(str(module))});
    await import({json.dumps(str(module) + "?again")});
    if (head.size !== 1) throw Error("not once");
    const [element] = head.values();
    if (element.textContent !== {json.dumps(style)}) throw Error(element.textContent);
    """
    node("--input-type=module", "-", stdin=check)
