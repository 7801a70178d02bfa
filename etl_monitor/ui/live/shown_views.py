"""The views that one page shows, with what it has of each, and its next message."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from etl_monitor.ui.live.channel import Channel
from etl_monitor.ui.session.view import SessionState
from etl_monitor.wire.base import iso

_CLOCK_STEPS = 100  # a second, by which pages correct their clocks


class ShownViews:
    """What a page has said that it shows.

    `bases`: the drawing that it has of each view, by the views' keys. `request`: which of the
    page's requests said so; messages repeat it.
    """

    def __init__(
        self, session: SessionState, bases: Mapping[str, int | None], request: int
    ) -> None:
        keys = [key for key in bases if key in session.channels]
        self.channels: Mapping[str, Channel] = {key: session.channels[key] for key in keys}
        self._session, self._request = session, request
        self._bases = {key: bases[key] for key in keys}
        self._names = {key: json.dumps(key) for key in keys}
        self._personal: dict[str, Mapping[str, Any]] = dict(session.personal_parts)
        self._outdated: Mapping[str, str] = {}  # as it was last sent

    def message(self, published: int, version: int) -> str | None:
        """Return the news of all views up to the drawing `published`, as JSON; None if there are
        none. `version`: of the store, in this drawing."""
        news = self._news(published)
        outdated = {key: c.outdated for key, c in self.channels.items() if c.outdated}
        personal = self._new_personal_parts()
        if not news and not personal and outdated == self._outdated:
            return None
        self._personal |= personal
        self._outdated = outdated
        rendering = self._session.record_sending(version) if news else None
        return (
            f'{{"version":{published},"storeVersion":{version},"rendering":{_json(rendering)},'
            f'"requests":{self._request},"now":"{_now()}","outdated":{_json(outdated)},'
            f'"personal":{_json(personal)},"views":{{{news}}}}}'
        )

    def _news(self, published: int) -> str:
        """Return the views with news and these news, as the inside of a JSON object."""
        news = []
        for key, channel in self.channels.items():
            text = channel.news(self._bases[key], published)
            if text is not None:
                self._bases[key] = published
                news.append(f"{self._names[key]}:{text}")
        return ",".join(news)

    def _new_personal_parts(self) -> Mapping[str, Mapping[str, Any]]:
        session, views, sent = self._session, self._session.views, self._personal
        return {
            key: part
            for key in self.channels
            if key in views and (part := views[key].personal(session)) != sent.get(key)
        }


def _now() -> str:
    return _moment(int(time.time() * _CLOCK_STEPS))


@lru_cache(maxsize=1)  # pages that get the same news share it
def _moment(step: int) -> str:
    return iso(datetime.fromtimestamp(step / _CLOCK_STEPS, UTC))


def _json(value: Mapping[str, Any] | int | None) -> str:
    if isinstance(value, int):
        return str(value)
    return json.dumps(value) if value else ("null" if value is None else "{}")
