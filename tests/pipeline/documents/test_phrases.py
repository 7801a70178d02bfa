"""The documents say what the pages say, in the same words."""

import pytest

from etl_monitor.i18n.translator import Translator
from etl_monitor.pipeline.documents.phrases import LANGUAGES, Phrases


@pytest.mark.parametrize("say", LANGUAGES, ids=lambda say: say.language)
def test_reasons_and_flags_are_called_as_on_the_pages(say: Phrases) -> None:
    texts = Translator(say.language)
    assert {name: texts(f"flag-{name}") for name in say.flags} == say.flags
    for name in say.reasons:
        assert texts(f"reason-{name}") in say.reasons[name]
    assert texts("column-alpha") in say.reliability
    assert {texts("column-alpha"), texts("column-range"), "P5", "P95"} <= {*say.scale_columns}
