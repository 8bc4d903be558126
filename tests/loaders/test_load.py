"""Loading: what ends up in which table, and what a second load changes."""

from __future__ import annotations

import gzip
import os
import stat
from pathlib import Path
from typing import Any

import fsspec
import pytest
from dlt.common.storages import LoadStorage
from dlt.load.load import Load as DltLoad
from dlt.pipeline.pipeline import Pipeline
from fsspec.implementations.local import LocalFileSystem
from loading_fixtures import Load, Query, Write

from loaders import batches, pipeline
from loaders.fields import FIELDS
from loaders.progress import Progress
from loaders.tables import TABLES
from warehouse.errors import UserError

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
    pipeline.init(warehouse)
    pipeline.init(warehouse)
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
        ("com.example.app", None, None),
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


def test_a_changed_file_is_loaded_as_a_version_of_its_own(
    write: Write, load: Load, query: Query
) -> None:
    load(write("a.jsonl", EVENT))
    summary = load(write("a.jsonl", EVENT, EVENT))
    assert summary.events == 2
    assert query("select lines from raw.files order by lines") == [(1,), (2,)]
    assert query("select count(*), count(distinct _dlt_load_id) from raw.events") == [(3, 2)]


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
    assert query("select count(*) from raw.events") == [(3,)]


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
    open_file = LocalFileSystem.open

    def refuse(self: LocalFileSystem, path: str, *rest: Any, **options: Any) -> Any:  # noqa: ANN401
        if path.endswith("a.jsonl"):
            raise PermissionError(13, "Permission denied", path)
        return open_file(self, path, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(LocalFileSystem, "open", refuse)
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


class BrokenStream:
    """A file that gives some bytes and then fails."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)

    def __enter__(self) -> BrokenStream:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def read(self, _: int) -> bytes:
        """Give the next piece."""
        if not self.pieces:
            raise OSError(5, "Input/output error")
        return self.pieces.pop(0)


def test_a_file_that_fails_while_it_is_read_gives_no_half(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.jsonl", EVENT)
    line = b'{"event_id": "0x2"}\n'
    with monkeypatch.context() as patch:
        patch.setattr(LocalFileSystem, "open", lambda *_, **__: BrokenStream(line, b"bad\n"))
        summary = load(path)
        assert (summary.files, summary.events) == ({"unreadable": 1}, 0)
        assert query("select count(*) from raw.events") == [(0,)]

        patch.setattr(batches, "MAX_ROWS", 1)
        path.write_bytes(b"now handed on before it fails")
        with pytest.raises(UserError, match=r"reading broke off.*nothing was loaded; run again"):
            load(path)
    assert query("select count(*) from raw.events") == [(0,)]
    path.write_bytes(line)
    assert load(path).events == 1
    assert query("select event_id from raw.events") == [("0x2",)]


def test_rows_in_many_batches_are_all_there_in_order(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MAX_ROWS", 2)
    for name in ("a.jsonl", "b.jsonl.gz"):
        path = write(name, EVENT, "bad", EVENT, "", EVENT)
    assert load(path.parent).events == 6
    assert query("select _line from raw.events order by _file, _line") == [(1,), (3,), (5,)] * 2
    assert query("select count(*) from raw.rejected_lines") == [(2,)]


def test_progress_ends_at_the_totals(write: Write, warehouse: Path) -> None:
    class Told(Progress):
        def advance(self, **totals: int) -> None:
            self.totals = totals

    folder = write("a.jsonl", EVENT, "bad", EVENT).parent
    size = sum(path.stat().st_size for path in (folder / "a.jsonl", write("b.jsonl", EVENT)))
    told = Told()
    pipeline.load([str(folder)], warehouse, told)
    assert told.totals == {"files": 2, "events": 3, "rejected": 1, "bytes_read": size}


def test_a_store_behind_a_url_is_loaded_like_a_folder(load: Load, query: Query) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/a.jsonl.gz", gzip.compress(b'{"event_id": "0x1"}\n'))
    try:
        assert load("memory://bucket").events == 1
        assert query("select _file from raw.events") == [("memory:///bucket/a.jsonl.gz",)]
        assert load("memory://bucket").skipped == 1
    finally:
        store.rm("/bucket", recursive=True)


def test_a_load_that_broke_off_before_any_row_arrived_is_finished_first(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.jsonl", EVENT)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "load", stop)
        with pytest.raises(KeyboardInterrupt):
            load(path)
    summary = load(path)
    assert (summary.settled, summary.skipped, summary.events) == ("finished", 1, 0)
    assert query("select count(*) from raw.events") == [(1,)]
    assert load(path).settled is None


def test_a_load_that_broke_off_when_some_rows_had_arrived_is_done_again(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.jsonl", EVENT)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(DltLoad, "complete_package", stop)
        with pytest.raises(KeyboardInterrupt):
            load(path)
    assert query("select count(*) from raw.events") == [(1,)]
    summary = load(path)
    assert (summary.settled, summary.events) == ("taken back", 1)
    assert query("select count(*) from raw.events") == [(1,)]
    assert query("select count(*) from raw.files") == [(1,)]
    assert load(path).skipped == 1


def test_a_load_that_broke_off_when_all_had_arrived_is_left_as_it_is(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.jsonl", EVENT)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LoadStorage, "complete_load_package", stop)
        with pytest.raises(KeyboardInterrupt):
            load(path)
    before = everything(query)
    assert len(before["events"]) == 1
    summary = load(path)
    assert (summary.settled, summary.skipped) == (None, 1)
    assert everything(query) == before


def test_a_pending_load_that_can_never_be_finished_is_done_again(
    write: Write, load: Load, query: Query, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.jsonl", EVENT)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "load", stop)
        with pytest.raises(KeyboardInterrupt):
            load(path)
    (pending,) = (warehouse.parent / ".dlt").rglob("events.*.parquet")
    pending.write_bytes(b"cut by a full disk")
    summary = load(path)
    assert (summary.settled, summary.events) == ("taken back", 1)
    assert query("select count(*) from raw.events") == [(1,)]


def test_what_a_process_that_died_while_reading_left_behind_is_removed(
    write: Write, load: Load, warehouse: Path
) -> None:
    path = write("a.jsonl", EVENT)
    load(path)
    normalize = warehouse.parent / ".dlt" / "test" / "readership" / "normalize"
    leftover = normalize / "0a1b" / "x.parquet"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"rows")
    load(path)
    assert not leftover.parent.exists()
    assert (normalize / "extracted").exists()


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
    # The rows themselves are not kept a second time.
    assert not list((warehouse.parent / ".dlt").rglob("*.parquet"))


def test_lines_that_do_not_add_up_stop_the_load(
    write: Write, load: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.jsonl", EVENT)
    monkeypatch.setattr(batches.Batch, "add_event", lambda *_: None)
    monkeypatch.setattr(pipeline._Load, "_take", lambda *_, **__: None)
    with pytest.raises(Exception, match="1 lines are not 0 events"):
        load(path)
    assert query("select count(*) from raw.files") == [(0,)]
