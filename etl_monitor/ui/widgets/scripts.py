"""The pages' JavaScript and CSS, as a Streamlit component takes them: one string each.

The scripts in `assets` are ES modules, which editors, `tsc` and `node --test` read as they are. A
component cannot load modules, so they are joined here, without a build step: each module becomes a
function that returns its exports, after the modules that it imports.

Joining understands what `assets` needs and no more: `import { a, b as c } from "./other.js";`,
`export` before a function or a constant, one `export { a as b }` at the end of a vendored file,
`export default` in the entry. tests/js/test_scripts.py runs what comes out.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path, PurePosixPath

_ASSETS = Path(__file__).parents[1] / "assets"
_STYLE = "etl-monitor-style"  # the id of the element with the styles
_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const) (\w+))", re.MULTILINE)
_EXPORT_LIST = re.compile(r"\bexport\s*\{([^}]*)\};?\s*$")
_EXPORT_DEFAULT = re.compile(r"^export default .*\Z", re.MULTILINE | re.DOTALL)


@cache
def script(entry: str, assets: Path = _ASSETS) -> str:
    """Return the module `entry` and all modules that it imports as one ES module.

    Raises ValueError for a circular import.
    """
    *imported, last = _ordered(PurePosixPath(entry), assets, ())
    return "\n".join([*(_as_function(path, assets) for path in imported), _body(last, assets)])


@cache
def style(*names: str) -> str:
    return "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in names)


def with_style(module: str, css: str) -> str:
    """Return the module so that it gives the page its styles, once, before it draws anything."""
    styles = f"{{ id: $style, textContent: {json.dumps(css)} }}"
    lines = (
        f'const $style = "{_STYLE}";',
        "const $styles = document.getElementById($style) ?? document.createElement('style');",
        f"document.head.append(Object.assign($styles, {styles}));",
    )
    return "\n".join([*lines, module])


def _ordered(
    path: PurePosixPath, assets: Path, above: tuple[PurePosixPath, ...]
) -> list[PurePosixPath]:
    """Return `path` after all that it imports, each once."""
    if path in above:
        raise ValueError(f"circular import: {' → '.join(map(str, (*above, path)))}")
    imported = (_ordered(other, assets, (*above, path)) for other in _imports(path, assets))
    return list(dict.fromkeys([*chain.from_iterable(imported), path]))


def _imports(path: PurePosixPath, assets: Path) -> Iterator[PurePosixPath]:
    for match in _IMPORT.finditer(_source(path, assets)):
        yield path.parent / match[2]


def _as_function(path: PurePosixPath, assets: Path) -> str:
    """An entry may be imported too, for its named exports: then its default one is left out."""
    source = _EXPORT_DEFAULT.sub("", _source(path, assets))
    exports = {name: name for _, name in _EXPORT.findall(source)}
    if listed := _EXPORT_LIST.search(source):
        exports |= _renamed(listed[1])
        source = source[: listed.start()]
    returned = ", ".join(f"{public}: {name}" for name, public in exports.items())
    body = _EXPORT.sub(r"\1", _with_imports(source, path))
    return f"const {_variable(path)} = (() => {{\n{body}\nreturn {{ {returned} }};\n}})();"


def _body(path: PurePosixPath, assets: Path) -> str:
    return _with_imports(_source(path, assets), path)


def _with_imports(source: str, path: PurePosixPath) -> str:
    def destructured(match: re.Match[str]) -> str:
        names = ", ".join(f"{public}: {name}" for public, name in _renamed(match[1]).items())
        return f"const {{ {names} }} = {_variable(path.parent / match[2])};\n"

    return _IMPORT.sub(destructured, source)


def _renamed(names: str) -> dict[str, str]:
    """`a, b as c` → {"a": "a", "b": "c"}."""
    pairs = (name.split(" as ") for name in names.split(",") if name.strip())
    return {pair[0].strip(): pair[-1].strip() for pair in pairs}


def _variable(path: PurePosixPath) -> str:
    return "$" + re.sub(r"\W", "_", str(path.with_suffix("")))


def _source(path: PurePosixPath, assets: Path) -> str:
    return (assets / path).read_text(encoding="utf-8")
