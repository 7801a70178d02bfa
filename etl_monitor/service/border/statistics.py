"""Statistics that a step hands over: plain numbers; undefined ones are left out."""

import math
from collections.abc import Mapping, Sequence, Set
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ValidationError

from etl_monitor.service.border.numbers import UnusableNumber, real_number
from etl_monitor.service.border.values import plain_text, type_name
from etl_monitor.wire.statistics import Histogram, ScaleStatistics, Statistics

_DEEPEST = 8  # levels; those of `Statistics` are five
_MOST_VALUES = 1_000_000  # 100 scales of 500 items each have 700,000
_NO_HISTOGRAM = Histogram(edges=(), counts=())


class UnusableStatistics(Exception):
    """The reason, in words that follow "the statistics:"."""


def plain_statistics(handed_over: object) -> Statistics:
    """Return statistics of plain numbers. Means, deviations and percentiles that are not defined
    (NaN, infinite) are None or left out, and so is a scale without a range.

    Raises UnusableStatistics.
    """
    try:
        tree = _Conversion().convert(handed_over, 0)
        statistics = Statistics.model_validate(_without_undefined(tree))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise UnusableStatistics(f"{plain_text(field, 200)}: {problem['msg']}") from None
    return statistics.model_copy(update={"scales": tuple(map(_drawable, statistics.scales))})


class _Conversion:
    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def convert(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            raise UnusableStatistics("they are too large, or contain themselves")
        try:
            return self._convert(value, depth)
        except UnusableNumber:
            raise UnusableStatistics(f"a {type_name(value)} is neither number nor text") from None

    def _convert(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return plain_text(value, 500)
        if isinstance(value, BaseModel):
            return {name: self.convert(part, depth + 1) for name, part in value}
        if isinstance(value, Mapping):
            return {
                plain_text(key, 500): self.convert(part, depth + 1) for key, part in value.items()
            }
        if hasattr(value, "tolist") and value.size <= _MOST_VALUES:  # of NumPy
            return self.convert(value.tolist(), depth + 1)
        if isinstance(value, Sequence | Set) and len(value) <= _MOST_VALUES:
            return [self.convert(part, depth + 1) for part in value]
        number = real_number(value)
        return number if math.isfinite(number) else None


def _without_undefined(tree: Any) -> Any:
    """Leave out what a page could not draw: percentiles and groups without a number, scales without
    a range."""
    if not isinstance(tree, dict) or not isinstance(tree.get("scales"), list):
        return tree
    scales = [scale for scale in tree["scales"] if _has_range(scale)]
    return tree | {"scales": [_defined(scale) for scale in scales]}


def _has_range(scale: Any) -> bool:
    return not isinstance(scale, dict) or None not in (scale.get("lowest"), scale.get("highest"))


def _defined(scale: Any) -> Any:
    if not isinstance(scale, dict):
        return scale
    percentiles, groups = scale.get("percentiles"), scale.get("groups")
    if isinstance(percentiles, dict):
        defined = {name: value for name, value in percentiles.items() if value is not None}
        scale = scale | {"percentiles": defined}
    if isinstance(groups, list):
        named = [g for g in groups if not isinstance(g, dict) or g.get("mean") is not None]
        scale = scale | {"groups": named}
    histogram = scale.get("histogram")
    if isinstance(histogram, dict) and None in (
        *_list(histogram, "edges"),
        *_list(histogram, "counts"),
    ):
        scale = scale | {"histogram": {"edges": [], "counts": []}}
    return scale


def _list(part: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = part.get(name)
    return value if isinstance(value, list) else ()


def _drawable(scale: ScaleStatistics) -> ScaleStatistics:
    """Leave out a histogram whose edges do not ascend or do not fit its counts."""
    edges, counts = scale.histogram.edges, scale.histogram.counts
    fits = len(edges) == len(counts) + 1 and all(a < b for a, b in pairwise(edges))
    return scale if fits else scale.model_copy(update={"histogram": _NO_HISTOGRAM})
