"""Figures that stand still, as the browser gets them: every word ready, every place computed.

A report is a list of blocks. It is a component of its own beside the live one (`component.py`):
news have nothing to tell it, so they do not send it again.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from etl_monitor.i18n.translator import Translator

Block = Mapping[str, Any]
"""`type` chooses how it is drawn: see BLOCKS in report.js."""

_ASSETS = Path(__file__).parents[1] / "assets"


def draw(blocks: Sequence[Block | None], *, key: str, t: Translator) -> None:
    """Draw these blocks here, one below the other. None: a block that has nothing to show."""
    shown = [dict(block) for block in blocks if block is not None]
    if shown:
        _renderer()(key=key, data={"language": t.language, "blocks": shown})


def title(text: str, note: str = "") -> Block:
    return {"type": "title", "text": text, "note": note}


def counts(named: Mapping[str, str], note: str = "") -> Block:
    """A few numbers that come before everything else."""
    listed = [{"name": name, "text": text} for name, text in named.items()]
    return {"type": "counts", "counts": listed, "note": note}


def table(
    caption: str,
    columns: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    *,
    bare: bool = False,
    limit: int = 100,
    more: str = "",
    notes: Sequence[str] = (),
) -> Block:
    """`bare`: the caption is only for those who listen. Rows beyond `limit` come on demand."""
    return {
        "type": "table",
        "caption": caption,
        "columns": list(columns),
        "rows": list(rows),
        "bare": bare,
        "limit": limit,
        "more": more,
        "notes": [note for note in notes if note],
    }


def column(
    text: str, *, numeric: bool = False, fixed: bool = False, tight: bool = False
) -> dict[str, Any]:
    """`fixed`: rows cannot be sorted by it. `tight`: its texts stay on one line."""
    return {"text": text, "numeric": numeric, "fixed": fixed, "tight": tight}


def cell(text: str, value: float | str | None = None, **more: Any) -> dict[str, Any]:
    """`value` is what rows are sorted by; a text without one is sorted as it reads."""
    return {"text": text, "value": text if value is None and text else value, **more}


def number(value: float | None, t: Translator, digits: int = 0) -> dict[str, Any]:
    if value is None:
        return {"text": "–", "value": None}
    shown = round(value, digits) + 0.0  # no minus before a zero
    return {"text": t.number(shown, digits), "value": value}


def share(value: float, low: float, high: float) -> float:
    """Where `value` stands between `low` and `high`, in per cent."""
    return round(100 * (value - low) / (high - low), 3) if high > low else 50.0


def ticks(low: float, high: float, wanted: int = 5) -> tuple[float, ...]:
    """Round numbers from `low` to `high`, about as many as wanted."""
    if high <= low:
        return (low,)
    step = _round_step((high - low) / wanted)
    return tuple(round(n * step, 10) for n in range(ceil(low / step), floor(high / step) + 1))


def ticks_of(
    low: float, high: float, t: Translator, wanted: int = 5, *, whole: bool = False
) -> list[dict[str, Any]]:
    """Ticks with their places and words. `whole`: of things that are counted."""
    places = [at for at in ticks(low, high, wanted) if not whole or at == int(at)]
    digits = next((n for n in (0, 1, 2) if all(round(at, n) == at for at in places)), 3)
    return [{"at": share(at, low, high), "text": t.number(at, digits)} for at in places]


def _round_step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return float(next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough * 0.999))


@cache
def _renderer() -> ComponentRenderer:
    library = (_ASSETS / "vendor" / "htm-preact.js").read_text(encoding="utf-8")
    own = (_ASSETS / "report.js").read_text(encoding="utf-8")
    return st.components.v2.component(
        "etl_report",
        js=f"const library = {{}};\n(function () {{\n{library}\n}}).call(library);\n{own}",
        css=(_ASSETS / "report.css").read_text(encoding="utf-8"),
        isolate_styles=True,
    )
