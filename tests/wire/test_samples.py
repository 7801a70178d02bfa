"""The samples' titles in the reader's language."""

import pytest

from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.pipeline.samples.files import SAMPLES
from etl_monitor.wire.job import Job
from etl_monitor.wire.samples import is_sample, sample_id, sample_title, titles_in
from etl_monitor.wire.search import parse

INTERNS = sample_id("interns")


def test_every_sample_is_known_by_its_id() -> None:
    assert {sample_id(sample.key) for sample in SAMPLES} == set(titles_in("en"))
    assert INTERNS == "f32103dc-0e31-5ce2-8be3-721f2d8f1d01", "ids are stored: they never change"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_title_is_used_once(language: str) -> None:
    titles = titles_in(language)
    assert len({*titles.values()}) == len(titles) == len(SAMPLES)
    t = Translator(language)
    assert {test_id: sample_title(test_id, t) for test_id in titles} == titles


@pytest.mark.parametrize("test_id", [None, "", "interns", "4f2a9c11-0000-4000-8000-000000000001"])
def test_other_tests_have_no_title_here(test_id: str | None) -> None:
    """Also those that an older version made, under ids of chance."""
    assert not is_sample(test_id)
    assert sample_title(test_id, Translator("en")) is None


@pytest.mark.parametrize(
    ("query", "finds"),
    [("summer interns", True), ("인턴 하계", True), ("INTERNS kim", True), ("autumn", False)],
)
def test_a_search_in_memory_finds_both_languages(query: str, finds: bool) -> None:
    job = Job(job_id="a", test_id=INTERNS, title="2026년 하계 인턴 추론능력검사", user_id="kim")
    assert parse(query).matches(job) is finds
    other = job.model_copy(update={"test_id": "b"})
    assert not parse("summer interns").matches(other)
