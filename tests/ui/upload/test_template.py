"""The template of a kind is a file that the kind accepts."""

import io

import pytest

from etl_monitor.i18n.translator import Translator
from etl_monitor.pipeline.answer_files.head import check_head, read_head
from etl_monitor.pipeline.kinds.definition import offered_kinds
from etl_monitor.ui.upload.template import template_csv
from etl_monitor.wire.result import TestKind


@pytest.mark.parametrize("kind", offered_kinds(None), ids=lambda kind: kind.key)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_template_fits_its_kind(kind: TestKind, language: str) -> None:
    file = io.BytesIO(template_csv(kind, Translator(language)))
    columns = check_head(read_head(file), kind)
    assert columns.has_group
    assert columns.has_taken_at


@pytest.mark.parametrize("kind", offered_kinds(None), ids=lambda kind: kind.key)
def test_two_rows_of_answers_that_the_kind_has(kind: TestKind) -> None:
    text = template_csv(kind, Translator("ko")).decode("utf-8")
    assert text.startswith("\ufeffrespondent_id,group,taken_at,"), "or Excel shows no Korean"
    rows = [line.split(",") for line in text.splitlines()[1:]]
    assert [row[:2] for row in rows] == [["R0001", "영업"], ["R0002", "개발"]]
    assert {answer for row in rows for answer in row[3:]} == set(kind.answers)


def test_a_kind_without_known_answers() -> None:
    kind = TestKind(key="own", names={"en": "Own"}, columns=("who", "a"))
    assert template_csv(kind, Translator("en")).decode("utf-8-sig").splitlines()[0] == "who,a"
