"""What the browser gets of the live bus and the connection badge."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

PERSONAL = frozenset(
    {"openJobs", "startedJobs", "bulkActions"}
)  # parts of a payload for one person only


class Live(TypedDict):
    """Where the live socket is, relative to the page, and by which id it names the session."""

    path: str
    session: str


class Frame(TypedDict):
    """What comes with every rendering. `session`, `run` and `version` order two renderings of one
    view: a page takes the one of the later full run, then that of the higher store version. A
    `session` that the page does not know begins anew, as after a restart."""

    session: str
    run: float
    version: int
    language: str
    now: str  # the portal's clock, ISO 8601
    justNow: str  # label of a moment that is less than two seconds ago
    actedAt: str | None  # when this person last cancelled or deleted something, ISO 8601


class InnerFrame(TypedDict):
    """A view within a mounted one, with its data from the same run. `mount`: its key."""

    mount: str
    data: Mapping[str, Any]
    mounting: int
    drawing: int | None


class MountFrame(Frame):
    """A view and its data, from a full run. `view` names the script that draws it. `live`: missing
    without a live socket. `mounting` counts the mounts of a session. `drawing`: the number of the
    channel's drawing that `data` is; None if the channel is ahead. `inner`: the views within this
    one, by the ids of their rows."""

    mount: str
    view: str
    data: Mapping[str, Any]
    live: NotRequired[Live]
    mounting: int
    drawing: int | None
    inner: NotRequired[Mapping[str, InnerFrame]]


class BusNews(TypedDict):
    """What the bus sends of a view: its `whole` data, or the `changes` since the drawing `base`,
    each with the number of the drawing to which it leads. A page that has a later drawing applies
    those that it lacks; one that lacks `base` asks for the whole. `mounting`: of which mount this
    is; None: of any before this run. `drawing`: the newest one's number; None if a full run drew
    it. `personal`: the part of the data that no channel has."""

    mounting: int | None
    drawing: int | None
    personal: Mapping[str, Any]
    base: NotRequired[int]
    changes: NotRequired[Sequence[tuple[int, Mapping[str, Any]]]]
    whole: NotRequired[Mapping[str, Any]]


class BusFrame(Frame):
    """What is new of mounted views, by their keys. `outdated`: for what the page around a view must
    run again, by the views' keys. `rendering`: its number for the paint report, None if nothing is
    measured."""

    updates: Mapping[str, BusNews]
    outdated: Mapping[str, str]
    rendering: int | None
    paintReportUrl: str | None


class NoticesFrame(Frame):
    """What a person's command has led to, for the part of another app's page in which they gave it.
    `number` grows with each: a page shows each once."""

    notices: Sequence[str]
    number: int


class LiveMessage(TypedDict):
    """What the portal sends over the live socket. `version`: the newest drawing that is in it.
    `requests`: how many of the page it has read. `storeVersion` orders it among frames.
    `views`: for each view with news `{"whole": …}` or `{"patch": …}`. `personal`: of views whose
    part for this person has changed."""

    version: int
    requests: int
    storeVersion: int
    now: str
    rendering: int | None
    outdated: Mapping[str, str]
    views: Mapping[str, Mapping[str, Any]]
    personal: Mapping[str, Mapping[str, Any]]


class Freshness(TypedDict):
    """How current a view is: `live`, `catching_up` or `stale`. `receivedAt`: when the service was
    last heard from, ISO 8601; None if never."""

    freshness: str
    receivedAt: str | None


class BadgeLabels(TypedDict):
    connect: str
    nextTry: str
    lastEvent: str
    reconnecting: str


class BadgePayload(TypedDict):
    """The connection badge. `state`: connecting, live, reconnecting or disconnected."""

    state: str
    stateText: str
    attempt: str
    nextTryAt: str | None
    lastEventAt: str | None
    reason: str
    titleCounts: str | None  # before the browser tab's title; None: it stays as it is
    mayConnect: bool
    labels: BadgeLabels
