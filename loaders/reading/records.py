"""The records of a stream: what is in one, as lines.

A record holds an event, or several with line ends between them; it may be gzip, and it may be an
aggregate in which the Kinesis Producer Library puts many. What cannot be opened is one line that is
refused with all of its bytes, so every record has at least one line.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from loaders.reading.lines import MAX_LINE_BYTES, BrokenRecord, Line, LongLine

_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_WBITS: Final = 31
_BOM: Final = b"\xef\xbb\xbf"
# Four times what one record may hold without gzip; events shrink to a tenth.
_MAX_INFLATED_BYTES: Final = 64 * 1024**2

# The aggregate of the Kinesis Producer Library: these bytes, a message of protobuf, its MD5.
_AGGREGATE_MAGIC: Final = b"\xf3\x89\x9a\xc2"
_DIGEST_BYTES: Final = 16
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_RECORDS: Final = 3
_DATA: Final = 3
_MAX_VARINT_BYTES: Final = 10


class _UnopenedError(Exception):
    """A record cannot be opened; says why."""


@dataclass(frozen=True, slots=True)
class RecordLines:
    """The lines of one record.

    Attributes:
        lines: The lines without their ends, or the record itself where it cannot be opened.
        count: How many lines there are by the line ends, counted apart from them.

    """

    lines: Sequence[Line]
    count: int


def lines_of_record(record: bytes) -> RecordLines:
    """Give the lines of a record, whatever state it is in."""
    try:
        parts = [_inflated(part) for part in _parts(record)]
    except _UnopenedError as error:
        return RecordLines([BrokenRecord(record[:MAX_LINE_BYTES], len(record), str(error))], 1)
    count = sum(part.count(b"\n") + (not part.endswith(b"\n")) for part in parts)
    return RecordLines([line for part in parts for line in _lines(part)], count)


def _lines(part: bytes) -> Iterator[Line]:
    lines = part.removeprefix(_BOM).split(b"\n")
    if len(lines) > 1 and not lines[-1]:
        del lines[-1]
    for line in lines:
        text = line.removesuffix(b"\r")
        if len(text) > MAX_LINE_BYTES:
            yield LongLine(text[:MAX_LINE_BYTES], len(text))
        else:
            yield text


def _parts(record: bytes) -> Sequence[bytes]:
    """Give the records that are in an aggregate; of any other record, itself."""
    if not record.startswith(_AGGREGATE_MAGIC):
        return [record]
    message, digest = record[len(_AGGREGATE_MAGIC) : -_DIGEST_BYTES], record[-_DIGEST_BYTES:]
    if hashlib.md5(message, usedforsecurity=False).digest() != digest:
        raise _UnopenedError("an aggregate whose checksum is not that of its content")
    try:
        parts = [
            data
            for number, inner in _fields(message)
            if number == _RECORDS
            for field, data in _fields(inner)
            if field == _DATA
        ]
    except IndexError as error:
        raise _UnopenedError("an aggregate that is not of the known form") from error
    if not parts:
        raise _UnopenedError("an aggregate without records")
    return parts


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Give number and bytes of those fields of a message that are bytes.

    Raises:
        IndexError: The message ends inside of a field, or is none.

    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            _, at = _varint(message, at)
            continue
        if kind == _BYTES:
            length, at = _varint(message, at)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise IndexError
        if at + length > len(message):
            raise IndexError
        if kind == _BYTES:
            yield number, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Give the number that begins at a place, and the place after it."""
    value = 0
    for shift in range(_MAX_VARINT_BYTES):
        byte = message[at + shift]
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, at + shift + 1
    raise IndexError


def _inflated(data: bytes) -> bytes:
    if not data.startswith(_GZIP_MAGIC):
        return data
    found: list[bytes] = []
    room = _MAX_INFLATED_BYTES
    while data:
        member = zlib.decompressobj(_GZIP_WBITS)
        try:
            found.append(member.decompress(data, room))
        except zlib.error as error:
            raise _UnopenedError(f"damaged gzip: {str(error).split(': ', 1)[-1]}") from error
        room -= len(found[-1])
        if not member.eof:
            if room <= 0:
                raise _UnopenedError(f"gzip with more than {_MAX_INFLATED_BYTES:,} bytes in it")
            raise _UnopenedError("gzip that breaks off before its end")
        # Writers may pad with zeros after the last member; gzip's own rule.
        data = member.unused_data.lstrip(b"\0")
        if data and room <= 0:
            raise _UnopenedError(f"gzip with more than {_MAX_INFLATED_BYTES:,} bytes in it")
    return b"".join(found)
