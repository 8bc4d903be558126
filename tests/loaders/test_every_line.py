"""Whatever is in the files, each of their lines is in the warehouse once, or was blank."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.reading.gate import ROW_FIELDS, Rejection, judge
from loaders.reading.lines import MAX_LINE_BYTES
from tests.support.loading import Load, Query, Write
from tests.support.odd_lines import PLAIN, lines_of_all_kinds, mutated, mutations

MIB = 1024**2


def made_up(count: int) -> list[bytes]:
    """Lines that hypothesis comes up with."""
    lines: list[bytes] = []

    @settings(max_examples=count, deadline=None, database=None)
    @given(st.builds(mutated, lines_of_all_kinds, mutations))
    def collect(line: bytes) -> None:
        lines.append(line)

    collect()
    return lines


def outcome_of(lines: list[bytes]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], int]:
    """What the rule says of lines: events, rejected ones, and how many are blank."""
    events, rejected, blank = [], [], 0
    for number, line in enumerate(lines, 1):
        bare = line.removesuffix(b"\r")
        verdict = judge(bare)
        if verdict is None:
            blank += 1
        elif isinstance(verdict, Rejection):
            rejected.append((number, *verdict, bare))
        else:
            events.append((number, *verdict))
    return events, rejected, blank


def test_every_made_up_line_is_accounted_for(
    write: Write, load: Load, query: Query, is_long: bool
) -> None:
    count = 100_000 if is_long else 2_000
    lines = made_up(count)
    assert len(lines) >= count
    third = len(lines) // 3
    # The first bytes of a file say what it is; that is another test's concern.
    first = PLAIN.encode()
    parts = [b"\n".join([first, *lines[at : at + third]]) for at in range(0, len(lines), third)]
    contents = {f"{at}.jsonl": part for at, part in enumerate(parts)}
    contents["whole.gz"] = b"\r\n".join(lines)
    for name, content in contents.items():
        path: Path = write(name, content)
    # Several members, cut anywhere, are one file.
    whole = contents["whole.gz"]
    half = len(whole) // 2
    path.write_bytes(gzip.compress(whole[:half]) + gzip.compress(whole[half:]))
    summary = load(path.parent)
    assert summary.files == {"loaded": len(contents)}, summary.troubles
    columns = ", ".join(ROW_FIELDS)
    for name, content in contents.items():
        expected = content.split(b"\n")
        if not expected[-1]:
            expected.pop()
        events, rejected, blank = outcome_of(expected)
        of_file = f"from raw.{{}} where ends_with(_file, '/{name}') order by _line"
        assert query(f"select _line, {columns} {of_file.format('events')}") == events
        assert (
            query(f"select _line, reason, detail, line {of_file.format('rejected_lines')}")
            == rejected
        )
        assert query(
            f"select lines, events, rejected, blank from raw.files where ends_with(file, '/{name}')"
        ) == [(len(expected), len(events), len(rejected), blank)]


def test_a_line_of_16_mib_is_an_event_and_a_longer_one_is_kept_as_far_as_that(
    write: Write, load: Load, query: Query
) -> None:
    frame = len(b'{"metadata_title": ""}')
    longest = b'{"metadata_title": "%s"}' % (b"x" * (MAX_LINE_BYTES - frame))
    assert len(longest) == 16 * MIB
    too_long = longest[:-2] + b"y" * MIB + b'"}'
    summary = load(write("a.jsonl", b"\n".join([b"{}", longest, too_long, b"{}"])))
    assert (summary.events, summary.rejected) == (3, {"line_too_long": 1})
    assert query("select _line, length(metadata_title) from raw.events order by 1") == [
        (1, None),
        (2, 16 * MIB - frame),
        (4, None),
    ]
    ((kept,),) = query("select line from raw.rejected_lines")
    assert kept == too_long[: 16 * MIB]
    assert query("select _line, octet_length(line) from raw.rejected_lines") == [(3, 16 * MIB)]
