"""The table of rows left out, by column and reason."""

import pytest

from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.ui.result.rejected import rejected_table
from etl_monitor.ui.widgets.table import Table
from etl_monitor.wire.rejected import RejectedColumn, RejectedSummary

EN = Translator("en")
SUMMARY = RejectedSummary.of(
    {"missing": 1200, "malformed": 3, "own_reason": 1},
    {
        ("Q1", "missing"): 1200,
        ("Q2", "missing"): 300,
        (None, "malformed"): 3,
        ("", "own_reason"): 1,
    },
)


def table_of(summary: RejectedSummary, t: Translator = EN) -> Table:
    block = rejected_table(summary, t)
    assert block is not None
    return block["table"]


def texts_of(table: Table) -> list[list[str]]:
    return [[cell[0]["text"] for cell in row["cells"]] for row in table["rows"]]


def test_a_number_for_each_column_and_reason() -> None:
    table = table_of(SUMMARY)
    assert [column["text"] for column in table["columns"]] == [
        "Column",
        "too many missing answers",
        "rows with a wrong number of fields",
        "own_reason",
    ]
    assert texts_of(table) == [
        ["Q1", "1,200", "–", "–"],
        ["Q2", "300", "–", "–"],
        ["whole row", "–", "3", "–"],
        ["", "–", "–", "1"],
    ]
    assert len({row["id"] for row in table["rows"]}) == 4


def test_a_colour_says_again_what_the_number_says() -> None:
    heats = [row["cells"][1][0].get("heat") for row in table_of(SUMMARY)["rows"]]
    assert heats == [100, 25, None, None]


def test_many_columns_are_shown_on_demand_and_more_are_mentioned() -> None:
    cells: dict[tuple[str | None, str], int] = {(f"Q{n}", "missing"): n for n in range(1, 113)}
    cells[None, "malformed"] = 1
    table = table_of(RejectedSummary.of({"missing": 112, "malformed": 1}, cells))
    names = [row[0] for row in texts_of(table)]
    assert names[0] == "Q112", "the worst first"
    assert "whole row" in names[: table["limit"]], "the worst of each reason is seen at once"
    assert len(names) == 100
    assert table["more"] == "and 90 more columns"
    assert table["notes"][-1].startswith("13 more columns are not shown")


def test_a_column_is_text() -> None:
    name = "<b>문항</b>\u202e"
    summary = RejectedSummary(
        rows=1, reasons={"x": 1}, columns=(RejectedColumn(column=name, reasons={"x": 1}),)
    )
    assert texts_of(table_of(summary))[0][0].startswith("<b>문항</b>")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_the_readers_language(language: str) -> None:
    table = table_of(SUMMARY, Translator(language))
    assert "1,204" in table["label"]
    assert all(column["text"] != "missing" for column in table["columns"])


def test_nothing_is_shown_if_nothing_was_left_out_or_counted() -> None:
    assert rejected_table(None, EN) is None
    assert rejected_table(RejectedSummary.of({}, {}), EN) is None
