"""A sample has its title in the reader's language, wherever a title is shown."""

from datetime import UTC, datetime, timedelta

import pytest

from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.ui.activity.table import spreadsheet_row
from etl_monitor.ui.history.rows import name_of
from etl_monitor.ui.jobs.attention import attention
from etl_monitor.ui.jobs.bulk_preview import line_of
from etl_monitor.ui.jobs.facts import as_text
from etl_monitor.ui.jobs.labels import cancel_reason, job_name
from etl_monitor.ui.jobs.row import job_row
from etl_monitor.ui.results.labels import title_of
from etl_monitor.wire.activity import ActivityEntry
from etl_monitor.wire.history import JobSpan
from etl_monitor.wire.samples import sample_id
from tests.support import factories
from tests.support.factories import render_context, result

STORED = "2026년 하계 인턴 추론능력검사"
TITLES = {"en": "Summer interns 2026: reasoning", "ko": STORED}
INTERNS = {"test_id": sample_id("interns"), "title": STORED}
NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_a_page_has_the_readers_title(language: str) -> None:
    t, job = Translator(language), factories.failed(**INTERNS)
    with render_context(job, language=language) as ctx:
        items = attention(ctx)["items"]
        assert [item["title"] for item in items] == [TITLES[language]]
    entry = ActivityEntry.model_validate(
        {"id": 1, "at": NOW, "actor": "kim", "role": "admin", "action": "retry"}
        | {"outcome": "done", **INTERNS}
    )
    span = JobSpan.model_validate(
        {"job_id": "a", "status": "running", "started_at": NOW - timedelta(hours=1), **INTERNS}
    )
    shown = [
        job_row(job, t)["title"],
        job_name(job, t),
        line_of(job, t).partition(" · ")[0],
        as_text(job, [], [], t).splitlines()[0],
        title_of(result(id=INTERNS["test_id"], title=STORED, is_sample=True), t),
        spreadsheet_row(entry, t)[7],
        name_of(span, t),
    ]
    assert shown == [TITLES[language]] * len(shown)


def test_samples_of_an_older_version_keep_the_title_that_is_stored() -> None:
    old = result(id="4f2a9c11-0000-4000-8000-000000000001", title=STORED, is_sample=True)
    assert title_of(old, Translator("en")) == STORED


def test_only_the_services_own_reason_is_translated() -> None:
    dropped = {"test_id": sample_id("dropped"), "cancel_reason": "예시"}
    t = Translator("en")
    ours = factories.cancelled(**dropped, cancel_requested_by="system")
    theirs = factories.cancelled(**dropped, cancel_requested_by="kim")
    assert cancel_reason(ours, t) == t("sample-cancel-reason")
    assert cancel_reason(theirs, t) == "예시"
