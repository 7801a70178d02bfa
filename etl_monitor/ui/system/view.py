"""The sections of the system page: from the store, the service's state and this process."""

import platform
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, fields

import streamlit as st

from etl_monitor.client.transport import display_url
from etl_monitor.i18n.translator import Translator
from etl_monitor.portal import push
from etl_monitor.store.job_store import Counters
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.ui.system.service_state import service_state
from etl_monitor.ui.system.settings_table import settings_table
from etl_monitor.ui.system.workers import worker_table
from etl_monitor.ui.widgets.table import Fact, Part, Section, SectionsPayload, since
from etl_monitor.version import VERSION
from etl_monitor.wire.job import STATUSES, JobStatus
from etl_monitor.wire.system import SystemState

_GIGABYTE = 1_000_000_000
_DELAYS = ("p50", "p95")


@dataclass(frozen=True, kw_only=True)
class SystemView(View):
    name: str = "sections"

    def render(self, ctx: RenderContext) -> SectionsPayload:
        state, problem = service_state(ctx)
        return {"problem": problem, "sections": list(sections(ctx, state))}

    def choices(self, ctx: RenderContext) -> Hashable:
        return ctx.session.id  # whose delays are shown


def sections(ctx: RenderContext, state: SystemState | None) -> Iterator[Section]:
    """Return the page's sections; without the service's state, what is known here."""
    for make in (_feed, _counters, _jobs, _workers, _service, _portal, _settings):
        section = make(ctx, state)
        if section is not None:
            yield section


def _feed(ctx: RenderContext, state: SystemState | None) -> Section:
    t, connection = ctx.t, ctx.snapshot.connection
    return _section(
        "feed",
        t,
        [
            _fact("state", [Part(text=t(f"connection-{connection.state}"))], t),
            _fact("position", _position(ctx.snapshot.position, t), t),
            _fact("lag", _lag(ctx, state), t),
            _fact("last-event", since(connection.last_event_at, t), t),
            _fact("last-signal", since(connection.last_received_at, t), t),
            *_delays(ctx),
            _fact("oldest", _number(state.oldest_event if state else None, t), t),
        ],
    )


def _position(position: str, t: Translator) -> list[Part]:
    """Return the feed position, a number in our service and anything in another."""
    return [Part(text=t.number(int(position)) if position.isdecimal() else position)]


def _lag(ctx: RenderContext, state: SystemState | None) -> list[Part]:
    """Return how many events the service is ahead of the store: 0 at least, though it reported its
    position before the snapshot was taken."""
    position = ctx.snapshot.position
    if state is None or not position.isdecimal():
        return []
    return [Part(text=ctx.t("system-behind", n=max(0, state.position - int(position))))]


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


def _counters(ctx: RenderContext, _state: SystemState | None) -> Section:
    t = ctx.t
    facts = [
        Fact(
            name=t(f"counter-{name}"),
            parts=_number(getattr(ctx.snapshot.counters, name), t),
            note=t(f"counter-{name}-note"),
        )
        for name in (field.name for field in fields(Counters))
    ]
    return Section(heading=t("system-counters"), facts=facts, note=t("system-since-start"))


def _jobs(ctx: RenderContext, state: SystemState | None) -> Section:
    """All of the service's where it tells; else those that are known here."""
    t, counts = ctx.t, ctx.snapshot.counts if state is None else state.jobs
    facts = [_count(status, counts.get(status, 0), t) for status in STATUSES]
    if unknown := counts.get(JobStatus.UNKNOWN, 0):
        facts.append(_count(JobStatus.UNKNOWN, unknown, t))
    note = t("system-jobs-known") if state is None else ""
    return Section(heading=t("system-jobs"), facts=facts, note=note)


def _count(status: JobStatus, count: int, t: Translator) -> Fact:
    part = Part(text=t.number(count), tone=status.value)
    return Fact(name=t(f"status-{status}"), parts=[part])


def _workers(ctx: RenderContext, state: SystemState | None) -> Section | None:
    table = worker_table(ctx, state)
    return None if table is None else Section(heading=ctx.t("system-workers"), table=table)


def _service(ctx: RenderContext, state: SystemState | None) -> Section:
    t = ctx.t
    parts = [Part(text=display_url(ctx.monitoring.client.base_url))]
    address = Fact(name=t("system-address"), parts=parts, wide=True)
    if state is None:
        return _section("service", t, [address])
    free, total = (t.number(size / _GIGABYTE, 1) for size in (state.disk_free, state.disk_total))
    return _section(
        "service",
        t,
        [
            address,
            _fact("version", [Part(text=state.version)], t),
            _fact("started", since(state.started_at, t), t),
            _fact("python", [Part(text=state.python)], t),
            _fact("database", [Part(text=state.database)], t),
            _fact("disk", [Part(text=t("system-disk-free", free=free, total=total))], t),
            _fact("lost", _number(state.lost_files or None, t), t),
            _fact("followers", _number(state.subscribers, t), t),
            *(
                Fact(name=t("system-broken-kind"), parts=[Part(text=problem)], wide=True)
                for problem in state.broken_kinds
            ),
        ],
    )


def _portal(ctx: RenderContext, _state: SystemState | None) -> Section:
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


def _settings(ctx: RenderContext, _state: SystemState | None) -> Section:
    t = ctx.t
    return Section(heading=t("system-settings"), table=settings_table(t))


def _section(key: str, t: Translator, facts: list[Fact]) -> Section:
    """Leave out facts without a value."""
    return Section(heading=t(f"system-{key}"), facts=[fact for fact in facts if fact["parts"]])


def _fact(key: str, parts: list[Part], t: Translator) -> Fact:
    return Fact(name=t(f"system-{key}"), parts=parts)


def _number(value: int | None, t: Translator) -> list[Part]:
    return [] if value is None else [Part(text=t.number(value))]
