"""Which jobs a filter matches: by the service's rules, and by the texts that a reader sees."""

from typing import Any

import pytest

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.filter import MonitorFilter, errors_named, steps_named
from etl_monitor.wire.job import Job
from etl_monitor.wire.search import SEARCHED
from tests.support import factories

ENGLISH, KOREAN = Translator("en"), Translator("ko")


def searched(text: str, t: Translator) -> MonitorFilter:
    return MonitorFilter(text=text, steps=steps_named(text, t), errors=errors_named(text, t))


@pytest.mark.parametrize("name", SEARCHED)
def test_each_field_is_searched(name: str) -> None:
    fields: dict[str, Any] = {"job_id": "j", name: "xx Wolf xx"}
    assert MonitorFilter(text="wolf").matches(Job(**fields))
    assert not MonitorFilter(text="fox").matches(Job(**fields))


def test_a_running_step_is_found_by_its_name() -> None:
    scoring, loading = factories.running(), factories.running(current_step="load")
    for text, t in (("채점", KOREAN), ("scoring", ENGLISH), ("score", KOREAN)):
        assert searched(text, t).matches(scoring)
        assert not searched(text, t).matches(loading)
    assert not searched("저장", KOREAN).matches(factories.completed(current_step="load")), (
        "not shown"
    )


def test_an_error_is_found_by_its_words() -> None:
    empty = factories.failed(error_code="empty_file", error_message="x")
    lost = factories.failed(error_code="worker_lost", error_message="x")
    for text, t in (("비어 있", KOREAN), ("file is empty", ENGLISH), ("empty_f", KOREAN)):
        assert searched(text, t).matches(empty)
        assert not searched(text, t).matches(lost)


def test_a_word_that_is_in_most_errors_matches_none() -> None:
    assert errors_named("e", ENGLISH) == ()
    assert errors_named("", KOREAN) == ()
    assert 0 < len(errors_named("UTF-8", KOREAN)) <= 9
