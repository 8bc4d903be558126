"""The lines of a stream's records: gzip, several events, aggregates, and what cannot be opened."""

from __future__ import annotations

import gzip
import hashlib
from itertools import chain

import pytest

from loaders.enriching import SeenTexts
from loaders.reading import FileReader
from loaders.reading.lines import MAX_LINE_BYTES, BrokenRecord, LongLine
from loaders.reading.records import lines_of_record
from tests.support.kinesis_server import aggregate


@pytest.mark.parametrize(
    ("record", "lines"),
    [
        (b'{"a":1}', [b'{"a":1}']),
        (b"one\ntwo\r\n\nfour\n", [b"one", b"two", b"", b"four"]),
        (b"\xef\xbb\xbfone\n", [b"one"]),
        (b"", [b""]),
        (b"\n", [b""]),
        (gzip.compress(b"one\ntwo", mtime=0), [b"one", b"two"]),
        (gzip.compress(b"one\n", mtime=0) + gzip.compress(b"two\n", mtime=0) + b"\0\0",
         [b"one", b"two"]),
        (aggregate([b"one", b"two\nthree\n", gzip.compress(b"four", mtime=0)]),
         [b"one", b"two", b"three", b"four"]),
        (aggregate([b"x" * 200, b"", b"y" * 20_000]), [b"x" * 200, b"", b"y" * 20_000]),
    ],
)  # fmt: skip
def test_a_record_gives_its_lines(record: bytes, lines: list[bytes]) -> None:
    found = lines_of_record(record)
    assert list(found.lines) == lines
    assert found.count == len(lines)


_SOUND = gzip.compress(b"x" * 1000, mtime=0)
_MESSAGE = b"\x1a\x05\x08\x00"


@pytest.mark.parametrize(
    ("record", "detail"),
    [
        (_SOUND[:-9], "gzip that breaks off before its end"),
        (_SOUND[:2], "gzip that breaks off before its end"),
        (_SOUND[:-5] + b"\0" + _SOUND[-4:], "damaged gzip: incorrect data check"),
        (_SOUND + b"rest", "damaged gzip: incorrect header check"),
        (aggregate([b"one"])[:-1], "an aggregate whose checksum is not that of its content"),
        (b"\xf3\x89\x9a\xc2", "an aggregate whose checksum is not that of its content"),
        (aggregate([]), "an aggregate without records"),
        (b"\xf3\x89\x9a\xc2" + _MESSAGE + hashlib.md5(_MESSAGE).digest(),
         "an aggregate that is not of the known form"),
        (aggregate([b"one", _SOUND[:-9]]), "gzip that breaks off before its end"),
    ],
)  # fmt: skip
def test_what_cannot_be_opened_is_one_line_with_its_bytes(record: bytes, detail: str) -> None:
    found = lines_of_record(record)
    assert found == type(found)([BrokenRecord(record, len(record), detail)], 1)


def test_a_small_record_cannot_fill_the_memory() -> None:
    (line,) = lines_of_record(gzip.compress(b"\n" * (65 * 1024**2))).lines
    assert isinstance(line, BrokenRecord)
    assert line.detail == "gzip with more than 67,108,864 bytes in it"


def test_a_line_beyond_the_limit_is_cut() -> None:
    found = lines_of_record(gzip.compress(b"x" * (MAX_LINE_BYTES + 5) + b"\r\n{}"))
    assert list(found.lines) == [LongLine(b"x" * MAX_LINE_BYTES, MAX_LINE_BYTES + 5), b"{}"]


def test_every_line_of_every_record_is_in_the_account() -> None:
    records = [
        b'{"event_id":"1"}\n{"event_id":"2"}\n',
        aggregate([b'{"event_id":"3"}', b"bad"]),
        _SOUND[:-9],
        b"",
        *(b'{"event_id":"%d"}' % at for at in range(9_000)),
    ]
    batches = list(FileReader(SeenTexts(), SeenTexts()).batches_of_records("p", records))
    account = batches[-1].end
    assert account is not None
    assert account.adds_up
    assert (account.lines, account.events, account.blank) == (9_006, 9_003, 1)
    assert account.rejected == {"broken_json": 1, "broken_record": 1}
    assert len(batches) > 2
    numbers = [batch.events["_line"].to_pylist() for batch in batches if batch.events]
    assert sorted(chain.from_iterable(numbers)) == [1, 2, 3, *range(7, 9_007)]
    (rejected,) = [batch.rejected for batch in batches if batch.rejected]
    assert rejected.select(["_line", "reason", "line"]).to_pylist() == [
        {"_line": 4, "reason": "broken_json", "line": b"bad"},
        {"_line": 5, "reason": "broken_record", "line": _SOUND[:-9]},
    ]
    assert sum(batch.bytes_read for batch in batches) == sum(map(len, records))
