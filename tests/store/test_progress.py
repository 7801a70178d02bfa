"""Progress that is merged late gives what merging each event at once gives."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.events import parse, parse_late
from etl_monitor.sse import ServerSentEvent
from etl_monitor.store.job_store import JobStore, Snapshot
from etl_monitor.wire.job import Job
from etl_monitor.wire.reading import RecordReader, SentFields

_READER = RecordReader()
_TIMES = st.sampled_from(["2026-11-27T10:00:00.123Z", "2026-11-27T10:00:01Z", "yesterday", None])
_PROGRESS = st.fixed_dictionaries(
    {"jobId": st.sampled_from("ab"), "progress": st.integers(0, 3)},
    optional={
        "currentStep": st.sampled_from(["score", "\u202eread"]),
        "updatedAt": _TIMES,
        "rowsDone": st.integers(0, 2) | st.none(),
        "attempt": st.integers(1, 2),
        "status": st.sampled_from(["running", "pending"]),
        "etaLatest": _TIMES,
    },
)
_EVENTS = st.tuples(st.just("job_progress"), _PROGRESS) | st.tuples(
    st.sampled_from(["job_started", "job_completed", "job_removed"]),
    st.fixed_dictionaries(
        {"jobId": st.sampled_from("ab")}, optional={"progress": st.integers(0, 3)}
    ),
)
_OTHERS = st.sampled_from(["snapshot", "list", "link", "found"])
_HISTORIES = st.lists(st.lists(_EVENTS, min_size=1, max_size=3) | _OTHERS, max_size=30)


@given(_HISTORIES, st.booleans())
def test_it_makes_no_difference_when_progress_is_merged(
    history: list[Any], has_positions: bool
) -> None:
    late, at_once = (JobStore(finished_limit=1) for _ in range(2))
    seen: list[tuple[Snapshot, Snapshot]] = []
    position = 0
    for step in history:
        if isinstance(step, str):
            for store in (late, at_once):
                _touch(store, step, str(position) if has_positions else "")
            seen.append((late.snapshot(), at_once.snapshot()))
            continue
        sent = [ServerSentEvent(name, json.dumps(data)) for name, data in step]
        ids = [str(position + n) if has_positions else "" for n in range(1, len(sent) + 1)]
        position += len(sent)
        outcomes = late.apply_all(
            [(parse_late(e, _READER), i) for e, i in zip(sent, ids, strict=True)]
        )
        assert outcomes == at_once.apply_all(
            [(parse(e, _READER), i) for e, i in zip(sent, ids, strict=True)]
        )
        assert late.bytes == at_once.bytes
    seen.append((late.snapshot(), at_once.snapshot()))
    assert all(a == b and a.running == b.running and a.counts == b.counts for a, b in seen)


def _touch(store: JobStore, how: str, position: str) -> None:
    if how == "list":
        store.replace([Job(job_id="a", progress=1)], position, complete=False)
    elif how == "link":
        store.link("a", "t1")
    elif how == "found":
        store.resolve("b", Job(job_id="b", progress=2))


def test_progress_like_that_before_is_read_for_a_snapshot() -> None:
    store = JobStore()
    store.apply(parse(ServerSentEvent("job_started", '{"jobId": "a", "status": "running"}')))
    texts = [json.dumps({"jobId": "a", "progress": n, "rowsDone": 10 * n}) for n in range(1, 4)]
    events = [parse_late(ServerSentEvent("job_progress", text), _READER) for text in texts]
    assert all(isinstance(event, SentFields) for event in events[1:])
    before = store.snapshot()
    store.apply_all([(event, "") for event in events])
    store.apply_all([(events[-1], "")])  # nothing new
    job = store.snapshot().jobs["a"]
    assert (job.progress, job.rows_done, job.status) == (3, 30, "running")
    assert before.jobs["a"].progress == 0
    assert store.snapshot().version == before.version + 3
