"""Which texts the sources ask for: keys as they stand there, and families of keys (`status-{}`)."""

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
    """`keys` in full, `families` with a hole for what varies, and `variables`: where a key comes
    from elsewhere, as `module: expression`."""

    keys: frozenset[str]
    families: frozenset[str]
    variables: frozenset[str]


def used_in(path: Path) -> UsedMessages:
    found = frozenset(_messages(path))
    variables = {one for one in found if ": " in one}
    families = {one for one in found - variables if "{}" in one}
    return UsedMessages(
        keys=found - variables - families,
        families=frozenset(families),
        variables=frozenset(variables),
    )


def _messages(path: Path) -> Iterator[str]:
    """Of each call such as `words("upload")`, `look.texts(f"status-{one}")`, `texts.has(key)`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function, call in _calls(tree):
        if _name(call.func) in _TRANSLATORS and call.args:
            yield from _values(call.args[0], function, module_name(path))


def _calls(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Each call with the innermost function around it."""

    def within(node: ast.AST, function: ast.AST) -> Iterator[tuple[ast.AST, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield function, child
            yield from within(child, child if isinstance(child, ast.FunctionDef) else function)

    return within(tree, tree)


def _name(node: ast.expr) -> str:
    """`texts` of `texts(…)`, `look.texts(…)` and `session.translator()(…)`."""
    node = node.func if isinstance(node, ast.Call) else node
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _values(node: ast.expr, function: ast.AST, module: str) -> set[str]:
    """What a key may be: itself, its family, or else where it comes from."""
    if isinstance(node, ast.Constant):
        return {str(node.value)}
    if isinstance(node, ast.IfExp):
        return _values(node.body, function, module) | _values(node.orelse, function, module)
    if isinstance(node, ast.NamedExpr):
        return _values(node.value, function, module)
    if isinstance(node, ast.JoinedStr):
        parts = (str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
        return {"".join(parts)}
    assigned = _assigned(node.id, function) if isinstance(node, ast.Name) else []
    if not assigned:
        return {f"{module}: {ast.unparse(node)}"}
    return set().union(*(_values(one, function, module) for one in assigned))


def _assigned(name: str, function: ast.AST) -> list[ast.expr]:
    """What a function gives this name to; not what a loop does, or a caller."""
    given = [pair for node in ast.walk(function) for pair in _given(node)]
    return [value for target, value in given if target == name]


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign | ast.NamedExpr):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from ((one.id, node.value) for one in targets if isinstance(one, ast.Name))


def passed(module: str, function: str, place: int) -> set[str]:
    """The fixed texts that a module gives to a function of its own, at this place."""
    calls = (call for _, call in _calls(_tree(module)))
    given = [call.args[place] for call in calls if _name(call.func) == function and call.args]
    return {str(one.value) for one in given if isinstance(one, ast.Constant)}


def fixed(module: str, beginning: str) -> set[str]:
    """The fixed texts in a module that begin so."""
    nodes = ast.walk(_tree(module))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    whole = {one for one in texts if isinstance(one, str) and not one.endswith("-")}
    return {one for one in whole if one.startswith(beginning)}


def codes_raised() -> set[str]:
    """The codes of the errors that the pages make themselves."""
    ui = [module_name(path) for path in SOURCES if path.is_relative_to(_UI)]
    return {code for module in ui for code in passed(module, "EtlMonitorError", 0)}


def _tree(module: str) -> ast.Module:
    """A module of the pages."""
    return ast.parse((_UI / f"{module}.py").read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    """`activity/page` for a module of the pages, else the file's stem."""
    return str(path.relative_to(_UI).with_suffix("")) if path.is_relative_to(_UI) else path.stem
