"""How fast the feed's bytes are read: large events, and many events.

python benchmarks/stream.py

The bytes come in pieces of 128. Time should grow with their number: 4 MiB should take four times as
long as 1 MiB.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from etl_monitor.sse import read_events

MB = 1_048_576
LINES = {
    "one line": b"x" * 1024,
    "lines of 64 bytes": b"data: " + b"x" * 57 + b"\n",
    "lines without text": b"data\n",
    "lines that mean nothing": b"what\n",
}
EVENTS = 100_000


def main() -> None:
    print(f"{'one event of':<26}{'1 MiB':>10}{'4 MiB':>10}{'ratio':>8}")
    for name, line in LINES.items():
        short, long = (seconds(b"data: " + line * (size * MB // len(line)) + b"\n\n")
                       for size in (1, 4))  # fmt: skip
        print(f"{name:<26}{short * 1000:>7.0f} ms{long * 1000:>7.0f} ms{long / short:>8.1f}")
    data = b'event: job_progress\ndata: {"jobId": "a", "progress": 41}\n\n'
    many = b"".join(b"id: %d\n%s" % (number, data) for number in range(EVENTS))
    print(f"{EVENTS / seconds(many):,.0f} events/s")


def seconds(stream: bytes) -> float:
    """Return the shortest processor time of three reads."""
    return min(once(stream) for _ in range(3))


def once(stream: bytes) -> float:
    began = time.process_time()
    for _ in read_events(pieces(stream)):
        pass
    return time.process_time() - began


def pieces(stream: bytes) -> Iterator[bytes]:
    return (stream[at : at + 128] for at in range(0, len(stream), 128))


if __name__ == "__main__":
    main()
