"""How large the pages of a Parquet file are unpacked, by the pages' own headers.

The footer says it too, but Arrow believes the headers: a file of 60 kB whose footer says 100 bytes
took 1.6 GB. Headers are structures of Thrift's compact protocol.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO

MOST_PAGES = 200_000

_WINDOW = 256  # bytes that most headers fit into
_LONGEST_HEADER = 16 * 2**20  # bytes; Arrow reads no longer one
_UNPACKED_SIZE, _PACKED_SIZE = 2, 3  # fields of a header
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 7, 8, 12  # kinds of field
_INTEGERS = (4, 5, 6)
_DEEPEST = 16  # structures in each other


class UnreadablePages(Exception):
    """The headers are damaged, or too many."""


def unpacked_sizes(file: BinaryIO, metadata: Any) -> Mapping[str, int]:
    """Return the bytes of the largest part of each column, unpacked, by the column's path.
    `metadata`: Arrow's. Raises UnreadablePages."""
    largest: dict[str, int] = {}
    pages = 0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for part in map(group.column, range(metadata.num_columns)):
            size, count = _unpacked(file, part, MOST_PAGES - pages)
            pages += count
            name = part.path_in_schema
            largest[name] = max(size, part.total_uncompressed_size, largest.get(name, 0))
    return largest


def _unpacked(file: BinaryIO, part: Any, most_pages: int) -> tuple[int, int]:
    """Return the unpacked bytes and the number of the pages of a part of a column."""
    if part.num_values == 0:  # Arrow reads none of its pages
        return 0, 0
    offsets = (part.dictionary_page_offset, part.data_page_offset)
    position = min(offset for offset in offsets if offset)
    if position < 0:
        raise UnreadablePages("a damaged page")
    end, total, pages = position + part.total_compressed_size, 0, 0
    while position < end:
        if pages == most_pages:
            raise UnreadablePages(f"more than {MOST_PAGES:,} pages")
        length, fields = _read_header(file, position)
        packed, unpacked = fields.get(_PACKED_SIZE, -1), fields.get(_UNPACKED_SIZE, -1)
        if packed < 0 or unpacked < 0:
            raise UnreadablePages("a page without its size")
        position += length + packed
        total += length + unpacked
        pages += 1
    return total, pages


def _read_header(file: BinaryIO, position: int) -> tuple[int, Mapping[int, int]]:
    window = _WINDOW
    while True:
        file.seek(position)
        content = file.read(window)
        try:
            header = _Structure(content)
            return header.position, header.fields
        except IndexError:
            if len(content) < window or window >= _LONGEST_HEADER:
                raise UnreadablePages("a damaged page") from None
            window *= 8


class _Structure:
    """A structure of Thrift: its integer fields, and the position after it."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.position = 0
        self.fields: dict[int, int] = {}
        self._read_fields(self.fields, depth=0)

    def _read_fields(self, fields: dict[int, int], depth: int) -> None:
        if depth > _DEEPEST:
            raise UnreadablePages("a damaged page")
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else _signed(self._varint())
            if kind in _INTEGERS:
                fields[number] = _signed(self._varint())
            elif kind not in (_TRUE, _FALSE):
                self._skip(kind, depth + 1)

    def _skip(self, kind: int, depth: int) -> None:
        if kind in _INTEGERS:
            self._varint()
        elif kind in (_TRUE, _FALSE, _BYTE):
            self._advance(1)
        elif kind == _DOUBLE:
            self._advance(8)
        elif kind == _BINARY:
            self._advance(self._varint())
        elif kind == _STRUCT:
            self._read_fields({}, depth)
        else:  # a list, a set or a map, which no header has
            raise UnreadablePages("a damaged page")

    def _advance(self, count: int) -> None:
        self.position += count
        if self.position > len(self._content):
            raise IndexError

    def _byte(self) -> int:
        byte = self._content[self.position]
        self.position += 1
        return byte

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise UnreadablePages("a damaged page")


def _signed(zigzag: int) -> int:
    return (zigzag >> 1) ^ -(zigzag & 1)
