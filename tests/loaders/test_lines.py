"""From bytes to lines, whatever state the file is in."""

from __future__ import annotations

import gzip
import io

import pytest

from loaders.reading import lines as lines_module
from loaders.reading.lines import (
    DamagedGzipError,
    Line,
    LongLine,
    NotGzipError,
    StreamState,
    read_blocks,
)


def read(content: bytes, *, gzip_named: bool = False) -> tuple[list[Line], StreamState]:
    """Read with care; where the fast way gets through too, it must give the same."""
    lines, state = read_in_a_way(content, gzip_named, careful=True)
    try:
        again, fast = read_in_a_way(content, gzip_named, careful=False)
    except DamagedGzipError:
        assert state.damage is not None
    else:
        assert (again, fast) == (lines, state)
    return lines, state


def read_in_a_way(
    content: bytes, gzip_named: bool, *, careful: bool
) -> tuple[list[Line], StreamState]:
    state = StreamState()
    blocks = read_blocks(io.BytesIO(content), state, gzip_named=gzip_named, careful=careful)
    lines = [line for block in blocks for line in block]
    assert state.lines == len(lines) + (state.tail is not None)
    return lines, state


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\nb", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\r\nb\r", [b"a", b"b"]),
        (b"a\n\n \nb", [b"a", b"", b" ", b"b"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", [b"a", b"\xef\xbb\xbfb"]),
        (b"\xef\xbb\xbfa", [b"a"]),
        (b"\n", [b""]),
    ],
)
def test_lines_lose_their_end_and_the_file_its_byte_order_mark(
    content: bytes, lines: list[bytes]
) -> None:
    assert read(content)[0] == lines
    assert read(gzip.compress(content), gzip_named=True)[0] == lines


def test_gzip_is_known_by_its_content_too() -> None:
    assert read(gzip.compress(b"a\n"))[0] == [b"a"]


def test_gzip_members_one_after_another_are_one_file() -> None:
    content = gzip.compress(b"a\nb") + gzip.compress(b"c\n") + b"\0" * 512
    lines, state = read(content, gzip_named=True)
    assert lines == [b"a", b"bc"]
    assert state.damage is None
    assert state.bytes_read == len(content)


@pytest.mark.parametrize("content", [b"", b'{"a": 1}\n', b"PK\x03\x04"])
def test_a_file_named_gz_that_is_no_gzip_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(NotGzipError):
        read(content, gzip_named=True)


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_gzip_that_breaks_off_gives_its_whole_lines_and_the_tail(size: int) -> None:
    numbers = b"".join(b"%d\n" % number for number in range(size))
    stream = gzip.compress(numbers + b"last line")
    lines, state = read(stream[:-9], gzip_named=True)
    assert lines == numbers.split()[: len(lines)]
    assert state.damage == "the gzip stream breaks off before its end"
    assert state.tail is None or (numbers + b"last line").split(b"\n")[len(lines)].startswith(
        state.tail
    )
    if size > 1:
        assert len(lines) > size * 0.9


def test_a_gzip_with_a_wrong_checksum_gives_every_line() -> None:
    stream = bytearray(gzip.compress(b"a\nb\n"))
    stream[-8] ^= 255
    lines, state = read(bytes(stream), gzip_named=True)
    assert lines == [b"a", b"b"]
    assert state.damage == "damaged gzip: incorrect data check"
    assert state.tail is None


def test_other_bytes_after_the_last_gzip_member_are_damage() -> None:
    lines, state = read(gzip.compress(b"a\n") + b"garbage", gzip_named=True)
    assert lines == [b"a"]
    assert state.damage is not None


@pytest.fixture(params=[1, 7, 999, 1000, 1001, 1002, 100_000])
def _small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the limit 1000 bytes, and let the chunks read fall anywhere around it."""
    monkeypatch.setattr(lines_module, "MAX_LINE_BYTES", 1000)
    monkeypatch.setattr(lines_module, "_READ_BYTES", request.param)
    monkeypatch.setattr(lines_module, "_BLOCK_BYTES", request.param)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_line_may_be_as_long_as_the_limit_and_no_longer(end: bytes, mark: bytes) -> None:
    line = b"x" * 1000
    assert read(mark + line + end)[0] == [line]
    lines, _ = read(mark + line + b"yz" + end + b"next")
    if end:
        assert lines == [LongLine(line, 1002), b"next"]
    else:
        assert lines == [LongLine(line, 1006)]


@pytest.mark.usefixtures("_small")
def test_of_a_very_long_line_only_the_beginning_is_held() -> None:
    lines, _ = read(b"a\r\n" + b"x" * 3000 + b"\r\nb\n\n" + b"y" * 2000 + b"\nc")
    head = b"x" * 1000
    assert lines == [b"a", LongLine(head, 3000), b"b", b"", LongLine(b"y" * 1000, 2000), b"c"]


@pytest.mark.usefixtures("_small")
def test_where_the_pieces_read_end_makes_no_difference() -> None:
    assert read(b"\xef\xbb\xbfa\r\n\r\nb\n")[0] == [b"a", b"", b"b"]
    assert read(b"\xef\n")[0] == [b"\xef"]
    assert read(b"\xef\xbb")[0] == [b"\xef\xbb"]
