"""From the bytes of a file to its lines, whatever state the file is in.

Files are told from their content, not from their name, except that a name ending in `.gz`
promises gzip. A gzip stream that breaks off or is damaged gives every line before the break.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

MAX_LINE_BYTES: Final = 16 * 1024 * 1024
"""The longest line that is taken for an event, in bytes without the line end."""

_READ_BYTES: Final = 128 * 1024
_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_WBITS: Final = 31
_BOM: Final = b"\xef\xbb\xbf"


class NotGzipError(Exception):
    """The file's name promises gzip and its first bytes are something else."""


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line beyond `MAX_LINE_BYTES`, of which only the beginning is held.

    Attributes:
        head: The first `MAX_LINE_BYTES` bytes.
        length: The bytes of the whole line, without its line end.

    """

    head: bytes
    length: int


Line = bytes | LongLine


@dataclass(slots=True)
class Reading:
    """What is known about a file while it is read, and for good once its lines are through.

    Attributes:
        damage: How the file is incomplete; None while nothing says so.
        tail: The bytes between the last line end and the break of a damaged file.
        bytes_read: Bytes taken from the file so far, as stored (compressed).
        lines: Lines found so far, the cut tail among them.

    """

    damage: str | None = None
    tail: Line | None = None
    bytes_read: int = 0
    lines: int = 0


@dataclass(slots=True)
class _Splitter:
    """Cuts a stream of bytes into lines and never holds more than one line's limit."""

    pending: bytes = b""
    dropped: int = 0
    first: bool = True
    _long: bool = False
    _last_dropped: bytes = b""

    def feed(self, data: bytes) -> list[Line]:
        if self._long:
            end = data.find(b"\n")
            part = data if end < 0 else data[:end]
            self.dropped += len(part)
            self._last_dropped = part[-1:] or self._last_dropped
            if end < 0:
                return []
            self.dropped -= self._last_dropped == b"\r"
            lines: list[Line] = [self._take_pending()]
            return lines + self.feed(data[end + 1 :])
        if self.pending:
            data = self.pending + data
        if self.first and (len(data) >= len(_BOM) or not _BOM.startswith(data)):
            data = data.removeprefix(_BOM)
            self.first = False
        parts = data.split(b"\n")
        self.pending = parts.pop()
        if b"\r" in data:
            parts = [part.removesuffix(b"\r") for part in parts]
        # One byte of room: that byte may be the \r of the line end.
        if len(self.pending) > MAX_LINE_BYTES + 1:
            self._long = True
            self.dropped = len(self.pending) - MAX_LINE_BYTES
            self._last_dropped = self.pending[-1:]
            self.pending = self.pending[:MAX_LINE_BYTES]
        return [_limited(part) for part in parts]

    def rest(self) -> Line | None:
        """Give what follows the last line end, None when nothing does."""
        if not self.pending:
            return None
        return self._take_pending()

    def _take_pending(self) -> Line:
        line, dropped, self.pending, self.dropped = self.pending, self.dropped, b"", 0
        if self._long:
            self._long = False
            return LongLine(line, len(line) + dropped)
        return _limited(line.removesuffix(b"\r"))


def _limited(line: bytes) -> Line:
    if len(line) <= MAX_LINE_BYTES:
        return line
    return LongLine(line[:MAX_LINE_BYTES], len(line))


def read_lines(stream: BinaryIO, reading: Reading, *, gzip_named: bool) -> Iterator[list[Line]]:
    """Give the lines of a file in order, some hundred at a time.

    A byte order mark at the start and the line ends (LF, CR LF) are taken off. The last
    line counts without a line end too. When the file is damaged, `reading` says how afterwards
    and holds the cut tail, which is not among the lines.

    Args:
        stream: The file, open for reading bytes.
        reading: Filled in while the lines are read.
        gzip_named: The file's name ends in `.gz`.

    Raises:
        NotGzipError: `gzip_named`, and the content is not gzip.
        OSError: The file cannot be read on.

    """
    splitter = _Splitter()

    def raw() -> Iterator[bytes]:
        while data := stream.read(_READ_BYTES):
            reading.bytes_read += len(data)
            yield data

    chunks = raw()
    first = next(chunks, b"")
    if first.startswith(_GZIP_MAGIC):
        data = _inflated(first, chunks, lambda damage: setattr(reading, "damage", damage))
    elif gzip_named:
        raise NotGzipError("empty file" if not first else "its first bytes are not gzip's")
    else:
        data = _chained(first, chunks)
    for piece in data:
        if lines := splitter.feed(piece):
            reading.lines += len(lines)
            yield lines
    rest = splitter.rest()
    reading.lines += rest is not None
    if reading.damage is not None:
        reading.tail = rest
    elif rest is not None:
        yield [rest]


def _chained(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks


def _inflated(
    first: bytes, chunks: Iterator[bytes], report: Callable[[str], None]
) -> Iterator[bytes]:
    """Inflate gzip, one member or many, up to its end or to where it is damaged."""
    member = zlib.decompressobj(_GZIP_WBITS)
    for chunk in _chained(first, chunks):
        data = chunk
        while data:
            if member.eof:
                # Writers may pad with zeros after the last member; gzip's own rule.
                data = data.lstrip(b"\0")
                if not data:
                    break
                member = zlib.decompressobj(_GZIP_WBITS)
            before = member.copy()
            try:
                yield member.decompress(data)
            except zlib.error as error:
                yield _salvaged(before, data)
                report(f"damaged gzip: {str(error).split(': ', 1)[-1]}")
                return
            data = member.unused_data
    if not member.eof:
        report("the gzip stream breaks off before its end")


def _salvaged(member: zlib._Decompress, data: bytes) -> bytes:
    """Inflate byte by byte what a damaged chunk still gives before the damage."""
    found = bytearray()
    try:
        for at in range(len(data)):
            found += member.decompress(data[at : at + 1])
    except zlib.error:
        pass
    return bytes(found)
