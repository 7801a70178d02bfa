"""Tables of statistics, and their interpretation."""

import pytest

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.result.interpretation import alpha_text, flag_texts
from etl_monitor.ui.result.tables import item_table, reliability_table, scale_table
from etl_monitor.ui.widgets.report import TableBlock
from etl_monitor.ui.widgets.table import Table
from tests.support.figures import item, statistics

KO, EN = Translator("ko"), Translator("en")


def table_of(block: TableBlock | None) -> Table:
    assert block is not None
    return block["table"]


def texts_of(table: Table) -> list[list[str]]:
    """Return the text of each cell, without its notes."""
    return [[cell[0]["text"] for cell in row["cells"]] for row in table["rows"]]


def test_scales() -> None:
    table = table_of(scale_table(statistics(), EN))
    assert [column["text"] for column in table["columns"]][-6:-1] == [
        "P5",
        "P25",
        "P50",
        "P75",
        "P95",
    ]
    assert texts_of(table) == [
        ["Trust", "12,000", "6.00", "2.00", "3.0", "5.0", "6.0", "7.0", "9.0", "2–10"]
    ]


@pytest.mark.parametrize(
    ("alpha", "meaning", "tone"),
    [
        (0.95, "Suitable for decisions about individuals", "good"),
        (0.90, "Suitable for decisions about individuals", "good"),
        (
            0.80,
            "Suitable for comparing groups and for research, not for decisions about individuals",
            "good",
        ),
        (0.70, "Exploratory use; compare groups with care", "fair"),
        (0.69, "Too low to rely on: check its items", "poor"),
        (-0.2, "Too low to rely on: check its items", "poor"),
        (None, "Not defined for these answers", None),
    ],
)
def test_a_reliability_has_an_interpretation(alpha: float | None, meaning: str, tone: str) -> None:
    assert alpha_text(alpha, EN) == (meaning, tone)


def test_reliability_names_its_source() -> None:
    table = table_of(reliability_table(statistics(), KO))
    assert any("Nunnally" in note for note in table["notes"])


def test_flagged_items_come_first_with_reasons() -> None:
    items = (
        item("OK", item_total=0.5),
        item("LOW", item_total=0.1, flags=("low_item_total",)),
        item("BACK", item_total=-0.4, flags=("reversed",)),
        item("LOWER", item_total=0.05, flags=("low_item_total",)),
        item("OWN", flags=("<i>own</i>",)),
    )
    table = table_of(item_table(statistics(items=items), EN))
    assert [row["id"] for row in table["rows"]] == ["BACK", "LOWER", "LOW", "OWN", "OK"]
    flag, meaning = table["rows"][0]["cells"][2]
    assert flag["text"] == "opposite to its scale"
    assert "Item–total r -0.40 (below 0)" in meaning["text"]
    assert table["rows"][3]["cells"][2] == [
        {"text": "<i>own</i>", "value": 1, "tone": "poor", "href": None}
    ]
    assert table["rows"][4]["cells"][2][0]["text"] == "none"
    assert table["label"] == "Items: 5, 4 flagged"


def test_a_figure_that_no_item_has_is_no_column() -> None:
    table = table_of(item_table(statistics(items=(item("T1", item_total=0.5, mean=3.0),)), EN))
    names = [column["text"] for column in table["columns"]]
    assert "Difficulty" not in names
    assert "Item–total r" in names


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    "flag", ["too_easy", "too_hard", "low_discrimination", "low_item_total", "reversed"]
)
def test_each_flag_of_the_pipeline_has_a_text(flag: str, language: str) -> None:
    weak = item("T1", difficulty=0.196, discrimination=0.1, item_total=0.2, flags=(flag,))
    ((name, meaning),) = flag_texts(weak, Translator(language))
    assert name
    assert meaning
    if flag == "too_hard":
        assert "19.6%" in meaning


def test_without_scales_there_are_no_tables() -> None:
    empty = statistics().model_copy(update={"scales": ()})
    assert scale_table(empty, EN) is None
    assert reliability_table(empty, EN) is None
    assert item_table(empty, EN) is None
