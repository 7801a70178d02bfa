"""How a text file is encoded: UTF-8 (with or without byte order mark) or CP949, nothing else."""

import codecs
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from etl_monitor.pipeline import errors

BLOCK_BYTES = 2**20
LINES_AT_ONCE = 4096
ENCODINGS = ("utf-8", "cp949")


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a look at every byte of a text file found."""

    encoding: str
    lines: int  # the last one may lack its end; as many as rows, unless cells span lines


@dataclass(frozen=True, kw_only=True, order=True)
class Unreadable:
    """Where an encoding gave up."""

    byte: int
    line: int


def survey(path: Path, after_block: Callable[[], None]) -> Survey:
    """Read the whole file once (twice where it is not UTF-8), a block at a time.

    Raises PipelineError `binary_content`, `unknown_encoding`.
    """
    failures = []
    for encoding in ENCODINGS:
        result = _try(encoding, path, after_block)
        if isinstance(result, Survey):
            return result
        failures.append(result)
    furthest = max(failures)
    raise errors.UnknownEncoding(line=furthest.line, byte=furthest.byte)


def _try(encoding: str, path: Path, after_block: Callable[[], None]) -> Survey | Unreadable:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, start = _Lines(), 0
    for block in _blocks(path):
        _refuse_nul(block, start)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            held_back = len(error.object) - len(block)  # the beginning of a cut character
            good = error.object[: error.start]
            return Unreadable(
                byte=start - held_back + error.start, line=lines.ended + _line_ends(good) + 1
            )
        lines.add(block)
        start += len(block)
        after_block()
    return Survey(encoding=encoding, lines=lines.count)


class _Lines:
    """Counts lines, block by block. They end with `\\n`, `\\r\\n` or `\\r`."""

    def __init__(self) -> None:
        self.ended = 0
        self._last = b"\n"

    def add(self, block: bytes) -> None:
        if block:
            self.ended += _line_ends(block) - (self._last + block[:1] == b"\r\n")
            self._last = block[-1:]

    @property
    def count(self) -> int:
        return self.ended + (self._last not in (b"\n", b"\r"))


def _line_ends(text: bytes) -> int:
    returns = text.count(b"\r")
    return text.count(b"\n") + returns - (text.count(b"\r\n") if returns else 0)


def decoded_head(head: bytes) -> str:
    """The text of a file's first bytes; a character cut at the end is left out.

    Raises PipelineError `binary_content`, `unknown_encoding`.
    """
    _refuse_nul(head, 0)
    failures = []
    for encoding in ENCODINGS:
        try:
            return codecs.getincrementaldecoder(encoding)().decode(head).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            failures.append(error.start)
    byte = max(failures)
    raise errors.UnknownEncoding(line=_line_ends(head[:byte]) + 1, byte=byte)


def lines_of(path: Path, encoding: str, after_lines: Callable[[], None]) -> Iterator[str]:
    """Every line with its end, as the survey counted them.

    Raises PipelineError `line_too_long`.
    """
    marked = "utf-8-sig" if encoding == "utf-8" else encoding  # passes a byte order mark over
    with path.open(encoding=marked, newline="") as file:
        for number in itertools.count(1):
            line = file.readline(BLOCK_BYTES + 1)
            if not line:
                return
            if len(line) > BLOCK_BYTES:
                raise errors.LineTooLong(line=number, limit_bytes=BLOCK_BYTES)
            yield line
            if number % LINES_AT_ONCE == 0:
                after_lines()


def _blocks(path: Path) -> Iterator[bytes]:
    """The last one is empty: it lets a decoder see the end."""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block
    yield b""


def _refuse_nul(block: bytes, start: int) -> None:
    if (place := block.find(b"\0")) >= 0:
        raise errors.BinaryContent(byte=start + place)
