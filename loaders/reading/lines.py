"""From the bytes of a file to its lines, some thousand at a time, whatever state the file is in.

Whether a file is gzip is seen from its content, not from its name, except that a name ending in
`.gz` promises it. A gzip stream that breaks off or is damaged gives every line before the break.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from isal import igzip_lib

from loaders.settings import DEFAULT_LIMITS, LONG_LINE_BYTES, Limits

MAX_LINE_BYTES: Final = 16 * 1024 * 1024
"""The longest line that is taken for an event, in bytes without the line end."""

# Small enough for a processor's cache, where they are judged faster than in larger blocks.
_BLOCK_BYTES: Final = 4 * 1024 * 1024
# A line costs hundreds of bytes while it is judged, be it ever so short.
_BLOCK_LINES: Final = 4_000
_READ_BYTES: Final = 512 * 1024
_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_WBITS: Final = 31
_BOM: Final = b"\xef\xbb\xbf"


class NotGzipError(Exception):
    """The file's name promises gzip and its first bytes are something else."""


class DamagedGzipError(Exception):
    """The fast way through gzip met damage; read again with `careful` for the lines before it."""


class TooLargeError(Exception):
    """The file holds more than one file may; says what it has too many of."""


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line of which only the beginning is held: it is beyond `MAX_LINE_BYTES`, or one too many.

    Attributes:
        head: Its first bytes.
        length: The bytes of the whole line, without its line end.

    """

    head: bytes
    length: int

    def __len__(self) -> int:
        """Give the bytes that are held."""
        return len(self.head)


@dataclass(frozen=True, slots=True)
class BrokenRecord(LongLine):
    """A record of a stream that cannot be opened, in place of its lines.

    Attributes:
        detail: Why it cannot.

    """

    detail: str


Line = bytes | LongLine

Block = list[Line]
"""Some lines, one after another, without their ends (LF or CR LF)."""


@dataclass(slots=True)
class StreamState:
    """What is known about a file while it is read, and for good once its blocks are through.

    Attributes:
        damage: How the file is incomplete; None while nothing says so.
        tail: The bytes between the last line end and the break of a damaged file.
        bytes_read: Bytes taken from the file so far, as stored (compressed).
        size_bytes: Bytes found so far, inflated.
        lines: Lines found so far, the cut tail among them: counted from the line ends in the
            stream, not from the blocks, so that the two can be held against each other.
        long_bytes: Bytes held of the long ones among the lines found so far.

    """

    damage: str | None = None
    tail: Line | None = None
    bytes_read: int = 0
    size_bytes: int = 0
    lines: int = 0
    long_bytes: int = 0

    def check(self, limits: Limits) -> None:
        """Stop a file that holds too much.

        Raises:
            TooLargeError: It does.

        """
        broken = limits.broken_by(self.size_bytes, self.lines)
        if broken is not None:
            raise TooLargeError(broken)

    def cut(self, block: Block, limits: Limits) -> Block:
        """Give the block with only the beginning of long lines that are too much together.

        Records that cannot be opened stay whole: a stream does not keep them for long.
        """
        if all(length <= LONG_LINE_BYTES for length in map(len, block)):
            return block
        return [self._cut_line(line, limits) for line in block]

    def _cut_line(self, line: Line, limits: Limits) -> Line:
        length = len(line)
        if length <= LONG_LINE_BYTES or isinstance(line, BrokenRecord):
            return line
        if self.long_bytes + length <= limits.long_bytes:
            self.long_bytes += length
            return line
        head = line.head if isinstance(line, LongLine) else line
        return LongLine(
            head[:LONG_LINE_BYTES], line.length if isinstance(line, LongLine) else length
        )


def read_blocks(
    stream: BinaryIO,
    state: StreamState,
    *,
    gzip_named: bool,
    careful: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Block]:
    """Give the lines of a file in order, some 4 MiB at a time and never many lines.

    A byte order mark at the start and the line ends are taken off. The last line counts without
    a line end too. When the file is damaged, `state` says how afterwards and holds the cut
    tail, which is in no block.

    Args:
        stream: The file, open for reading bytes.
        state: Filled in while the blocks are read.
        gzip_named: The file's name ends in `.gz`.
        careful: Inflate so that every byte before damage is saved, at a third of the speed.
        limits: What the file may hold.

    Raises:
        NotGzipError: `gzip_named`, and the content is not gzip.
        DamagedGzipError: The gzip is damaged, and not `careful`.
        TooLargeError: The file holds more than it may.
        OSError: The file cannot be read on.

    """
    chunks = _chunks(stream, state, _READ_BYTES)
    first = next(chunks, b"")
    if first.startswith(_GZIP_MAGIC):
        compressed = _chained(first, chunks)
        data = _inflated_carefully(compressed, state) if careful else _inflated(compressed)
    elif gzip_named:
        raise NotGzipError("empty file" if not first else "its first bytes are not gzip's")
    else:
        data = _chained(first, _chunks(stream, state, _BLOCK_BYTES))
    splitter = _Splitter()
    for part in data:
        state.lines += _line_ends(part)
        state.size_bytes += len(part)
        state.check(limits)
        for block in splitter.feed(part):
            yield state.cut(block, limits)
    rest = splitter.rest()
    if rest is None:
        return
    state.lines += 1
    state.check(limits)
    (rest,) = state.cut([rest], limits)
    if state.damage is not None:
        state.tail = rest
    else:
        yield [rest]


@dataclass(slots=True)
class _Splitter:
    """Cuts a stream of bytes into lines and never holds more than one line's limit."""

    _pending: bytes = b""
    _first: bool = True
    _long: bool = False
    _dropped: int = 0
    _last_dropped: bytes = b""

    def feed(self, data: bytes) -> Iterator[Block]:
        """Give the lines that end in the next bytes of the stream."""
        start = 0
        if self._long:
            start = data.find(b"\n") + 1
            part = data[: start - 1] if start else data
            self._dropped += len(part)
            self._last_dropped = part[-1:] or self._last_dropped
            if not start:
                return
            yield [self._take_pending()]
        while True:
            lines, start = _split(data, start)
            if not lines:
                break
            if self._pending:
                lines[0], self._pending = self._pending + lines[0], b""
            if self._first:
                self._first = False
                lines[0] = lines[0].removeprefix(_BOM)
            if any(line.endswith(b"\r") for line in lines):
                lines = [line.removesuffix(b"\r") for line in lines]
            yield [_limited(line) for line in lines]
        self._hold(data[start:])

    def _hold(self, rest: bytes) -> None:
        self._pending += rest
        if self._first and (self._pending == _BOM or not _BOM.startswith(self._pending)):
            self._first = False
            self._pending = self._pending.removeprefix(_BOM)
        # One byte of room: that byte may be the \r of the line end.
        if len(self._pending) > MAX_LINE_BYTES + 1:
            self._long = True
            self._dropped = len(self._pending) - MAX_LINE_BYTES
            self._last_dropped = self._pending[-1:]
            self._pending = self._pending[:MAX_LINE_BYTES]

    def rest(self) -> Line | None:
        """Give what follows the last line end, None when nothing does."""
        return self._take_pending() if self._pending else None

    def _take_pending(self) -> Line:
        line, self._pending = self._pending, b""
        if self._long:
            self._long = False
            return LongLine(line, len(line) + self._dropped - (self._last_dropped == b"\r"))
        return _limited(line.removesuffix(b"\r"))


