"""Numbers that a step hands over, of any numeric type."""

import math
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from etl_monitor.service.border.values import plain_text, type_name


class UnusableNumber(Exception):
    """The reason, in words that follow a number's name and a colon."""


def whole_number(value: Any, largest: int) -> int:
    """Return a number of rows: not negative, at most `largest`, without a fraction.

    Raises UnusableNumber.
    """
    number = real_number(value)
    if not math.isfinite(number):
        raise UnusableNumber(f"{plain_text(value, 50)} is not a number of rows")
    return max(0, min(largest, math.floor(number)))


def real_number(value: Any) -> int | float:
    """Return a number, which may be NaN or infinite. NaN also stands for the missing values of
    pandas, NumPy and Arrow. Raises UnusableNumber."""
    value = _of_library(value)
    if not isinstance(value, Integral | Real | Decimal):
        raise UnusableNumber(f"a value of the type {type_name(value)} is not a number")
    try:
        return int(value) if isinstance(value, Integral) else float(value)
    except Exception as error:  # noqa: BLE001  # a foreign number's conversion is foreign code
        raise UnusableNumber(
            f"{type_name(value)} cannot be converted ({type_name(error)})"
        ) from None


def _of_library(value: Any) -> Any:
    """Return the number in an array of NumPy without dimensions, or in a scalar of Arrow."""
    if isinstance(value, Integral | Real | Decimal | str):
        return value
    try:
        for name in ("item", "as_py"):
            if callable(convert := getattr(value, name, None)):
                converted = convert()
                return math.nan if converted is None else converted
    except Exception as error:  # it is foreign code
        raise UnusableNumber(f"{type_name(value)} is not one number") from error
    return math.nan if type_name(value) in ("NAType", "NaTType") else value
