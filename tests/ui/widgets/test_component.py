"""Components whose scripts are files."""

import json
import shutil
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
