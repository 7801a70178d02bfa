"""The encoding of a text file: UTF-8 (with or without byte order mark) or CP949, nothing else."""

import codecs
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from etl_monitor.pipeline import errors

BLOCK_BYTES = 2**20
LINES_AT_ONCE = 4096
_MOST_LINES = 128 * 1024  # in a block: more are mostly empty
_SMALLEST_BLOCK = 64 * 1024  # bytes
_LINE_END = re.compile(rb"[\r\n]")
ENCODINGS = ("utf-8", "cp949")


@dataclass(frozen=True, kw_only=True)
class Survey:
    """The result of reading every byte of a text file."""

    encoding: str
    lines: int  # the last one may lack its end; equals the number of rows unless cells span lines
    most_lines: int = field(default=0, compare=False)  # in a block


@dataclass(frozen=True, kw_only=True, order=True)
class _Undecodable:
    """The first byte that is not text in some encoding, and its line."""

    byte: int
    line: int


class LineCounter:
    """Counts lines, block by block. A line ends with `\\n`, `\\r\\n` or `\\r`."""

    def __init__(self) -> None:
        self.ended = 0
        self._last = b"\n"

    def add(self, block: bytes) -> None:
        if block:
            self.ended += _line_ends(block) - (self._last + block[:1] == b"\r\n")
            self._last = block[-1:]

    @property
    def count(self) -> int:
        """The number of lines, with a last one that lacks its end."""
        return self.ended + (self._last not in (b"\n", b"\r"))


def survey(path: Path, after_block: Callable[[], None]) -> Survey:
    """Read the whole file once (twice if it is not UTF-8), a block at a time.

    Raises PipelineError `binary_content`, `unknown_encoding`.
    """
    failures = []
    for encoding in ENCODINGS:
        result = _try_encoding(encoding, path, after_block)
        if isinstance(result, Survey):
            return result
        failures.append(result)
    furthest = max(failures)
    raise errors.UnknownEncoding(line=furthest.line, byte=furthest.byte)


def _try_encoding(
    encoding: str, path: Path, after_block: Callable[[], None]
) -> Survey | _Undecodable:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, start, most = LineCounter(), 0, 0
    for block in _blocks(path):
        _reject_nul(block, start)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            carried = len(error.object) - len(block)  # the beginning of a character that was cut
            decoded = error.object[: error.start]
            return _Undecodable(
                byte=start - carried + error.start, line=lines.ended + _line_ends(decoded) + 1
            )
        before = lines.ended
        lines.add(block)
        most = max(most, lines.ended - before)
        start += len(block)
        after_block()
    return Survey(encoding=encoding, lines=lines.count, most_lines=most)


def block_size(path: Path, found: Survey) -> int:
    """Return how many bytes of the file may be read at once.

    A line without text is a row of empty cells, so a block of them takes hundreds of times its
    bytes. A file with such blocks is read in smaller ones, if its lines fit in.
    """
    if found.most_lines <= _MOST_LINES:
        return BLOCK_BYTES
    return min(BLOCK_BYTES, max(_SMALLEST_BLOCK, 2 * _longest_line(path)))


def _longest_line(path: Path) -> int:
    """Return the bytes of the longest line, up to the size of a block or more."""
    longest = open_line = 0
    for block in _blocks(path):
        *ended, rest = _LINE_END.split(block)
        if ended:
            longest = max(longest, open_line + len(ended[0]), *map(len, ended))
            open_line = 0
        open_line += len(rest)
        if open_line > BLOCK_BYTES:
            return open_line
    return max(longest, open_line)


def _line_ends(text: bytes) -> int:
    returns = text.count(b"\r")
    return text.count(b"\n") + returns - (text.count(b"\r\n") if returns else 0)


def decode_head(head: bytes) -> tuple[str, str]:
    """Return the encoding and the text of a file's first bytes, without a byte order mark and
    without a character that is cut at the end.

    Raises PipelineError `binary_content`, `unknown_encoding`.
    """
    _reject_nul(head, 0)
    failures = []
    for encoding in ENCODINGS:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
            return encoding, text.removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            failures.append(error.start)
    byte = max(failures)
    raise errors.UnknownEncoding(line=_line_ends(head[:byte]) + 1, byte=byte)


def read_lines(path: Path, encoding: str, after_lines: Callable[[], None]) -> Iterator[str]:
    """Yield every line with its end, as `survey` counts them.

    `after_lines` is called every LINES_AT_ONCE lines. Raises PipelineError `line_too_long`.
    """
    codec = "utf-8-sig" if encoding == "utf-8" else encoding  # skips a byte order mark
    with path.open(encoding=codec, newline="") as file:
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
    """Yield the file's blocks, then an empty one: the decoder needs to see the end."""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block
    yield b""


def _reject_nul(block: bytes, start: int) -> None:
    if (offset := block.find(b"\0")) >= 0:
        raise errors.BinaryContent(byte=start + offset)
