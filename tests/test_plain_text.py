"""Signs that break lines or turn the direction of writing, in names; Markdown in names."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from etl_monitor.markdown import escape_markdown
from etl_monitor.plain_text import visible
from etl_monitor.service.api.dependencies import Id, Name
from etl_monitor.service.api.upload_form import Title
from etl_monitor.wire.job import Job, short_id
from etl_monitor.wire.reading import RecordReader
from etl_monitor.wire.result import TestResult

ODD = [
    "\n",
    "\r",
    "\x0b",
    "\x1b",
    "\x85",
    "\x9b",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u2069",
    "\u200f",
    "\u061c",
]
ORDINARY = ["2026 상반기 공채", "a\u200db", "검사\u00a01", "👩‍💻", "\u00e9", "العربية"]


@pytest.mark.parametrize("sign", ODD)
@pytest.mark.parametrize("kind", [Id, Name, Title])
def test_the_service_refuses_odd_signs_in_titles_and_ids(kind: type[str], sign: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(f"a{sign}b")


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_of_every_script_is_accepted_and_shown_as_it_is(text: str) -> None:
    assert TypeAdapter(Title).validate_python(text) == text
    assert visible(text) == text


@pytest.mark.parametrize("sign", ODD)
def test_odd_signs_from_elsewhere_are_made_visible(sign: str) -> None:
    job = Job.model_validate({"jobId": f"j{sign}1", "title": f"a{sign}b", "userId": f"kim{sign}"})
    assert sign not in (job.title or "")
    assert sign not in short_id(job.job_id)
    assert job.job_id == f"j{sign}1", "what goes back to the service stays as it is"
    result = TestResult.model_validate(
        {"id": "1", "userId": "kim", "anpSeq": 1, "status": "failed", "title": f"a{sign}b"}
    )
    assert sign not in (result.title or "")


def test_a_reader_of_foreign_records_keeps_titles_and_names() -> None:
    sent = {"jobId": "j", "title": "3월\n공채", "currentStep": "a\x1b", "requestedBy": "kim"}
    job = RecordReader().record(Job, sent)
    assert job is not None
    assert (job.title, job.current_step, job.requested_by) == ("3월␊공채", "a␛", "kim")


def test_a_line_feed_and_a_turned_direction_can_be_read() -> None:
    assert visible("a\nb\x1b[31m \u202egnp.exe") == "a␊b␛[31m ⟨U+202E⟩gnp.exe"


@pytest.mark.parametrize(
    "text",
    [
        "www.evil.example",
        "HTTPS://evil.example/x",
        "kim@evil.example",
        ":smile: :+1: ::tada:: :a:b:",
        ":material/home: :material_home: :streamlit:",
        "a -> b <- c <-> d -- e >= f <= g ~= h",
    ],
)
def test_nothing_is_left_that_streamlit_would_render(text: str) -> None:
    shown = re.sub(r"\\(.)", r"\1", escape_markdown(text))
    assert shown.replace("\u200b", "") == text
    rendered = (
        r"(https?:\/\/|www(?=\.))([-.\w]+)",
        r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)",
        r":\+1:|:-1:|:[\w-]+:",
        r":material/",
        r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)",
    )
    for pattern in rendered:
        assert not re.search(pattern, shown, re.IGNORECASE | re.ASCII), pattern


def test_times_and_ranges_are_left_alone() -> None:
    assert "\u200b" not in escape_markdown("12:30 - 13:30, r = -0.4, 2026-11-27, 홍길동: 92%")
