"""What one file may hold, and what becomes of one that holds more."""

from __future__ import annotations

import argparse
import gzip
import io
from pathlib import Path

import pytest

from loaders import settings
from loaders.__main__ import main
from loaders.enriching import SeenTexts
from loaders.reading import lines
from loaders.reading.blocks import BlockJudge
from loaders.reading.lines import LongLine, StreamState, read_blocks
from loaders.settings import LONG_LINE_BYTES, Limits
from readership.errors import UserError
from tests.support.loading import Load, Query, Write

EVENT = b'{"event_id": "0x1"}\n'
PLENTY = 10**9


@pytest.mark.parametrize(
    ("option", "variable", "said"),
    [
        ("--max-file-lines", "READERSHIP_MAX_FILE_LINES", "more than 3 lines"),
        ("--max-file-size", "READERSHIP_MAX_FILE_SIZE", "more than 3 bytes inflated"),
    ],
)
@pytest.mark.parametrize("name", ["large.jsonl", "large.jsonl.gz"])
def test_a_file_beyond_a_limit_is_refused_and_the_others_are_loaded(
    write: Write,
    warehouse: Path,
    query: Query,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    option: str,
    variable: str,
    said: str,
) -> None:
    large = write(name, EVENT * 4)
    write("small.jsonl", b"\n\n")
    arguments = ["load", str(large.parent), "--warehouse", str(warehouse)]
    assert main([*arguments, option, "3"]) == 3
    detail = f"{said}; {variable} allows more"
    assert f"{large}: refused: {detail}" in capsys.readouterr().out
    accounts = "select file, status, detail, lines, events, rejected from raw.files order by file"
    assert query(accounts) == [
        (str(large), "refused", detail, 0, 0, 0),
        (str(large.parent / "small.jsonl"), "loaded", None, 2, 0, 0),
    ]
    assert query("select count(*) from raw.events") == [(0,)]
    # It is taken as soon as it may be.
    monkeypatch.setenv(variable, "1_000" if "LINES" in variable else "1 MB")
    assert main(arguments) == 0
    assert query("select count(*) from raw.events") == [(4,)]


def test_a_file_as_large_as_the_limits_is_loaded(write: Write, load: Load) -> None:
    path = write("a.jsonl", EVENT * 3)
    assert load(path, limits=Limits(3 * len(EVENT), 3, PLENTY)).files == {"loaded": 1}


def test_the_lines_before_a_limit_are_taken_back(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_BLOCK_BYTES", 100)
    path = write("a.jsonl", (EVENT + b"bad\n") * 1_000)
    summary = load(path, limits=Limits(PLENTY, 1_999, PLENTY))
    assert (summary.files, summary.events, summary.rejected) == ({"refused": 1}, 0, {})
    assert query("select count(*) from raw.events") == [(0,)]
    assert query("select count(*) from raw.rejected_lines") == [(0,)]
    assert load(path, limits=Limits(PLENTY, 2_000, PLENTY)).events == 1_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [("16GB", 16 * 10**9), ("500 mb", 5 * 10**8), ("7", 7), ("2K", 2000), ("1TB", 10**12)],
)
def test_a_size_is_read_as_people_write_it(text: str, expected: int) -> None:
    assert settings.size(text) == expected


@pytest.mark.parametrize("text", ["", "GB", "-1", "1.5GB", "lots", "1PB"])
def test_what_is_no_size_is_said_to_be_none(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="write it like 16GB"):
        settings.size(text)
    with pytest.raises(SystemExit):
        main(["load", "x", f"--max-file-lines={text}"])
    assert "is no number of lines" in capsys.readouterr().err
    if text:
        monkeypatch.setenv("READERSHIP_LOADER_MEMORY", text)
        with pytest.raises(UserError, match="READERSHIP_LOADER_MEMORY: set it anew"):
            settings.memory_bytes()


@pytest.mark.parametrize("packed", [False, True])
def test_no_block_has_more_lines_than_it_may(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_BLOCK_LINES", 10)
    content = b"\xef\xbb\xbfx\r\n" * 1 + b"x\n" * 1_003 + b"tail"
    stream = io.BytesIO(gzip.compress(content) if packed else content)
    blocks = list(read_blocks(stream, StreamState(), gzip_named=packed))
    assert max(map(len, blocks)) == 10
    assert [line for block in blocks for line in block] == [b"x"] * 1_004 + [b"tail"]


def test_of_long_lines_that_are_too_much_together_only_the_beginning_is_kept() -> None:
    long = b"y" * (LONG_LINE_BYTES + 1)
    content = b"\n".join([long, b"x", long, long, b"z" * LONG_LINE_BYTES])
    found = StreamState()
    limit = Limits(PLENTY, PLENTY, 2 * len(long))
    blocks = list(read_blocks(io.BytesIO(content), found, gzip_named=False, limits=limit))
    assert [line for block in blocks for line in block] == [
        *(long, b"x", long),
        LongLine(long[:LONG_LINE_BYTES], len(long)),
        b"z" * LONG_LINE_BYTES,
    ]
    assert found.lines == 5


def test_a_long_line_that_is_too_much_is_refused_with_what_is_kept_of_it(
    write: Write, load: Load, query: Query
) -> None:
    long = b'{"metadata_title": "%s"}\n' % (b"y" * LONG_LINE_BYTES)
    path = write("a.jsonl", long * 3)
    load(path, limits=Limits(PLENTY, PLENTY, 2 * len(long)))
    assert query("select count(*) from raw.events") == [(2,)]
    detail = f"{len(long) - 1} bytes; the first {LONG_LINE_BYTES} of them are kept"
    assert query("select _line, reason, detail, octet_length(line) from raw.rejected_lines") == [
        (3, "line_too_long", detail, LONG_LINE_BYTES)
    ]


def test_unknown_fields_with_long_names_or_too_many_are_kept_and_not_reported() -> None:
    judge = BlockJudge()
    lines = [
        b'{"%s": 1, "short": 2}' % (b"n" * 257),
        b"{%s}" % b", ".join(b'"name %d": 0' % at for at in range(2_000)),
    ]
    judged = judge.judge(lines, "a", 1)
    assert judged.unknown["short"] == 1
    assert len(judged.unknown) == 1_000
    assert max(map(len, judged.unknown)) < 257
    kept = judged.events.column("_unknown_fields").to_pylist()
    assert ["n" * 257 in kept[0], kept[1].count(":")] == [True, 2_000]


def test_agents_and_hosts_too_long_to_be_any_are_loaded_and_not_described(
    write: Write, load: Load, query: Query
) -> None:
    agents = ["a" * 2_048, "b" * 2_049]
    path = write(
        "a.jsonl",
        *({"user_agent": agent, "url": f"https://{'h' * 253}/"} for agent in agents),
        {"url": f"https://{'i' * 254}/"},
    )
    load(path)
    assert query("select count(*) from raw.events") == [(3,)]
    assert query("select user_agent from raw.user_agents") == [(agents[0],)]
    assert query("select host from raw.hosts") == [("h" * 253,)]


def test_what_was_met_is_known_whatever_characters_it_has() -> None:
    seen = SeenTexts(["a", "\ud800"])
    assert [seen.add(text) for text in ("a", "\ud800", "b", "b", "")] == [
        *(False, False, True, False, True)
    ]
    other = SeenTexts()
    other.update(seen)
    assert [len(other), "b" in other, "c" in other] == [4, True, False]
