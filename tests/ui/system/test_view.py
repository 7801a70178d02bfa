"""The system page's facts about feed, service and portal; none of them is a secret."""

import json
from typing import Any

import pytest

from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.store.connection_status import Connection, ConnectionState
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.system import view
from etl_monitor.ui.system.settings_table import settings_table
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.system import SystemState
from tests.support.factories import ago, pending, render_context, running

STATE = SystemState.model_validate(
    {
        "version": "9.9",
        "python": "3.13",
        "database": "sqlite 3.40",
        "startedAt": ago(hours=2),
        "now": ago(seconds=1),
        "position": 1200,
        "oldestEvent": 17,
        "subscribers": 3,
        "jobs": {"pending": 1, "running": 2, "completed": 12_000, "failed": 4, "cancelled": 5},
        "samples": 0,
        "workers": [
            {"name": "w1", "pid": 11, "alive": True, "jobId": "j1", "heartbeatAt": ago(seconds=3)},
            {"name": "w2", "pid": 12, "alive": True},
            {"name": "w3", "alive": False},
        ],
        "diskFree": 50_000_000_000,
        "diskTotal": 100_000_000_000,
    }
)


def sections(ctx: RenderContext, state: SystemState | None = STATE) -> dict[str, Any]:
    shown = list(view.sections(ctx, state))
    json.dumps(shown)  # as the browser gets it
    return {section["heading"]: section for section in shown}


def facts(section: Any) -> dict[str, str]:
    return {fact["name"]: " ".join(p["text"] for p in fact["parts"]) for fact in section["facts"]}


def rows(section: Any) -> list[list[str]]:
    lines = section["table"]["rows"]
    return [[" ".join(p["text"] for p in cell) for cell in line["cells"]] for line in lines]


def test_the_feed_and_its_lag() -> None:
    live = Connection(state=ConnectionState.LIVE, last_event_at=ago(seconds=5))
    with render_context(connection=live) as ctx:
        ctx.monitoring.store.replace([pending()], "1190")
        feed = facts(sections(fresh(ctx))["Feed"])
    assert (feed["Connection"], feed["Position"]) == ("Live", "1,190")
    assert feed["Lag"] == "10 events"
    assert feed["Oldest event kept"] == "17"
    assert "Last signal" not in feed, "what is not known is left out"


def fresh(ctx: RenderContext) -> RenderContext:
    return RenderContext(
        snapshot=ctx.monitoring.snapshot(),
        t=ctx.t,
        session=ctx.session,
        monitoring=ctx.monitoring,
    )


@pytest.mark.parametrize(("position", "behind"), [("1200", "up to date"), ("1300", "up to date")])
def test_a_feed_ahead_of_the_reported_position_is_not_behind(position: str, behind: str) -> None:
    with render_context() as ctx:
        ctx.monitoring.store.replace([], position)
        assert facts(sections(fresh(ctx))["Feed"])["Lag"] == behind


def test_positions_of_another_service_may_be_anything() -> None:
    with render_context() as ctx:
        ctx.monitoring.store.replace([], "a-b")
        feed = facts(sections(fresh(ctx))["Feed"])
    assert feed["Position"] == "a-b"
    assert "Lag" not in feed


def test_how_long_events_take_to_the_screen() -> None:
    with render_context() as ctx:
        assert facts(sections(ctx)["Feed"])["Event → screen, p50"] == "no updates measured yet"
        number = ctx.session.latency.record_sent(0.0)
        ctx.session.latency.record_painted([[number, 0]])
        feed = facts(sections(ctx)["Feed"])
    assert feed["Event → screen, p50"].endswith(" ms")
    assert feed["Event → screen, p95"].endswith(" ms")


def test_jobs_by_status_are_counted_by_the_service() -> None:
    with render_context(pending(), running(job_id="b")) as ctx:
        assert facts(sections(ctx)["Jobs by status"])["Completed"] == "12,000"
        known = sections(ctx, None)["Jobs by status"]
    assert facts(known)["Running"] == "1"
    assert known["note"]


@pytest.mark.parametrize(
    ("job_id", "named"), [("j1", "Spring campaign"), ("unknown to the portal", "j1")]
)
def test_workers_and_their_jobs(job_id: str, named: str) -> None:
    with render_context(running(job_id=job_id, title="Spring campaign")) as ctx:
        workers = rows(sections(ctx)["Workers"])
    assert [line[:3] for line in workers] == [
        ["w1", "Busy", named],
        ["w2", "Idle", ""],
        ["w3", "Gone", ""],
    ]
    assert [bool(line[3]) for line in workers] == [True, True, False]


def test_without_the_service_workers_come_from_their_jobs() -> None:
    with render_context(running(), pending(job_id="b")) as ctx:
        assert [line[:2] for line in rows(sections(ctx, None)["Workers"])] == [["worker-1", "Busy"]]
    with render_context(pending()) as ctx:
        assert "Workers" not in sections(ctx, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages(language: str) -> None:
    with render_context(running(), language=language) as ctx:
        shown = sections(ctx)
    assert len(shown) == 7
    assert len(shown[Translator(language)("system-counters")]["facts"]) == 8
    assert {JobStatus(p["tone"]) for f in list(shown.values())[2]["facts"] for p in f["parts"]} == {
        *JobStatus
    } - {JobStatus.UNKNOWN}, "the service's own jobs have a known state"


def test_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETL_MONITOR_API_TOKEN", "s3cret")
    monkeypatch.setenv("ETL_MONITOR_API_URL", "https://me:pa55@etl.example.com/x?token=t0ken#h")
    table = settings_table(Translator("en"))
    values = {
        row["id"]: " ".join(part["text"] for part in row["cells"][1]) for row in table["rows"]
    }
    assert values["ETL_MONITOR_API_TOKEN"] == "set"
    assert values["ETL_MONITOR_API_URL"] == "https://etl.example.com/x"
    assert values["ETL_MONITOR_LANGUAGE"] == "auto default"
    assert values["ETL_MONITOR_SAMPLES"] == "not set"
    assert not [value for value in values.values() if "s3cret" in value or "pa55" in value]
