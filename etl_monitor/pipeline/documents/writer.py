"""The texts about a result, written from its statistics. Markdown, in every language.

Names and groups come from files, so whatever Markdown takes for markup is escaped.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from etl_monitor.pipeline.base import Document
from etl_monitor.pipeline.documents.phrases import LANGUAGES, Phrases
from etl_monitor.pipeline.kinds.definition import Kind
from etl_monitor.wire.statistics import ItemStatistics, ScaleStatistics, Statistics

Writer = Callable[[Statistics, Phrases], tuple[str, str]]
"""Makes a one-line summary and the content."""


def write_documents(kind: Kind, statistics: Statistics) -> Sequence[Document]:
    """The documents that the kind's definition asks for; always `aptitude_summary`, first."""
    wanted = {"aptitude_summary", *kind.documents}
    return [_document(name, statistics) for name in WRITERS if name in wanted]


def _document(name: str, statistics: Statistics) -> Document:
    texts = {phrases.language: WRITERS[name](statistics, phrases) for phrases in LANGUAGES}
    return Document(
        type=name,
        summary={language: summary for language, (summary, _) in texts.items()},
        content={language: content for language, (_, content) in texts.items()},
    )


def _aptitude_summary(statistics: Statistics, say: Phrases) -> tuple[str, str]:
    people = statistics.respondents
    scored = say.respondents.format(usable=people.usable, total=people.total)
    reliability = _reliability(statistics.scales, say)
    parts = [
        _heading(say.summary_title),
        f"{scored} {_excluded(statistics, say)}",
        reliability,
        _heading(say.scales_title),
        _table(say.scale_columns, [_scale_row(scale, say) for scale in statistics.scales]),
        *_groups(statistics, say),
    ]
    return f"{scored} {reliability}", "\n\n".join(parts)


def _personality_analysis(statistics: Statistics, say: Phrases) -> tuple[str, str]:
    lines = [say.profile_line.format(**_facts(scale, say)) for scale in statistics.scales]
    gap = _widest_gap(statistics, say)
    parts = [_heading(say.personality_title), _list(lines), gap, *_items(statistics, say)]
    return gap or lines[0], "\n\n".join(part for part in parts if part)


def _skill_assessment(statistics: Statistics, say: Phrases) -> tuple[str, str]:
    by_share = sorted(statistics.scales, key=_share)
    ends = say.strongest_weakest.format(
        strongest=_name(by_share[-1], say), weakest=_name(by_share[0], say)
    )
    lines = [say.skill_line.format(**_facts(scale, say)) for scale in statistics.scales]
    parts = [
        _heading(say.skill_title),
        ends,
        _list(lines),
        _easiest_hardest(statistics, say),
        *_items(statistics, say),
    ]
    return ends, "\n\n".join(part for part in parts if part)


WRITERS: dict[str, Writer] = {
    "aptitude_summary": _aptitude_summary,
    "personality_analysis": _personality_analysis,
    "skill_assessment": _skill_assessment,
}


def _excluded(statistics: Statistics, say: Phrases) -> str:
    excluded = statistics.respondents.excluded
    reasons = [say.reasons[reason].format(count=count) for reason, count in excluded.items()]
    return say.excluded.format(reasons=", ".join(reasons)) if reasons else say.all_used


def _reliability(scales: Sequence[ScaleStatistics], say: Phrases) -> str:
    alphas = [scale.alpha for scale in scales if scale.alpha is not None]
    if not alphas:
        return say.no_reliability
    return say.reliability.format(lowest=min(alphas), highest=max(alphas))


def _scale_row(scale: ScaleStatistics, say: Phrases) -> tuple[str, ...]:
    quantiles = (scale.percentiles[p] for p in ("5", "50", "95"))
    possible = say.score_range.format(lowest=scale.lowest, highest=scale.highest)
    numbers = (scale.mean, scale.sd, *quantiles)
    return (_name(scale, say), *map(_number, numbers), possible, _number(scale.alpha, 2))


def _groups(statistics: Statistics, say: Phrases) -> Iterator[str]:
    if not statistics.groups:
        return
    names = [_name(scale, say) for scale in statistics.scales]
    by_group: dict[str, list[str]] = {}
    for scale in statistics.scales:
        for group in scale.groups:
            row = by_group.setdefault(group.group, [_plain(group.group), f"{group.n:,}"])
            row.append(_number(group.mean))
    yield _heading(say.groups_title)
    yield _table((*say.group_columns, *names), list(by_group.values()))


def _items(statistics: Statistics, say: Phrases) -> Iterator[str]:
    yield _heading(say.items_title)
    flagged = [item for item in statistics.items if item.flags]
    lines = [f"{_plain(i.key)}: {', '.join(say.flags[flag] for flag in i.flags)}" for i in flagged]
    yield _list(lines) if lines else say.items_fine


def _widest_gap(statistics: Statistics, say: Phrases) -> str:
    """Between the groups furthest apart, in standard deviations of all respondents; "" without
    groups. Groups under 30 are left out: their means say little."""
    gaps = []
    for scale in statistics.scales:
        means = sorted((group.mean, group.group) for group in scale.groups if group.n >= 30)
        if len(means) > 1 and scale.sd:
            (low, lower), (high, higher) = means[0], means[-1]
            gaps.append(((high - low) / scale.sd, scale, higher, lower))
    if not gaps:
        return ""
    gap, scale, higher, lower = max(gaps, key=lambda found: found[0])
    return say.widest_group.format(
        name=_name(scale, say), high=_plain(higher), low=_plain(lower), gap=gap
    )


def _easiest_hardest(statistics: Statistics, say: Phrases) -> str:
    """ "" for a kind without right answers."""
    keyed = [(i.difficulty, i) for i in statistics.items if i.difficulty is not None]
    if not keyed:
        return ""
    easy, easiest = max(keyed, key=_first)
    hard, hardest = min(keyed, key=_first)
    return say.easiest_hardest.format(
        easiest=_plain(easiest.key), easy=100 * easy, hardest=_plain(hardest.key), hard=100 * hard
    )


def _first(found: tuple[float, ItemStatistics]) -> float:
    return found[0]


def _facts(scale: ScaleStatistics, say: Phrases) -> dict[str, str | float]:
    percentiles = {f"p{name}": value for name, value in scale.percentiles.items()}
    return {
        "name": _name(scale, say),
        "mean": scale.mean,
        "highest": scale.highest,
        "share": 100 * _share(scale),
        **percentiles,
    }


def _share(scale: ScaleStatistics) -> float:
    return (scale.mean - scale.lowest) / (scale.highest - scale.lowest)


def _name(scale: ScaleStatistics, say: Phrases) -> str:
    return _plain(scale.names[say.language])


def _number(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _plain(text: str) -> str:
    """Text from a file as Markdown that shows just this text."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:&-])", r"\\\1", " ".join(text.split()))


def _heading(text: str) -> str:
    return f"### {text}"


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    ruler = "|".join([" --- ", *[" ---: "] * (len(columns) - 1)])
    body = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"| {' | '.join(columns)} |\n|{ruler}|\n{body}"
