"""The newest events in memory: nothing is skipped at their edges, and there are never too many."""

import pytest

from etl_monitor.service.events import recent
from etl_monitor.service.events.event_log import LoggedEvent
from etl_monitor.service.events.recent import RecentEvents
from etl_monitor.sse import read_events


def _events(first: int, last: int) -> list[LoggedEvent]:
    """Events of the jobs `even` and `odd`, by their position."""
    return [
        LoggedEvent(position=n, name="job_progress", data="{}", job_id="odd" if n % 2 else "even")
        for n in range(first, last + 1)
    ]


def _recent(start: int, last: int) -> RecentEvents:
    events = RecentEvents()
    events.begin(start)
    events.add(_events(start + 1, last), last)
    return events


def _ids(data: bytes) -> list[int]:
    return [int(event.id) for event in read_events([data])]


@pytest.mark.parametrize("after", [10, 11, 14])
def test_a_page_begins_after_the_position(after: int) -> None:
    page = _recent(10, 15).page_after(after, None)
    assert (_ids(page.data), page.reached) == (list(range(after + 1, 16)), 15)


@pytest.mark.parametrize("after", [15, 20])
def test_at_the_end_there_is_nothing_yet(after: int) -> None:
    page = _recent(10, 15).page_after(after, None)
    assert (page.data, page.reached) == (b"", after)


def test_pages_have_a_size_and_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "PAGE", 4)
    events, after, ids = _recent(0, 10), 0, []
    while after < 10:
        page = events.page_after(after, None)
        assert 1 <= len(_ids(page.data)) <= 4
        ids += _ids(page.data)
        after = page.reached
    assert ids == list(range(1, 11))


def test_a_page_of_a_job_has_its_events_and_goes_past_the_others() -> None:
    events = _recent(0, 7)
    page = events.page_after(0, "even")
    assert (_ids(page.data), page.reached) == ([2, 4, 6], 7)
    page = events.page_after(0, "another")
    assert (page.data, page.reached) == (b"", 7)


def test_the_oldest_events_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "_MAX_EVENTS", 5)
    events = _recent(0, 3)
    events.add(_events(4, 9), 9)
    assert events.start == 4
    assert _ids(events.page_after(4, None).data) == [5, 6, 7, 8, 9]


def test_their_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(recent.encode_event(_events(1, 1)[0]).data)
    monkeypatch.setattr(recent, "_MAX_BYTES", 3 * size)
    events = _recent(0, 7)
    assert (events.start, _ids(events.page_after(4, None).data)) == (4, [5, 6, 7])


def test_subscribers_at_one_position_get_the_same_bytes() -> None:
    events = _recent(0, 5)
    assert events.page_after(2, None).data is events.page_after(2, None).data
