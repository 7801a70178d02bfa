"""What the system page shows: live from the store, and what the service told a moment ago."""

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from etl_monitor.client.transport import display_url
from etl_monitor.i18n.translator import Translator
from etl_monitor.portal import push
from etl_monitor.store.job_store import Counters
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.ui.system.settings_table import settings_table
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.ui.widgets.table import Fact, Part, Row, Section, Table, as_json, since
from etl_monitor.version import VERSION
from etl_monitor.wire.job import Job, JobStatus, short_id
from etl_monitor.wire.system import SystemState, WorkerSeen

_GIGABYTE = 1_000_000_000
_WORKER_COLUMNS = ("worker-name", "worker-state", "worker-job", "worker-sign", "worker-pid")
_WORKER_TONES = {"gone": "failed", "busy": "running", "idle": "pending"}
_DELAYS = ("p50", "p95")


@dataclass(frozen=True, kw_only=True)
class SystemView(View):
    """`told`: how the service said that it is; None where it could not be asked, and then `problem`
    says why, or it knows no such call."""

    told: SystemState | None
    problem: str = ""
    name: str = "sections"

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        sections = (_feed, _counters, _jobs, _workers, _service, _portal, _settings)
        drawn = [section(ctx, self.told) for section in sections]
        return {"problem": self.problem, "sections": [as_json(one) for one in drawn if one]}


def _feed(ctx: RenderContext, told: SystemState | None) -> Section:
    t, seen = ctx.t, ctx.snapshot.connection
    return _section(
        "feed",
        t,
        [
            _fact("state", [Part(text=t(f"connection-{seen.state}"))], t),
            _fact("position", _position(ctx.snapshot.position, t), t),
            _fact("lag", _lag(ctx, told), t),
            _fact("last-event", since(seen.last_event_at, t), t),
            _fact("last-signal", since(seen.last_received_at, t), t),
            *_delays(ctx),
            _fact("oldest", _number(told.oldest_event if told else None, t), t),
        ],
    )


def _position(position: str, t: Translator) -> list[Part]:
    """Ours are numbers; another service's may be anything."""
    return [Part(text=t.number(int(position)) if position.isdecimal() else position)]


def _lag(ctx: RenderContext, told: SystemState | None) -> list[Part]:
    """Events that the service has and we have not; it was asked before we looked, so never less
    than none."""
    position = ctx.snapshot.position
    if told is None or not position.isdecimal():
        return []
    return [Part(text=ctx.t("system-behind", n=max(0, told.position - int(position))))]


def _delays(ctx: RenderContext) -> Iterator[Fact]:
    delays, t = ctx.session.latency.delays, ctx.t
    for key in _DELAYS:
        if delays is None:
            part, note = Part(text=t("system-delay-none"), faint=True), ""
        else:
            part = Part(text=_milliseconds(getattr(delays, key), t))
            note = t("system-delay-note", n=delays.count)
        yield Fact(name=t(f"system-delay-{key}"), parts=[part], note=note)


def _milliseconds(seconds: float, t: Translator) -> str:
    return t("milliseconds", n=t.number(seconds * 1000))


def _counters(ctx: RenderContext, _told: SystemState | None) -> Section:
    t = ctx.t
    facts = [
        Fact(
            name=t(f"counter-{name}"),
            parts=_number(getattr(ctx.snapshot.counters, name), t),
            note=t(f"counter-{name}-note"),
        )
        for name in (one.name for one in fields(Counters))
    ]
    return Section(heading=t("system-counters"), facts=facts, note=t("system-since-start"))


def _jobs(ctx: RenderContext, told: SystemState | None) -> Section:
    """All of the service's where it tells; else those that are known here."""
    t, counts = ctx.t, ctx.snapshot.counts if told is None else told.jobs
    facts = [_count(status, counts.get(status, 0), t) for status in JobStatus]
    note = t("system-jobs-known") if told is None else ""
    return Section(heading=t("system-jobs"), facts=facts, note=note)


