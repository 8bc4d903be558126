"""Loading: what ends up in which table, and what a second load changes."""

from __future__ import annotations

import gzip
import os
import stat
from pathlib import Path
from typing import Any

import fsspec
import pytest

from loaders import file_rows, pipeline
from loaders.discovering import LoadRequest
from loaders.discovering.event_file import LocalFile
from loaders.fields import FIELDS
from loaders.pipeline import Progress
from loaders.reading import lines
from loaders.tables import TABLES
from loaders.writing import DuckDbFile
from tests.support.loading import Load, Query, Write

EVENT = {"event_id": "0x1", "action": "pageview", "session_id": 3}

WAREHOUSE_TYPES = {
    "text": "VARCHAR",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "json": "JSON",
    "binary": "BLOB",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
}


def columns_of(query: Query, table: str) -> dict[str, str]:
    return dict(
        query(
            "select column_name, data_type from information_schema.columns "
            f"where table_schema = 'raw' and table_name = '{table}'"
        )
    )


def everything(query: Query) -> dict[str, list[Any]]:
    return {table: query(f"select * from raw.{table} order by all") for table in TABLES}


def test_init_makes_every_table_empty_and_typed_and_may_be_repeated(
    warehouse: Path, query: Query
) -> None:
    pipeline.init(DuckDbFile(warehouse))
    pipeline.init(DuckDbFile(warehouse))
    for table, columns in TABLES.items():
        expected = {name: WAREHOUSE_TYPES[kind] for name, kind in columns.items()}
        assert columns_of(query, table) == {**expected, "_dlt_load_id": "VARCHAR"}
        assert query(f"select * from raw.{table}") == []
    assert set(TABLES["events"]) == {*FIELDS, "_unknown_fields", "_file", "_line"}
    assert query("select * from raw._dlt_loads") == []


def test_a_load_fills_every_table_and_leaves_the_columns_as_they_are(
    write: Write, load: Load, query: Query
) -> None:
    path = write(
        "a.jsonl.gz",
        {
            **EVENT,
            "ip_lat": 1.5,
            "visitor": True,
            "extra_data": {"a": 1},
            "slot_x": 4,
            "url": "https://News.Example.co.uk/a",
            "referrer": "https://www.google.com/",
            "session_initial_url": "https://news.example.co.uk/b",
            "session_initial_referrer": "android-app://com.example.app/",
            "user_agent": "Googlebot/2.1 (+http://www.google.com/bot.html)",
        },
        "",
        "not json",
        EVENT,
    )
    summary = load(path)
    assert summary.files == {"loaded": 1}
    assert (summary.events, summary.rejected) == (2, {"broken_json": 1})
    assert summary.unknown_fields == {"slot_x"}
    for table, columns in TABLES.items():
        expected = {name: WAREHOUSE_TYPES[kind] for name, kind in columns.items()}
        assert columns_of(query, table) == {**expected, "_dlt_load_id": "VARCHAR"}
    assert query(
        "select event_id, session_id, ip_lat, visitor, extra_data, _unknown_fields, _file, _line "
        "from raw.events order by _line"
    ) == [
        ("0x1", 3, 1.5, True, '{"a": 1}', '{"slot_x":4}', str(path), 1),
        ("0x1", 3, None, None, None, None, str(path), 4),
    ]
    assert query("select * exclude _dlt_load_id from raw.rejected_lines") == [
        (str(path), 3, "broken_json", "character 1: Expecting value", b"not json")
    ]
    assert query(
        "select file, size_bytes, lines, events, rejected, blank, status, detail from raw.files"
    ) == [(str(path), path.stat().st_size, 4, 2, 1, 1, "loaded", None)]
    assert query("select user_agent, device_type, is_bot from raw.user_agents") == [
        ("Googlebot/2.1 (+http://www.google.com/bot.html)", "other", True)
    ]
    assert query("select * exclude _dlt_load_id from raw.hosts order by host") == [
        ("news.example.co.uk", "example.co.uk", None),
        ("www.google.com", "google.com", "google"),
    ]
    assert query(
        "select count(distinct table_name) from information_schema.tables where "
        "table_schema = 'raw' and not starts_with(table_name, '_dlt')"
    ) == [(len(TABLES),)]
    loads = query("select distinct load_id, status from raw._dlt_loads")
    for table in TABLES:
        assert query(f"select distinct _dlt_load_id, 0 from raw.{table}") == loads


