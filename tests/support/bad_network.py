"""A network that does to a feed what real networks do, and counts it."""

import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from tests.support.eventually import eventually
from tests.support.scripted_server import Exchange

_never = threading.Event()
_ID = re.compile(rb"^id: (\d+)$", re.MULTILINE)


class Behind(Protocol):
    """The back end at the other end of the network."""

    resets: int  # feeds that got `feed_reset` because their position is pruned

    def restart(self, *, down_for: int) -> None: ...

    def prune(self) -> None: ...


Fate = Callable[[Behind, Exchange, bytes], bool]


class BadNetwork:
    """Carries events until a fate strikes; `fates` lists them, `did` counts each.

    Nothing that was sent is lost when a connection breaks, so that the number of events that
    arrived is known exactly: the connection is closed, or reset (RST) only after all of it has
    been read.
    """

    def __init__(
        self,
        seed: int,
        *,
        share: float = 0.02,
        loses: bool = True,
        restarts: int = 24,
        due: Iterable[tuple[int, str]] = (),
    ) -> None:
        """Plan the fates.

        `share`: the share of events that meet one. `loses`: whether single events get lost or
        spoilt, which only a follower of numbered events notices. `restarts`: the weight of that
        fate, of about 550 in total. `due`: fates that strike as soon as that many events have
        arrived, before any that chance brings.
        """
        self.share = share
        self._due = sorted(due)
        self.arrived: Callable[[], int] = lambda: 0  # the number of events that have been read
        self.did: Counter[str] = Counter()
        self.sent = 0  # events that arrived whole
        self._ids: list[int] = []  # of those sent over the last connection
        self._newest: Exchange | None = None  # that connection
        self._lock = threading.Lock()  # of what is counted
        self._random = random.Random(seed)
        self._swallows = False
        self._breaks: dict[str, tuple[Fate, int]] = {
            "end": (self._end, 30),
            "cut": (self._cut, 90),
            "cut in a character": (self._cut_in_a_character, 90),
            "reset": (self._reset, 90),
            "stall": (self._stall, 0),  # costs the whole silence timeout: only if it is due
            "restart": (self._restart, restarts),
            "prune": (self._prune, 12),
        }
        fates = {**self._breaks, "repeat": (self._repeat, 150), "hiccup": (self._hiccup, 24)}
        if loses:
            fates |= {"lose": (self._lose, 9), "spoil": (self._spoil, 9)}
        self._fates = fates
        self._fates_of_ascii = {n: f for n, f in fates.items() if n != "cut in a character"}

    @property
    def breaks(self) -> int:
        """The number of streams that the network ended."""
        return sum(self.did[name] for name in self._breaks)

    @property
    def spared(self) -> set[str]:
        """The fates that have not struck yet."""
        return set(self._fates) - set(self.did)

    def begin(self, exchange: Exchange, last_event_id: str) -> None:
        """Begin a connection after this event. What was sent after it has not been read: a client
        that closes a connection by itself may do so while an event is on its way. Nothing counts
        any more that is still sent over the connection before."""
        with self._lock:
            if last_event_id:
                self.sent -= sum(number > int(last_event_id) for number in self._ids)
            self._ids, self._newest = [], exchange

    def __call__(self, back_end: Behind, exchange: Exchange, frame: bytes) -> bool:
        if self._swallows:
            self._swallows = False
            self._whole(exchange, frame)
            return self._hold_until_closed(exchange)
        if self._is_over(exchange):
            return False
        if self._random.random() >= self.share:
            return self._whole(exchange, frame)
        name = self._choose_fate(frame)
        self.did[name] += 1
        return self._fates[name][0](back_end, exchange, frame)

    def _choose_fate(self, frame: bytes) -> str:
        if self._due and self._due[0][0] <= self.sent:
            return self._due.pop(0)[1]
        possible = self._fates if not frame.isascii() else self._fates_of_ascii
        weights = [weight for _, weight in possible.values()]
        return self._random.choices(list(possible), weights)[0]

    def _whole(self, exchange: Exchange, frame: bytes) -> bool:
        """Send an event whole, sometimes in two pieces cut anywhere."""
        at = self._random.randrange(len(frame)) if self._random.random() < 0.2 else 0
        if at:
            exchange.chunk(frame[:at])
        self._count(exchange, frame)
        exchange.chunk(frame[at:])
        return True

    def _is_over(self, exchange: Exchange) -> bool:
        return self._newest is not None and exchange is not self._newest

    def _count(self, exchange: Exchange, frame: bytes) -> None:
        """Before its last byte is sent, so that the next connection finds it counted."""
        with self._lock:
            if self._is_over(exchange):
                return
            self.sent += 1
            if found := _ID.search(frame):
                self._ids.append(int(found[1]))

    def _end(self, _back_end: Behind, exchange: Exchange, _frame: bytes) -> bool:
        exchange.chunk(b"")
        return False

    def _cut(self, _back_end: Behind, exchange: Exchange, frame: bytes) -> bool:
        exchange.chunk(frame[: self._random.randrange(1, len(frame))])
        return False

    def _cut_in_a_character(self, _back_end: Behind, exchange: Exchange, frame: bytes) -> bool:
        inside = [at for at, byte in enumerate(frame) if byte & 0xC0 == 0x80]
        exchange.chunk(frame[: self._random.choice(inside)])
        return False

    def _reset(self, back_end: Behind, exchange: Exchange, frame: bytes) -> bool:
        exchange.chunk(frame[: self._random.randrange(1, len(frame))])

        def all_arrived() -> None:
            is_read = self.arrived() >= self.sent + back_end.resets
            assert is_read or self._is_over(exchange)

        eventually(all_arrived, within=30, every=0.002)
        exchange.reset()
        return False

    def _stall(self, _back_end: Behind, exchange: Exchange, frame: bytes) -> bool:
        exchange.chunk(frame[: self._random.randrange(1, len(frame))])
        return self._hold_until_closed(exchange)

    def _hiccup(self, _back_end: Behind, exchange: Exchange, frame: bytes) -> bool:
        """Stall, but end the stall before the client gives the connection up."""
        at = self._random.randrange(1, len(frame))
        exchange.chunk(frame[:at])
        _never.wait(self._random.uniform(0.01, 0.1))
        self._count(exchange, frame)
        exchange.chunk(frame[at:])
        return True

    def _restart(self, back_end: Behind, _exchange: Exchange, _frame: bytes) -> bool:
        back_end.restart(down_for=self._random.randrange(4))
        return False

    def _prune(self, back_end: Behind, _exchange: Exchange, _frame: bytes) -> bool:
        back_end.prune()
        return False

    def _repeat(self, _back_end: Behind, exchange: Exchange, frame: bytes) -> bool:
        self._whole(exchange, frame)
        return self._whole(exchange, frame)

    def _lose(self, _back_end: Behind, _exchange: Exchange, _frame: bytes) -> bool:
        """Drop this event. The next one arrives, so the gap between their ids can be noticed."""
        self._swallows = True
        return True

    def _spoil(self, _back_end: Behind, exchange: Exchange, frame: bytes) -> bool:
        self._whole(exchange, frame.replace(b"data: {", b"data: {{"))
        return self._hold_until_closed(exchange)

    def _hold_until_closed(self, exchange: Exchange) -> bool:
        exchange.hold()
        return False