# Lines are long; to look for their ends one by one is faster than the methods of bytes, which look
# at each byte.


def _line_ends(data: bytes) -> int:
    found, at = 0, data.find(b"\n")
    while at >= 0:
        found += 1
        at = data.find(b"\n", at + 1)
    return found


def _split(data: bytes, start: int) -> tuple[list[bytes], int]:
    """Give the lines that end after a place, as many as a block holds, and the place after them."""
    lines: list[bytes] = []
    while len(lines) < _BLOCK_LINES and (at := data.find(b"\n", start)) >= 0:
        lines.append(data[start:at])
        start = at + 1
    return lines, start


def _limited(line: bytes) -> Line:
    if len(line) <= MAX_LINE_BYTES:
        return line
    return LongLine(line[:MAX_LINE_BYTES], len(line))


def _chunks(stream: BinaryIO, state: StreamState, size: int) -> Iterator[bytes]:
    while data := stream.read(size):
        state.bytes_read += len(data)
        yield data


def _chained(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Inflate sound gzip, one member or many; bounded whatever the ratio."""
    member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    for chunk in chunks:
        data = chunk
        while data or not (member.needs_input or member.eof):
            if member.eof:
                # Writers may pad with zeros after the last member; gzip's own rule.
                data = data.lstrip(b"\0")
                if not data:
                    break
                member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
            try:
                inflated = member.decompress(data, _BLOCK_BYTES)
            except igzip_lib.error as error:
                raise DamagedGzipError(str(error)) from error
            data = member.unused_data if member.eof else b""
            yield inflated
    if not member.eof:
        raise DamagedGzipError("it breaks off")


def _inflated_carefully(chunks: Iterator[bytes], state: StreamState) -> Iterator[bytes]:
    """Inflate gzip up to its end or to the last byte before it is damaged."""
    member = zlib.decompressobj(_GZIP_WBITS)
    for chunk in chunks:
        data = chunk
        while data:
            if member.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                member = zlib.decompressobj(_GZIP_WBITS)
            before = member.copy()
            try:
                inflated = member.decompress(data, _BLOCK_BYTES)
            except zlib.error as error:
                yield _salvaged(before, data)
                state.damage = f"damaged gzip: {str(error).split(': ', 1)[-1]}"
                return
            data = member.unused_data if member.eof else member.unconsumed_tail
            yield inflated
    if not member.eof:
        # What zlib still holds back, now that it is clear that nothing follows.
        yield member.flush()
        state.damage = "the gzip stream breaks off before its end"


def _salvaged(member: zlib._Decompress, data: bytes) -> bytes:
    """Inflate byte by byte what a damaged chunk still gives before the damage."""
    found = bytearray()
    try:
        for at in range(len(data)):
            found += member.decompress(data[at : at + 1])
    except zlib.error:
        pass
    return bytes(found)
