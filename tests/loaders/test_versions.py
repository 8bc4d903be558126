"""Versions of a file: which is in force, what replaces what, what is taken again."""

from __future__ import annotations

import gzip
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from loaders import pipeline
from readership.errors import UserError
from tests.support.loading import Load, Query, Write


def event(number: int) -> dict[str, Any]:
    return {"event_id": f"0x{number}", "action": "pageview"}


def ledger(query: Query) -> list[tuple[Any, ...]]:
    """The accounts in the order of their loads: lines, status, whether replaced."""
    return query(
        "select lines, status, replaced_by is not null from raw.files order by _dlt_load_id, file"
    )


def ids(query: Query) -> list[str]:
    return [row[0] for row in query("select event_id from raw.events order by 1")]


def test_a_changed_file_replaces_its_rows_and_the_ledger_shows_both(
    write: Write, load: Load, query: Query
) -> None:
    other = write("b.jsonl", event(9), "bad")
    load(write("a.jsonl", event(1), event(2), "bad"), other)
    summary = load(write("a.jsonl", event(2), event(3)), other)
    assert (summary.events, summary.replaced, summary.skipped) == (2, 1, 1)
    assert ids(query) == ["0x2", "0x3", "0x9"]
    assert query("select _file from raw.rejected_lines") == [(str(other),)]
    assert ledger(query) == [(3, "loaded", True), (2, "loaded", False), (2, "loaded", False)]
    ((old, new),) = query(
        "select a.replaced_by, b._dlt_load_id from raw.files as a, raw.files as b "
        "where a.replaced_by is not null and b.replaced_by is null and a.file = b.file"
    )
    assert old == new


def test_a_version_that_comes_back_is_taken_again(write: Write, load: Load, query: Query) -> None:
    path = write("a.jsonl", event(1))
    os.utime(path, (1, 1))
    load(path)
    load(write("a.jsonl", event(2)))
    os.utime(write("a.jsonl", event(1)), (1, 1))
    assert load(path).replaced == 1
    assert ids(query) == ["0x1"]
    assert load(path).skipped == 1


def test_a_broken_version_stands_beside_the_whole_one_until_a_whole_one_comes(
    write: Write, load: Load, query: Query
) -> None:
    path = write("a.jsonl.gz", event(1), event(2))
    load(path)
    whole = gzip.compress(b'{"event_id": "0x2"}\n{"event_id": "0x3"}\n', compresslevel=0)
    path.write_bytes(whole[:-20])
    assert load(path).files == {"partial": 1}
    assert ids(query) == ["0x1", "0x2", "0x2"]
    assert load(path).skipped == 1
    path.write_bytes(whole)
    assert load(path).replaced == 1
    assert ids(query) == ["0x2", "0x3"]
    assert query("select count(*) from raw.rejected_lines") == [(0,)]
    assert [(status, gone) for _, status, gone in ledger(query)] == [
        ("loaded", True),
        ("partial", True),
        ("loaded", False),
    ]


def test_an_unreadable_version_replaces_nothing(write: Write, load: Load, query: Query) -> None:
    path = write("a.jsonl.gz", event(1))
    load(path)
    path.write_bytes(b"no gzip")
    assert load(path).files == {"unreadable": 1}
    assert ids(query) == ["0x1"]


def test_a_reloaded_file_replaces_itself(write: Write, load: Load, query: Query) -> None:
    path = write("a.jsonl", event(1), "bad")
    write("b.jsonl", event(2))
    load(path.parent)
    summary = load(path.parent, reload=(str(path),))
    assert (summary.files, summary.replaced, summary.skipped) == ({"loaded": 1}, 1, 1)
    assert ids(query) == ["0x1", "0x2"]
    assert query("select count(*) from raw.rejected_lines") == [(1,)]
    # The file alone will do.
    assert load(reload=(str(path),)).replaced == 1
    assert ids(query) == ["0x1", "0x2"]


def test_a_reloaded_broken_file_replaces_only_itself(
    write: Write, load: Load, query: Query
) -> None:
    path = write("a.jsonl.gz", event(1))
    load(path)
    path.write_bytes(gzip.compress(b'{"event_id": "0x2"}\n' * 2, compresslevel=0)[:-20])
    load(path)
    assert load(path, reload=(str(path),)).files == {"partial": 1}
    assert ids(query) == ["0x1", "0x2"]
    assert load(path).skipped == 1


def test_a_reloaded_day_is_the_files_of_its_folder(write: Write, load: Load, query: Query) -> None:
    write("2026/06/01/a.jsonl", event(1))
    write("2026/06/02/a.jsonl", event(2))
    folder = write("2026/06/02/deep/b.jsonl", event(3)).parents[4]
    load(folder)
    summary = load(folder, reload=(date(2026, 6, 2),))
    assert (summary.replaced, summary.skipped) == (2, 1)
    assert ids(query) == ["0x1", "0x2", "0x3"]
    with pytest.raises(UserError, match="no event files of the days"):
        load(folder, reload=(date(2026, 6, 3),))


def test_only_the_requested_days_are_loaded(write: Write, load: Load, query: Query) -> None:
    for day in (1, 2, 3, 4):
        folder = write(f"2026/06/0{day}/a.jsonl", event(day)).parents[3]
    write("stray.jsonl", event(9))
    summary = load(folder, since=date(2026, 6, 2), until=date(2026, 6, 3))
    assert (summary.events, summary.undated) == (2, 1)
    assert ids(query) == ["0x2", "0x3"]
    assert load(folder).events == 3


def test_a_big_load_is_several_packages_and_one_summary(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in "abcde":
        path = write(f"{name}.jsonl", {**event(1), "user_agent": "x", "slot_x": 1}, "bad")
    monkeypatch.setattr(pipeline, "_PACKAGE_BYTES", 2 * path.stat().st_size)
    summary = load(path.parent)
    assert (summary.files, summary.events, summary.rejected.total()) == ({"loaded": 5}, 5, 5)
    assert query("select count(distinct _dlt_load_id), count(*) from raw.files") == [(3, 5)]
    assert query("select count(*) from raw._dlt_loads where status = 0") == [(3,)]
    assert query("select user_agent from raw.user_agents") == [("x",)]
    assert query("select field, _line from raw.unknown_fields") == [("slot_x", 1)]
    assert summary.unknown_fields == {"slot_x"}
    assert load(path.parent).skipped == 5


def test_a_field_never_seen_is_reported_once(write: Write, load: Load, query: Query) -> None:
    assert load(write("a.jsonl", event(1), {"slot_x": 1})).unknown_fields == {"slot_x"}
    assert load(write("b.jsonl", {"slot_x": 2, "slot_y": 1})).unknown_fields == {"slot_y"}
    assert query("select field, _line from raw.unknown_fields order by 1") == [
        ("slot_x", 2),
        ("slot_y", 1),
    ]
    assert query("select _unknown_fields from raw.events where _unknown_fields is not null") == [
        ('{"slot_x":1}',),
        ('{"slot_x":2,"slot_y":1}',),
    ]
