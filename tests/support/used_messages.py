"""The keys of texts that the sources use: fixed keys, and families of keys (`status-{}`)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SOURCES = [*(ROOT / "etl_monitor").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
_TRANSLATORS = ("t", "translator", "has")
_UI = ROOT / "etl_monitor" / "ui"


@dataclass(frozen=True, kw_only=True)
class UsedMessages:
    """`keys` in full; `families` with `{}` for the part that varies; `variables`: expressions whose
    value is not known here, as `module: expression`."""

    keys: frozenset[str]
    families: frozenset[str]
    variables: frozenset[str]


def used_in(path: Path) -> UsedMessages:
    messages = frozenset(_messages(path))
    variables = {message for message in messages if ": " in message}
    families = {message for message in messages - variables if "{}" in message}
    return UsedMessages(
        keys=messages - variables - families,
        families=frozenset(families),
        variables=frozenset(variables),
    )


def _messages(path: Path) -> Iterator[str]:
    """Yield the keys of calls such as `t("upload")`, `ctx.t(f"status-{status}")`, `t.has(key)`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function, call in _calls(tree):
        if _name(call.func) in _TRANSLATORS and call.args:
            yield from _values(call.args[0], function, module_name(path))


def _calls(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Yield each call with the innermost function around it."""

    def within(node: ast.AST, function: ast.AST) -> Iterator[tuple[ast.AST, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield function, child
            yield from within(child, child if isinstance(child, ast.FunctionDef) else function)

    return within(tree, tree)


def _name(node: ast.expr) -> str:
    """Return the last name: `t` of `t(…)` and `ctx.t(…)`, `translator` of `translator()(…)`."""
    node = node.func if isinstance(node, ast.Call) else node
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _values(node: ast.expr, function: ast.AST, module: str) -> set[str]:
    """Return the possible keys: fixed ones, families, or else the expression."""
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.IfExp):
        return _values(node.body, function, module) | _values(node.orelse, function, module)
    if isinstance(node, ast.NamedExpr):
        return _values(node.value, function, module)
    if isinstance(node, ast.JoinedStr):
        parts = (
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
        return {"".join(parts)}
    assigned = _assigned(node.id, function) if isinstance(node, ast.Name) else []
    if not assigned:
        return {f"{module}: {ast.unparse(node)}"}
    return set().union(*(_values(value, function, module) for value in assigned))


def _assigned(name: str, function: ast.AST) -> list[ast.expr]:
    """Return the values that a function assigns to this name, except by loops and callers."""
    pairs = [pair for node in ast.walk(function) for pair in _assignments(node)]
    return [value for target, value in pairs if target == name]


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign | ast.NamedExpr):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from ((name.id, node.value) for name in targets if isinstance(name, ast.Name))


def passed(module: str, function: str, index: int) -> set[str]:
    """Return the fixed texts that a module passes to a function as the argument at `index`."""
    calls = (call for _, call in _calls(_tree(module)))
    values = [call.args[index] for call in calls if _name(call.func) == function and call.args]
    return {str(value.value) for value in values if isinstance(value, ast.Constant)}


def fixed(module: str, prefix: str) -> set[str]:
    """Return the fixed texts in a module that start with `prefix`."""
    constants = (node for node in ast.walk(_tree(module)) if isinstance(node, ast.Constant))
    texts = {constant.value for constant in constants if isinstance(constant.value, str)}
    return {text for text in texts if text.startswith(prefix) and not text.endswith("-")}


def codes_raised() -> set[str]:
    """Return the codes of the errors that the pages raise themselves."""
    ui = [module_name(path) for path in SOURCES if path.is_relative_to(_UI)]
    return {code for module in ui for code in passed(module, "EtlMonitorError", 0)}


def _tree(module: str) -> ast.Module:
    """Parse a module of the pages."""
    return ast.parse((_UI / f"{module}.py").read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    """Return `activity/page` for a module of the pages, otherwise the file's stem."""
    return str(path.relative_to(_UI).with_suffix("")) if path.is_relative_to(_UI) else path.stem
