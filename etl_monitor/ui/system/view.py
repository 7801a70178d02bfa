"""What the system page shows: live from the store, and what the service told a moment ago."""

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from etl_monitor.client.transport import shown
from etl_monitor.i18n import Texts
from etl_monitor.portal import push
from etl_monitor.store.job_store import Counters
from etl_monitor.ui.jobs.row import short_id
from etl_monitor.ui.session.state import Look, View
from etl_monitor.ui.system.settings_table import settings_table
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.ui.widgets.table import Fact, Part, Row, Section, Table, as_json, since
from etl_monitor.version import VERSION
from etl_monitor.wire.job import Job, JobStatus
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

    def data(self, look: Look) -> dict[str, Any]:
        sections = (_feed, _counters, _jobs, _workers, _service, _portal, _settings)
        drawn = [section(look, self.told) for section in sections]
        return {"problem": self.problem, "sections": [as_json(one) for one in drawn if one]}


def _feed(look: Look, told: SystemState | None) -> Section:
    texts, seen = look.texts, look.snapshot.connection
    return _section(
        "feed",
        texts,
        [
            _fact("state", [Part(text=texts(f"connection-{seen.state}"))], texts),
            _fact("position", _position(look.snapshot.position, texts), texts),
            _fact("lag", _lag(look, told), texts),
            _fact("last-event", since(seen.last_event_at, texts), texts),
            _fact("last-heard", since(seen.last_heard_at, texts), texts),
            *_delays(look),
            _fact("oldest", _number(told.oldest_event if told else None, texts), texts),
        ],
    )


def _position(position: str, texts: Texts) -> list[Part]:
    """Ours are numbers; another service's may be anything."""
    return [Part(text=texts.number(int(position)) if position.isdecimal() else position)]


def _lag(look: Look, told: SystemState | None) -> list[Part]:
    """Events that the service has and we have not; it was asked before we looked, so never less
    than none."""
    position = look.snapshot.position
    if told is None or not position.isdecimal():
        return []
    return [Part(text=look.texts("system-behind", n=max(0, told.position - int(position))))]


def _delays(look: Look) -> Iterator[Fact]:
    delays, texts = look.table.latency.delays, look.texts
    for key in _DELAYS:
        if delays is None:
            part, note = Part(text=texts("system-delay-none"), faint=True), ""
        else:
            part = Part(text=_milliseconds(getattr(delays, key), texts))
            note = texts("system-delay-note", n=delays.count)
        yield Fact(name=texts(f"system-delay-{key}"), parts=[part], note=note)


def _milliseconds(seconds: float, texts: Texts) -> str:
    return texts("milliseconds", n=texts.number(seconds * 1000))


def _counters(look: Look, _told: SystemState | None) -> Section:
    texts = look.texts
    facts = [
        Fact(
            name=texts(f"counter-{name}"),
            parts=_number(getattr(look.snapshot.counters, name), texts),
            note=texts(f"counter-{name}-note"),
        )
        for name in (one.name for one in fields(Counters))
    ]
    return Section(heading=texts("system-counters"), facts=facts, note=texts("system-since-start"))


def _jobs(look: Look, told: SystemState | None) -> Section:
    """All of the service's where it tells; else those that are known here."""
    texts, counts = look.texts, look.snapshot.counts if told is None else told.jobs
    facts = [_count(status, counts.get(status, 0), texts) for status in JobStatus]
    note = texts("system-jobs-known") if told is None else ""
    return Section(heading=texts("system-jobs"), facts=facts, note=note)


def _count(status: JobStatus, count: int, texts: Texts) -> Fact:
    part = Part(text=texts.number(count), tone=status.value)
    return Fact(name=texts(f"status-{status}"), parts=[part])


def _workers(look: Look, told: SystemState | None) -> Section | None:
    workers = _known_from_jobs(look.snapshot.running) if told is None else told.workers
    if not workers:
        return None
    texts = look.texts
    table = Table(
        label=texts("system-workers"),
        columns=[texts(key) for key in _WORKER_COLUMNS],
        rows=[_worker(one, texts, told) for one in workers],
        waiting=texts("activity-waiting", n="{n}"),
        question=",".join(one.name for one in workers),
    )
    return Section(heading=texts("system-workers"), table=table)


def _known_from_jobs(jobs: Iterable[Job]) -> list[WorkerSeen]:
    """What the feed alone tells of workers: those that have a job."""
    return [
        WorkerSeen(name=job.worker, alive=True, job_id=job.job_id, heartbeat_at=job.heartbeat_at)
        for job in jobs
        if job.worker
    ]


def _worker(one: WorkerSeen, texts: Texts, told: SystemState | None) -> Row:
    state = "gone" if not one.alive else "busy" if one.job_id else "idle"
    tone = _WORKER_TONES[state]
    job = one.job_id
    link = [Part(text=short_id(job), href=job_address(job, texts))] if job else []
    is_seen_now = told is not None and one.alive and one.heartbeat_at is None
    sign_of_life = since(told.now if told and is_seen_now else one.heartbeat_at, texts)
    cells = (
        [Part(text=one.name)],
        [Part(text=texts(f"worker-{state}"), tone=tone)],
        link,
        sign_of_life,
        [Part(text=str(one.pid))] if one.pid else [],
    )
    return Row(id=one.name, cells=cells)


def _service(look: Look, told: SystemState | None) -> Section:
    texts = look.texts
    where = [Part(text=shown(look.monitoring.client.base_url))]
    address = Fact(name=texts("system-address"), parts=where, wide=True)
    if told is None:
        return _section("service", texts, [address])
    free, total = (texts.number(size / _GIGABYTE, 1) for size in (told.disk_free, told.disk_total))
    return _section(
        "service",
        texts,
        [
            address,
            _fact("version", [Part(text=told.version)], texts),
            _fact("started", since(told.started_at, texts), texts),
            _fact("python", [Part(text=told.python)], texts),
            _fact("database", [Part(text=told.database)], texts),
            _fact("disk", [Part(text=texts("system-disk-free", free=free, total=total))], texts),
            _fact("followers", _number(told.subscribers, texts), texts),
        ],
    )


def _portal(look: Look, _told: SystemState | None) -> Section:
    texts, updates = look.texts, push.current()
    facts = [
        _fact("version", [Part(text=VERSION)], texts),
        _fact("python", [Part(text=platform.python_version())], texts),
        _fact("streamlit", [Part(text=st.__version__)], texts),
        _fact("updates", [Part(text=texts("updates-push" if updates else "updates-poll"))], texts),
    ]
    if updates is not None:
        facts.append(_fact("sessions", _number(updates.sessions, texts), texts))
    return _section("portal", texts, facts)


def _settings(look: Look, _told: SystemState | None) -> Section:
    texts = look.texts
    return Section(heading=texts("system-settings"), table=settings_table(texts))


def _section(key: str, texts: Texts, facts: list[Fact]) -> Section:
    """Without the facts of which nothing is known."""
    return Section(heading=texts(f"system-{key}"), facts=[fact for fact in facts if fact.parts])


def _fact(key: str, parts: list[Part], texts: Texts) -> Fact:
    return Fact(name=texts(f"system-{key}"), parts=parts)


def _number(value: int | None, texts: Texts) -> list[Part]:
    return [] if value is None else [Part(text=texts.number(value))]
