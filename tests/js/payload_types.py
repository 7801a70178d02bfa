"""`assets/payloads.d.ts`, made from the pages' TypedDicts.

`python -m tests.js.payload_types` writes it.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from etl_monitor.ui.downloads import payloads as downloads
from etl_monitor.ui.jobs import payloads as jobs
from etl_monitor.ui.live import payloads as live
from etl_monitor.ui.results import payloads as results
from etl_monitor.ui.widgets import payloads as widgets
from etl_monitor.ui.widgets import report, table

TARGET = Path(report.__file__).parents[1] / "assets" / "payloads.d.ts"
_MODULES = (widgets, live, downloads, jobs, results, table, report)
_SIMPLE: dict[Any, str] = {
    Any: "any",
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    NoneType: "null",
}
_GENERIC: dict[Any, Callable[[list[str]], str]] = {
    Union: " | ".join,
    UnionType: " | ".join,
    tuple: lambda types: f"[{', '.join(types)}]",
    Sequence: lambda types: f"Array<{types[0]}>",
    list: lambda types: f"Array<{types[0]}>",
    Mapping: lambda types: f"Record<string, {types[1]}>",
}


def declarations() -> str:
    """Return the file's text."""
    heading = "// Made from the pages' Python types by `python -m tests.js.payload_types`.\n"
    types = [_interface(kind) for module in _MODULES for kind in _typed_dicts(module)]
    return "\n".join([heading, *types])


def _typed_dicts(module: Any) -> list[type]:
    members = vars(module).values()
    return [kind for kind in members if is_typeddict(kind) and kind.__module__ == module.__name__]


def _interface(kind: type) -> str:
    fields = get_type_hints(kind, include_extras=True).items()
    lines = [f"  {_field(name, hint)};" for name, hint in fields]
    return "\n".join([*_comment(kind), f"export interface {kind.__name__} {{", *lines, "}\n"])


def _comment(kind: type) -> list[str]:
    text = inspect.cleandoc(kind.__doc__) if kind.__doc__ else ""
    return ["/**", *(f" * {line}".rstrip() for line in text.splitlines()), " */"] if text else []


def _field(name: str, hint: Any) -> str:
    if get_origin(hint) is NotRequired:
        return f"{name}?: {_type(get_args(hint)[0])}"
    return f"{name}: {_type(hint)}"


def _type(hint: Any) -> str:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if is_typeddict(hint):
        return str(hint.__name__)
    arguments = get_args(hint)
    origin = get_origin(hint)
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    return _GENERIC[origin]([_type(argument) for argument in arguments])


if __name__ == "__main__":
    TARGET.write_text(declarations(), encoding="utf-8")