def test_the_modification_time_is_kept_in_utc(write: Write, load: Load, query: Query) -> None:
    path = write("a.jsonl", EVENT)
    os.utime(path, ns=(0, 1_700_000_000_123_456_789))
    load(path)
    assert query(
        "select version, modified_at at time zone 'UTC' = timestamp "
        "'2023-11-14 22:13:20.123456' from raw.files"
    ) == [(f"{path.stat().st_size}-1700000000123456789", True)]


def test_loading_the_same_again_changes_nothing(write: Write, load: Load, query: Query) -> None:
    folder = write("a.jsonl", {**EVENT, "user_agent": "x", "url": "http://a.com"}, "bad").parent
    load(folder)
    before = everything(query)
    summary = load(folder, folder / "a.jsonl")
    assert (summary.files, summary.skipped, summary.events) == ({}, 1, 0)
    assert everything(query) == before


def test_only_new_files_are_loaded_and_only_new_agents_and_hosts_described(
    write: Write, load: Load, query: Query
) -> None:
    event = {**EVENT, "user_agent": "x", "url": "http://a.com"}
    folder = write("b.jsonl", event).parent
    load(folder)
    # Older by name and by time than what is loaded, and still new.
    os.utime(write("a.jsonl", event, {**event, "user_agent": "y", "url": "http://b.com"}), (0, 0))
    summary = load(folder)
    assert (summary.files, summary.skipped, summary.events) == ({"loaded": 1}, 1, 2)
    assert query("select user_agent from raw.user_agents order by all") == [("x",), ("y",)]
    assert query("select host from raw.hosts order by all") == [("a.com",), ("b.com",)]


def test_a_gzip_that_breaks_off_is_loaded_as_far_as_it_goes(
    write: Write, load: Load, query: Query
) -> None:
    path = write("a.jsonl.gz")
    whole = gzip.compress(b'{"event_id": "0x1"}\n{"event_id": "0x2"}', compresslevel=0)
    path.write_bytes(whole[:-12])
    summary = load(path)
    assert summary.files == {"partial": 1}
    assert query("select event_id, _line from raw.events") == [("0x1", 1)]
    assert query("select reason, line, _line from raw.rejected_lines") == [
        ("truncated", b'{"event_id": "0', 2)
    ]
    assert query("select lines, events, rejected, blank, status, detail from raw.files") == [
        (2, 1, 1, 0, "partial", "the gzip stream breaks off before its end")
    ]
    assert load(path).skipped == 1
    path.write_bytes(whole)
    assert load(path).files == {"loaded": 1}
    assert query("select event_id, _line from raw.events order by _line") == [
        ("0x1", 1), ("0x2", 2),
    ]  # fmt: skip
    assert query("select count(*) from raw.rejected_lines") == [(0,)]


def test_a_file_that_is_no_gzip_is_noted_and_the_others_are_loaded(
    write: Write, load: Load, query: Query
) -> None:
    folder = write("b.jsonl", EVENT).parent
    (folder / "a.gz").write_bytes(b"hello\n")
    summary = load(folder)
    assert (summary.files, summary.events) == ({"unreadable": 1, "loaded": 1}, 1)
    assert query("select lines, detail from raw.files where status = 'unreadable'") == [
        (0, "not gzip: its first bytes are not gzip's")
    ]
    assert load(folder).skipped == 2


