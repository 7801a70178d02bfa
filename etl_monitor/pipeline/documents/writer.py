"""The texts about a result, written from its statistics: Markdown in every language.

The words are in the catalogues of `etl_monitor.i18n` (`document-…`, and the page's own words for
columns, flags and reasons). Names and groups come from files, so they are escaped.
"""

from collections.abc import Callable, Iterator, Sequence

from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.pipeline.base import Document
from etl_monitor.pipeline.documents.markdown import bullet_list, escape_line, heading, table
from etl_monitor.pipeline.kinds.definition import Kind
from etl_monitor.wire.statistics import ItemStatistics, ScaleStatistics, Statistics

SMALLEST_GROUP = 30  # respondents; the mean of a smaller group is mostly chance

Writer = Callable[[Statistics, Translator], tuple[str, str]]
"""Returns a one-line summary and the content."""


def write_documents(kind: Kind, statistics: Statistics) -> Sequence[Document]:
    """Write the documents that the kind's definition names; `aptitude_summary` always, first."""
    types = {"aptitude_summary", *kind.documents}
    return [_document(name, statistics) for name in WRITERS if name in types]


def _document(name: str, statistics: Statistics) -> Document:
    written = {language: WRITERS[name](statistics, Translator(language)) for language in LANGUAGES}
    return Document(
        type=name,
        summary={language: summary for language, (summary, _) in written.items()},
        content={language: content for language, (_, content) in written.items()},
    )


def _aptitude_summary(statistics: Statistics, t: Translator) -> tuple[str, str]:
    people = statistics.respondents
    scored = t("document-scored", usable=people.usable, total=people.total)
    reliability = _reliability(statistics.scales, t)
    parts = [
        heading(t("document-summary")),
        f"{scored} {_excluded(statistics, t)}",
        reliability,
        heading(t("document-scales")),
        table(_scale_columns(t), [_scale_row(scale, t) for scale in statistics.scales]),
        *_groups(statistics, t),
    ]
    return f"{scored} {reliability}", "\n\n".join(parts)


def _personality_analysis(statistics: Statistics, t: Translator) -> tuple[str, str]:
    lines = [t("document-profile", **_scale_figures(scale, t)) for scale in statistics.scales]
    gap = _widest_gap(statistics, t)
    parts = [
        heading(t("document-personality_analysis")),
        bullet_list(lines),
        gap,
        *_flagged_items(statistics, t),
    ]
    return gap or lines[0], "\n\n".join(part for part in parts if part)


def _skill_assessment(statistics: Statistics, t: Translator) -> tuple[str, str]:
    by_share = sorted(statistics.scales, key=_share)
    extremes = t(
        "document-strongest-weakest",
        strongest=_name(by_share[-1], t),
        weakest=_name(by_share[0], t),
    )
    lines = [t("document-skill", **_scale_figures(scale, t)) for scale in statistics.scales]
    parts = [
        heading(t("document-skill_assessment")),
        extremes,
        bullet_list(lines),
        _easiest_and_hardest(statistics, t),
        *_flagged_items(statistics, t),
    ]
    return extremes, "\n\n".join(part for part in parts if part)


WRITERS: dict[str, Writer] = {
    "aptitude_summary": _aptitude_summary,
    "personality_analysis": _personality_analysis,
    "skill_assessment": _skill_assessment,
}


def _excluded(statistics: Statistics, t: Translator) -> str:
    excluded = statistics.respondents.excluded
    reasons = [t(f"document-excluded-{reason}", n=count) for reason, count in excluded.items()]
    return t("document-excluded", reasons=", ".join(reasons)) if reasons else t("document-all-used")


def _reliability(scales: Sequence[ScaleStatistics], t: Translator) -> str:
    alphas = [scale.alpha for scale in scales if scale.alpha is not None]
    if not alphas:
        return t("document-no-reliability")
    return t(
        "document-reliability", lowest=_number(min(alphas), 2), highest=_number(max(alphas), 2)
    )


