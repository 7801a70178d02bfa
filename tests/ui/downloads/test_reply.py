"""A file that is sent in pieces: what happens when one of them cannot be made."""

from collections.abc import Generator
from typing import Any

import anyio
import pytest

from etl_monitor.errors import ServiceUnavailable
from etl_monitor.ui.downloads.progress import Progress, progress
from etl_monitor.ui.downloads.reply import Download, StreamedFile, attachment

_SCOPE: dict[str, Any] = {"type": "http", "asgi": {"spec_version": "2.4"}}


def sent(pieces: Generator[bytes], shown: Progress) -> list[dict[str, Any]]:
    """Return the messages of a reply whose first piece is `1,`."""
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(message)

    response = StreamedFile(
        Download(name="김.csv", mime="text/csv", pieces=pieces), first=b"1,", shown=shown
    )

    async def receive() -> dict[str, Any]:
        await anyio.sleep_forever()
        raise AssertionError

    async def run() -> None:
        await response(_SCOPE, receive, send)

    anyio.run(run)
    return messages


def test_a_whole_file_ends_with_its_last_chunk() -> None:
    shown = Progress(format="csv")
    messages = sent((piece for piece in (b"2,", b"3")), shown)
    assert b"".join(message.get("body", b"") for message in messages) == b"1,2,3"
    assert messages[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert (shown.format, shown.problem) == (None, None)


def test_a_file_that_breaks_off_is_never_complete() -> None:
    closed = []

    def pieces() -> Generator[bytes]:
        try:
            yield b"2,"
            raise ServiceUnavailable("unreachable", "gone")
        finally:
            closed.append(True)

    shown = Progress(format="csv")
    messages = sent(pieces(), shown)
    assert all(message.get("more_body", True) for message in messages)
    assert shown.problem is not None
    assert (shown.format, shown.problem.code, closed) == (None, "unreachable", [True])


def test_a_page_finds_its_own_progress_only() -> None:
    shown = Progress()
    assert progress(shown.id) is shown
    assert progress("guessed") is not shown


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("김민지 점수.csv", "download.csv"),
        ("2026 검사.xlsx", "2026.xlsx"),
        ("A.B scores.parquet", "A.B scores.parquet"),
    ],
)
def test_a_file_name_has_a_plain_form_for_old_programs(name: str, plain: str) -> None:
    assert f'filename="{plain}"' in attachment(name)
    assert attachment(name).isascii()
