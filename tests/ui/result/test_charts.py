"""Positions and texts of bars, percentiles, items and groups."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.result.charts import item_chart, score_charts
from etl_monitor.ui.result.groups import group_comparison
from etl_monitor.ui.widgets.report import GroupsBlock, Histogram, share, ticks, ticks_of
from etl_monitor.ui.widgets.table import Row, Table
from etl_monitor.wire.statistics import Histogram as Counts
from tests.support.figures import group, item, scale, statistics

KO, EN = Translator("ko"), Translator("en")
_WIDTH = 28.0


def chart(**changed: Any) -> Histogram:
    block = score_charts(statistics(scale(**changed)), EN)
    assert block is not None
    return block["charts"][0]


def test_bars_begin_at_zero_and_fill_the_axis() -> None:
    bars = chart()["bars"]
    ends = [(bar["left"], bar["left"] + bar["width"]) for bar in bars]
    assert ends == [(0, 25), (25, 50), (50, 75), (75, 100)]
    assert 90 < bars[1]["height"] <= 100
    assert bars[0]["height"] == round(bars[1]["height"] / 5, 3)
    assert chart()["y"][0] == {"at": 0.0, "text": "0"}
    assert bars[1]["title"] == "Score 4–6: 5,000 respondents"


def test_a_bar_of_one_score_is_named_by_it() -> None:
    whole = Counts(edges=(-0.5, 0.5, 1.5), counts=(1, 3))
    assert [b["title"] for b in chart(histogram=whole)["bars"]] == [
        "Score 0: 1 respondent",
        "Score 1: 3 respondents",
    ]


def test_a_chart_has_a_summary_in_words() -> None:
    assert chart()["summary"] == (
        "Distribution of Trust: mean 6.0, SD 2.0; "
        "5% score 3 or less, 50% score 6 or less, 95% score 9 or less."
    )
    korean = score_charts(statistics(), KO)
    assert korean is not None
    assert korean["charts"][0]["title"] == "신뢰"
    assert "6점 이하 50%" in korean["charts"][0]["summary"]


@given(some.lists(some.floats(2, 10), min_size=3, max_size=3).map(sorted))
def test_labels_of_percentiles_never_overlap(scores: list[float]) -> None:
    percentiles = dict(zip(("5", "50", "95"), scores, strict=True))
    marks = chart(percentiles=percentiles)["marks"]
    assert len(marks) == 3
    begins = {"right": 0.0, "middle": -_WIDTH / 2, "left": -_WIDTH}
    for n, mark in enumerate(marks):
        for other in marks[n + 1 :]:
            if mark["above"] == other["above"]:
                first = mark["at"] + begins[mark["side"]]
                second = other["at"] + begins[other["side"]]
                assert abs(first - second) >= _WIDTH


def test_plots_side_by_side_have_one_base_line() -> None:
    apart = {"5": 3.0, "50": 6.0, "95": 9.0}
    near = {"5": 5.5, "50": 6.0, "95": 6.5}
    scales = (scale(key="a", percentiles=apart), scale(key="b", percentiles=near))
    block = score_charts(statistics(*scales), EN)
    assert block is not None
    heights = [max(mark["above"] for mark in chart["marks"]) for chart in block["charts"]]
    assert heights[0] < heights[1]
    assert [chart["band"] for chart in block["charts"]] == [heights[1]] * 2
    assert block["charts"][0]["marks"][0]["text"] == "P5: 3"


@given(some.floats(-1e6, 1e6), some.floats(1e-3, 1e6))
def test_ticks_are_few_round_and_inside(low: float, width: float) -> None:
    places = ticks(low, low + width)
    assert len(places) <= 12
    assert all(low - 1e-6 * abs(low) - 1e-9 <= at <= low + width * 1.001 + 1e-9 for at in places)


def test_ticks_of_counts_are_whole() -> None:
    assert [tick["text"] for tick in ticks_of(0, 2.1, EN, whole=True)] == ["0", "1", "2"]
    assert [tick["text"] for tick in ticks_of(0, 1, KO)] == [
        "0.0",
        "0.2",
        "0.4",
        "0.6",
        "0.8",
        "1.0",
    ]


def test_a_value_without_a_range_is_in_the_middle() -> None:
    assert share(3, 3, 3) == 50.0


def test_items_beyond_a_limit_have_labels() -> None:
    items = (
        item("N1", difficulty=0.5, discrimination=0.6),
        item("N2", difficulty=0.95, discrimination=0.1, flags=("too_easy", "low_discrimination")),
        item("N3", difficulty=0.94, discrimination=0.11, flags=("too_easy",)),
        item("N4", difficulty=0.3, discrimination=-0.2, flags=("reversed",)),
    )
    block = item_chart(statistics(items=items), EN)
    assert block is not None
    dots = {dot["title"].partition(":")[0]: dot for dot in block["dots"]}
    assert dots["N2"]["text"] == "N2"
    assert dots["N3"]["text"] == "", "its label would overlap that of N2"
    assert not dots["N1"]["weak"]
    assert dots["N4"]["y"] >= 0, "also below zero an item is on the chart"
    assert dots["N2"]["title"] == "N2: 95% correct, discrimination 0.10"


def labels_of(*places: tuple[float, float]) -> dict[tuple[float, float], str]:
    """Return the side of each label, by the place of its item."""
    items = [
        item(f"N{n}", difficulty=x, discrimination=y, flags=("too_hard",))
        for n, (x, y) in enumerate(places)
    ]
    block = item_chart(statistics(items=tuple(items)), EN)
    assert block is not None
    return {(dot["x"], dot["y"]): dot["side"] for dot in block["dots"] if dot["text"]}


def test_a_label_stands_where_no_other_item_is() -> None:
    sides = labels_of((0.40, 0.10), (0.46, 0.10))
    assert sides == {(40.0, 10.0): "left", (46.0, 10.0): "right"}
    assert labels_of((0.02, 0.10), (0.08, 0.13))[2.0, 10.0] == "right", "not beyond the axis"


@given(some.lists(some.tuples(some.floats(0, 1), some.floats(0, 1)), min_size=1, max_size=12))
def test_labels_of_items_never_overlap(places: list[tuple[float, float]]) -> None:
    begins = {"right": 1.5, "left": -1.5 - 14.0}
    labels = [(x + begins[side], y) for (x, y), side in labels_of(*places).items()]
    assert labels
    for n, (left, y) in enumerate(labels):
        assert 0 <= left <= 86
        for other_left, other_y in labels[n + 1 :]:
            assert abs(left - other_left) >= 14 or abs(y - other_y) >= 5


def test_ratings_have_no_chart_of_difficulty() -> None:
    assert item_chart(statistics(items=(item("T1", item_total=0.4),)), EN) is None


def table_of(block: GroupsBlock | None) -> Table:
    assert block is not None
    return block["scales"][0]["table"]


def texts_of(row: Row) -> list[str]:
    return ["".join(part["text"] for part in cell) for cell in row["cells"]]


def test_groups_are_ordered_by_mean_and_show_their_difference() -> None:
    groups = (group("<b>A</b>", 5.0), group("B", 8.0), group("C", 6.0, n=5, sd=None))
    table = table_of(group_comparison(statistics(scale(groups=groups)), EN))
    rows = {row["id"]: texts_of(row) for row in table["rows"]}
    assert list(rows) == ["B", "C", "<b>A</b>"], "the highest mean first"
    assert rows["B"][4] == "+1.00"
    assert rows["<b>A</b>"][4] == "−0.50"
    assert rows["C"][4:] == ["±0.00", "–"]
    assert [row["faint"] for row in table["rows"]] == [False, True, False]
    assert "fewer than 10" in table["notes"][1]
    assert table["rows"][0]["cells"][3][0]["plot"] == {
        "at": 75.0,
        "all": 50.0,
        "low": 62.5,
        "high": 87.5,
    }


def test_many_groups_are_shown_on_demand() -> None:
    groups = tuple(group(f"g{n}", 2 + n / 25) for n in range(200))
    table = table_of(group_comparison(statistics(scale(groups=groups)), KO))
    assert (table["limit"], len(table["rows"]), table["more"]) == (15, 200, "200개 모두 보기")


def test_one_group_is_no_comparison() -> None:
    assert group_comparison(statistics(scale(groups=(group("A", 5.0),))), EN) is None


def test_all_marks_of_a_chart_have_equally_many_decimal_places() -> None:
    mixed = chart(percentiles={"5": 23.0, "50": 30.02, "95": 36.96})
    assert [mark["text"] for mark in mixed["marks"]] == ["P5: 23", "P50: 30", "P95: 37"]
    halves = chart(percentiles={"5": 23.0, "50": 30.5, "95": 37.0})
    assert [mark["text"] for mark in halves["marks"]] == ["P5: 23.0", "P50: 30.5", "P95: 37.0"]
