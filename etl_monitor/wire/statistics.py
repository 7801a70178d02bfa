"""The statistics of one answer file: plain numbers, ready for charts.

The pipeline writes it, the service stores it as JSON, the result page reads it.
"""

from typing import Literal

from etl_monitor.wire.base import Record

ItemFlag = Literal["too_easy", "too_hard", "low_discrimination", "low_item_total", "reversed"]
"""The flags of the pipeline that ships; a company's own pipeline may set others."""

# Limits beyond which the pipeline flags an item. The result page draws the same limits.
# Crocker & Algina 1986, ch. 5: an item that nearly everyone or hardly anyone has right does not
# separate respondents; 20 % is chance with five options.
TOO_EASY = 0.90  # share of right answers
TOO_HARD = 0.20
# Ebel & Frisbie 1991, Essentials of Educational Measurement, 5th ed., ch. 13: poor items.
LOW_DISCRIMINATION = 0.20
# Nunnally & Bernstein 1994, Psychometric Theory, 3rd ed., ch. 8.
LOW_ITEM_TOTAL = 0.30


class Histogram(Record):
    """`counts[i]` respondents scored in `[edges[i], edges[i + 1])`; the last bin has both ends."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class GroupScore(Record):
    group: str
    n: int
    mean: float
    sd: float | None = None  # None: fewer than two respondents


class ScaleStatistics(Record):
    """One scale's raw scores over the usable respondents."""

    key: str
    names: dict[str, str]  # by language code
    items: tuple[str, ...]
    keyed: bool  # True: right or wrong answers; False: agreement on a range
    lowest: float  # the lowest and the highest possible score
    highest: float
    n: int
    mean: float | None = None  # None: not defined, as no respondent is usable
    sd: float | None = None
    alpha: float | None = None  # Cronbach's alpha; None: not defined for these answers
    percentiles: dict[str, float]  # "5", "25", "50", "75", "95" → raw score
    histogram: Histogram
    groups: tuple[GroupScore, ...] = ()


class ItemStatistics(Record):
    key: str
    scale: str
    n: int
    missing: int
    mean: float | None = None  # of the answers; None: there are none
    sd: float | None = None
    item_total: float | None = None  # corrected item-total correlation
    difficulty: float | None = None  # keyed items: share of right answers
    discrimination: float | None = None  # keyed items: upper minus lower 27 % group
    flags: tuple[str, ...] = ()  # `ItemFlag`, or those of a company's own pipeline


class Respondents(Record):
    """How many respondents counted. `excluded` by reason: the first one that applies."""

    total: int
    usable: int
    excluded: dict[
        str, int
    ]  # keys: the reasons of docs/pipeline.md, or those of a company's own pipeline


class KindDefinition(Record):
    """The definition of the test's kind with which the scores were made: the file's text, and the
    SHA-256 of its bytes."""

    sha256: str
    text: str


class Statistics(Record):
    respondents: Respondents
    scales: tuple[ScaleStatistics, ...]
    items: tuple[ItemStatistics, ...]
    groups: tuple[str, ...] = ()
    definition: KindDefinition | None = None  # None: of an older version, or of another pipeline
