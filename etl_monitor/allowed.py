"""What a setting may be, in words: said by its field's type and bounds."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

_NUMBERS = {int: "a whole number", float: "a number"}


def in_words(field: FieldInfo) -> str:
    """`a whole number from 1 to 256`, `push or poll`, `true or false`."""
    kind = _without_none(field.annotation)
    if get_origin(kind) is Literal:
        *others, last = map(str, get_args(kind))
        return f"{', '.join(others)} or {last}"
    if kind is bool:
        return "true or false"
    return _NUMBERS[kind] + _bounds(field) if kind in _NUMBERS else "text"


def _without_none(kind: Any) -> Any:
    """The type beside None, and without what is checked of it."""
    if get_origin(kind) in (Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not NoneType)
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _bounds(field: FieldInfo) -> str:
    least = next((one.ge for one in field.metadata if isinstance(one, Ge)), None)
    above = next((one.gt for one in field.metadata if isinstance(one, Gt)), None)
    most = next((one.le for one in field.metadata if isinstance(one, Le)), None)
    begin = f" above {above:,}" if least is None else f" from {least:,}"
    return f"{begin} to {most:,}"