def _count(status: JobStatus, count: int, t: Translator) -> Fact:
    part = Part(text=t.number(count), tone=status.value)
    return Fact(name=t(f"status-{status}"), parts=[part])


def _workers(ctx: RenderContext, told: SystemState | None) -> Section | None:
    workers = _known_from_jobs(ctx.snapshot.running) if told is None else told.workers
    if not workers:
        return None
    t = ctx.t
    table = Table(
        label=t("system-workers"),
        columns=[t(key) for key in _WORKER_COLUMNS],
        rows=[_worker(one, t, told) for one in workers],
        waiting=t("activity-waiting", n="{n}"),
        question=",".join(one.name for one in workers),
    )
    return Section(heading=t("system-workers"), table=table)


def _known_from_jobs(jobs: Iterable[Job]) -> list[WorkerSeen]:
    """What the feed alone tells of workers: those that have a job."""
    return [
        WorkerSeen(name=job.worker, alive=True, job_id=job.job_id, heartbeat_at=job.heartbeat_at)
        for job in jobs
        if job.worker
    ]


def _worker(one: WorkerSeen, t: Translator, told: SystemState | None) -> Row:
    state = "gone" if not one.alive else "busy" if one.job_id else "idle"
    tone = _WORKER_TONES[state]
    job = one.job_id
    link = [Part(text=short_id(job), href=job_address(job, t))] if job else []
    is_seen_now = told is not None and one.alive and one.heartbeat_at is None
    sign_of_life = since(told.now if told and is_seen_now else one.heartbeat_at, t)
    cells = (
        [Part(text=one.name)],
        [Part(text=t(f"worker-{state}"), tone=tone)],
        link,
        sign_of_life,
        [Part(text=str(one.pid))] if one.pid else [],
    )
    return Row(id=one.name, cells=cells)


def _service(ctx: RenderContext, told: SystemState | None) -> Section:
    t = ctx.t
    where = [Part(text=display_url(ctx.monitoring.client.base_url))]
    address = Fact(name=t("system-address"), parts=where, wide=True)
    if told is None:
        return _section("service", t, [address])
    free, total = (t.number(size / _GIGABYTE, 1) for size in (told.disk_free, told.disk_total))
    return _section(
        "service",
        t,
        [
            address,
            _fact("version", [Part(text=told.version)], t),
            _fact("started", since(told.started_at, t), t),
            _fact("python", [Part(text=told.python)], t),
            _fact("database", [Part(text=told.database)], t),
            _fact("disk", [Part(text=t("system-disk-free", free=free, total=total))], t),
            _fact("followers", _number(told.subscribers, t), t),
        ],
    )


def _portal(ctx: RenderContext, _told: SystemState | None) -> Section:
    t, updates = ctx.t, push.current()
    facts = [
        _fact("version", [Part(text=VERSION)], t),
        _fact("python", [Part(text=platform.python_version())], t),
        _fact("streamlit", [Part(text=st.__version__)], t),
        _fact("updates", [Part(text=t("updates-push" if updates else "updates-poll"))], t),
    ]
    if updates is not None:
        facts.append(_fact("sessions", _number(updates.sessions, t), t))
    return _section("portal", t, facts)


def _settings(ctx: RenderContext, _told: SystemState | None) -> Section:
    t = ctx.t
    return Section(heading=t("system-settings"), table=settings_table(t))


def _section(key: str, t: Translator, facts: list[Fact]) -> Section:
    """Without the facts of which nothing is known."""
    return Section(heading=t(f"system-{key}"), facts=[fact for fact in facts if fact.parts])


def _fact(key: str, parts: list[Part], t: Translator) -> Fact:
    return Fact(name=t(f"system-{key}"), parts=parts)


def _number(value: int | None, t: Translator) -> list[Part]:
    return [] if value is None else [Part(text=t.number(value))]
