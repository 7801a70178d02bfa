"""The pages' JavaScript: types, unit tests, and the one string that a Streamlit component takes."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from etl_monitor.ui.widgets.scripts import script
from tests.js.payload_types import TARGET, declarations
from tests.support.needs import cannot

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "etl_monitor" / "ui" / "assets"
ENTRIES = ("main.js", "report.js", "navigate.js", "streamlit_labels.js", "tabs.js")
OWN = sorted(ASSETS.glob("*.js"))
# htm 3.1.1, preact/standalone.module.js: see THIRD_PARTY_NOTICES.md.
HTM_PREACT = "72284e8e9079c87817145df1110f74e8a2aa040b2fc384922e18dfcb46fc1fd7"


def node(*arguments: str, stdin: str | None = None) -> None:
    if shutil.which("node") is None:
        cannot("no node: apt-get install nodejs npm")
    ended = subprocess.run(
        ["node", *arguments], input=stdin, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_what_computes() -> None:
    tests = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/js").glob("*.test.js"))
    assert tests
    node("--test", *tests)


def test_types() -> None:
    tsc = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
    if not tsc.exists():
        cannot("no TypeScript: npm ci")
    node(str(tsc), "--project", "tsconfig.json")


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_every_script_is_type_checked_and_part_of_a_page(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("// @ts-check\n")
    name = f"const ${path.stem} = "
    assert path.name in ENTRIES or any(name in script(entry) for entry in ENTRIES)


def test_payload_types_are_those_of_the_pages() -> None:
    current = TARGET.read_text(encoding="utf-8")
    assert current == declarations(), "python -m tests.js.payload_types"


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_joined_script_is_one_module_with_a_default_export(entry: str) -> None:
    joined = script(entry)
    lines = joined.splitlines()
    assert not [line for line in lines if line.startswith("import ")]
    assert len([line for line in lines if line.startswith("export default ")]) == 1
    # A page's script meets `document` where it is evaluated: this one has no tree to draw in.
    page = "globalThis.document = { addEventListener() {}, documentElement: {} };\n"
    node("--input-type=module", stdin=page + joined)


def test_a_module_has_its_own_scope_and_what_it_imports_comes_first(tmp_path: Path) -> None:
    write(
        tmp_path,
        entry='import { a } from "./a.js";\nimport { b as c } from "./deep/b.js";\n'
        "const local = a + c;\nexport default () => local;\n"
        'if (local !== "b1b") throw new Error(local);\n',
        a='import { b } from "./deep/b.js";\nconst local = 1;\nexport const a = b + local;\n',
    )
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.js").write_text('const local="b";export{local as b};\n')
    joined = script("entry.js", tmp_path)
    assert joined.count("$deep_b = ") == 1
    node("--input-type=module", stdin=joined)


def test_a_circular_import_is_an_error(tmp_path: Path) -> None:
    write(
        tmp_path,
        a='import { b } from "./b.js";\nexport const a = b;\n',
        b='import { a } from "./a.js";\nexport const b = a;\n',
    )
    with pytest.raises(ValueError, match=r"circular import: a\.js → b\.js → a\.js"):
        script("a.js", tmp_path)


def test_the_vendored_library_is_the_published_one() -> None:
    vendored = (ASSETS / "vendor" / "htm-preact.js").read_bytes()
    assert hashlib.sha256(vendored).hexdigest() == HTM_PREACT
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    assert HTM_PREACT in notices


def write(directory: Path, **modules: str) -> None:
    for name, source in modules.items():
        (directory / f"{name}.js").write_text(source, encoding="utf-8")
