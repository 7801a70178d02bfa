"""How scores are written on the result page."""

from etl_monitor.i18n.translator import Translator


def score_text(value: float, t: Translator) -> str:
    """Return a whole score without a decimal place, any other with one."""
    return t.number(value, 0 if value == int(value) else 1)


def score_range(first: float, last: float, t: Translator) -> str:
    return t("score-range", first=score_text(first, t), last=score_text(last, t))