def _scale_columns(t: Translator) -> Sequence[str]:
    figures = (t("column-mean"), t("column-sd"), "P5", t("document-median"), "P95")
    return (t("column-scale"), *figures, t("column-range"), t("column-alpha"))


def _scale_row(scale: ScaleStatistics, t: Translator) -> Sequence[str]:
    quantiles = (scale.percentiles[p] for p in ("5", "50", "95"))
    possible = t("score-range", first=f"{scale.lowest:g}", last=f"{scale.highest:g}")
    numbers = (scale.mean, scale.sd, *quantiles)
    return (_name(scale, t), *map(_number, numbers), possible, _number(scale.alpha, 2))


def _groups(statistics: Statistics, t: Translator) -> Iterator[str]:
    if not statistics.groups:
        return
    names = [_name(scale, t) for scale in statistics.scales]
    by_group: dict[str, list[str]] = {}
    for scale in statistics.scales:
        for group in scale.groups:
            name = escape_line(group.group)
            by_group.setdefault(group.group, [name, f"{group.n:,}"]).append(_number(group.mean))
    yield heading(t("document-groups"))
    yield table((t("axis-group"), t("document-n"), *names), list(by_group.values()))


def _flagged_items(statistics: Statistics, t: Translator) -> Iterator[str]:
    yield heading(t("document-items"))
    flagged = [item for item in statistics.items if item.flags]
    yield bullet_list([_flags(item, t) for item in flagged]) or t("document-no-item")


def _flags(item: ItemStatistics, t: Translator) -> str:
    return f"{escape_line(item.key)}: {', '.join(t(f'flag-{flag}') for flag in item.flags)}"


def _widest_gap(statistics: Statistics, t: Translator) -> str:
    """Return a sentence on the two groups that are furthest apart on any scale, in standard
    deviations of all respondents; "" if fewer than two groups are large enough."""
    gaps = []
    for scale in statistics.scales:
        means = sorted((g.mean, g.group) for g in scale.groups if g.n >= SMALLEST_GROUP)
        if len(means) > 1 and scale.sd:
            (low, lower), (high, higher) = means[0], means[-1]
            gaps.append(((high - low) / scale.sd, scale, higher, lower))
    if not gaps:
        return ""
    gap, scale, higher, lower = max(gaps, key=lambda candidate: candidate[0])
    return t(
        "document-widest-gap",
        scale=_name(scale, t),
        high=escape_line(higher),
        low=escape_line(lower),
        gap=_number(gap, 2),
    )


def _easiest_and_hardest(statistics: Statistics, t: Translator) -> str:
    """Return a sentence on two items, or "" for a kind without right answers."""
    keyed = [(i.difficulty, i.key) for i in statistics.items if i.difficulty is not None]
    if not keyed:
        return ""
    easy, easiest = max(keyed, key=lambda item: item[0])
    hard, hardest = min(keyed, key=lambda item: item[0])
    return t(
        "document-easiest-hardest",
        easiest=escape_line(easiest),
        easy=_number(100 * easy, 0),
        hardest=escape_line(hardest),
        hard=_number(100 * hard, 0),
    )


def _scale_figures(scale: ScaleStatistics, t: Translator) -> dict[str, str]:
    return {
        "scale": _name(scale, t),
        "mean": _number(scale.mean),
        "highest": _number(scale.highest, 0),
        "share": _number(100 * _share(scale), 0),
        "p25": _number(scale.percentiles["25"]),
        "p50": _number(scale.percentiles["50"], 0),
        "p75": _number(scale.percentiles["75"]),
    }


def _share(scale: ScaleStatistics) -> float:
    """The mean's share of the possible range, 0 … 1."""
    mean = scale.lowest if scale.mean is None else scale.mean
    return (mean - scale.lowest) / (scale.highest - scale.lowest)


def _name(scale: ScaleStatistics, t: Translator) -> str:
    return escape_line(t.pick(scale.names, scale.key))


def _number(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