def test_a_file_that_cannot_be_opened_is_noted_once_and_loaded_once_it_can(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write("b.jsonl", EVENT).parent
    write("a.jsonl", EVENT)
    open_file = LocalFile.open

    def refuse(file: LocalFile) -> Any:  # noqa: ANN401
        if file.name.endswith("a.jsonl"):
            raise PermissionError(13, "Permission denied", file.path)
        return open_file(file)

    with monkeypatch.context() as patch:
        patch.setattr(LocalFile, "open", refuse)
        assert load(folder).files == {"unreadable": 1, "loaded": 1}
        before = everything(query)
        assert load(folder).files == {"unreadable": 1}
        assert everything(query) == before
    assert query("select detail, lines from raw.files where status = 'unreadable'") == [
        ("Permission denied", 0)
    ]
    assert load(folder).files == {"loaded": 1}
    assert query("select status from raw.files where file like '%a.jsonl' order by all") == [
        ("loaded",),
        ("unreadable",),
    ]
    assert load(folder).skipped == 2


def test_a_link_to_nothing_is_unreadable(write: Write, load: Load) -> None:
    path = write("b.jsonl", EVENT)
    (path.parent / "a.jsonl").symlink_to("gone")
    summary = load(path.parent)
    assert summary.files == {"unreadable": 1, "loaded": 1}
    assert summary.troubles[0][1] == "unreadable: No such file or directory"


def test_rows_in_many_blocks_are_all_there(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_READ_BYTES", 50)
    monkeypatch.setattr(lines, "_BLOCK_BYTES", 50)
    monkeypatch.setattr(file_rows, "_REJECTED_BYTES_HELD", 1)
    for name in ("a.jsonl", "b.jsonl.gz"):
        path = write(name, EVENT, "bad", EVENT, "", EVENT)
    assert load(path.parent).events == 6
    assert query("select _line from raw.events order by _file, _line") == [(1,), (3,), (5,)] * 2
    assert query("select count(*) from raw.rejected_lines") == [(2,)]


def test_progress_ends_at_the_totals(write: Write, warehouse: Path) -> None:
    class Recorder(Progress):
        def advance(self, **totals: int) -> None:
            self.totals = totals

    folder = write("a.jsonl", EVENT, "bad", EVENT).parent
    size = sum(path.stat().st_size for path in (folder / "a.jsonl", write("b.jsonl", EVENT)))
    recorder = Recorder()
    pipeline.load(LoadRequest((str(folder),)), DuckDbFile(warehouse), recorder)
    assert recorder.totals == {"files": 2, "events": 3, "rejected": 1, "bytes_read": size}


def test_a_store_behind_a_url_is_loaded_like_a_folder(load: Load, query: Query) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/a.jsonl.gz", gzip.compress(b'{"event_id": "0x1"}\n'))
    try:
        assert load("memory://bucket").events == 1
        assert query("select _file from raw.events") == [("memory:///bucket/a.jsonl.gz",)]
        assert load("memory://bucket").skipped == 1
    finally:
        store.rm("/bucket", recursive=True)


def test_the_working_directory_may_be_lost(
    write: Write, load: Load, query: Query, warehouse: Path
) -> None:
    path = write("a.jsonl", EVENT)
    load(path)
    before = everything(query)
    (warehouse.parent / ".dlt").rename(warehouse.parent / "gone")
    assert load(path).skipped == 1
    assert everything(query) == before


def test_nothing_is_written_but_the_warehouse_and_its_working_directory(
    write: Write, load: Load, warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=stat.S_IRWXU)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    load(write("a.jsonl", EVENT))
    assert list(home.iterdir()) == []
    assert {path.name for path in warehouse.parent.iterdir()} == {warehouse.name, ".dlt"}
    # What dlt worked with is gone; the ledger is in the warehouse.
    assert list((warehouse.parent / ".dlt").iterdir()) == []
