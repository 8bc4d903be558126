"""Parts of snapshots: what is written anew, what readers put together, and which answers stay."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from readership.errors import UserError
from readership.service.snapshots import (
    CURRENT,
    Snapshot,
    SnapshotInfo,
    Stores,
    current_snapshot,
    manifest,
    open_snapshot,
    publish,
    publishing,
    snapshot_folder,
)
from readership.service.snapshots import stores as stores_module
from tests.support.figures import Figure
from tests.support.killed_loads import die_at, points
from tests.support.newsrooms import NEWS, hear, view
from tests.support.warehouses import Warehouse

OLDEST = f"(select min(viewed_at) from int_hourly_views where site_id = '{NEWS}')"


@pytest.fixture
def own(newsrooms: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """A copy of the newsrooms' warehouse and snapshot, of which each change is a part of its own.

    Of so few rows, a change would otherwise have all of them written anew.
    """
    monkeypatch.setattr(publishing, "_MAX_SHARE", 10)
    folder = tmp_path / "own"
    shutil.copytree(newsrooms.folder, folder)
    return Warehouse(folder, newsrooms.dbt, loads=newsrooms.loads)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def parts_in(file: Path) -> set[tuple[Any, ...]]:
    """Return the tables, sites and periods of which a file has rows."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return set(
            connection.execute(
                "select table_name, site, period from published.parts where file = ?", [file.name]
            ).fetchall()
        )


def contents(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> dict[str, list[Any]]:
    """Return the rows of tables, in order."""
    return {
        name: connection.execute(f'select * from "{name}" order by all').fetchall()
        for name in tables
    }


def assert_equal_to_warehouse(
    snapshot: Snapshot, warehouse: Warehouse, *, has_answers: bool = False
) -> None:
    """Compare every table of a snapshot, or also the answers of every endpoint."""
    with snapshot.cursor() as cursor:
        tables = [
            name
            for (name,) in cursor.execute(
                "select table_name from duckdb_tables() where schema_name = 'main'"
            ).fetchall()
        ]
        tables += ["api_responses"] if has_answers else []
        found = contents(cursor, tables)
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        assert found == contents(connection, tables)


def names(info: SnapshotInfo) -> list[str]:
    return [file.path.name for file in info.files]


# ---------- what is written


def test_only_changed_parts_are_written_and_other_files_stay(own: Warehouse) -> None:
    first = publish(own.path)
    before = {file.path: file.path.read_bytes() for file in first.files}
    hear(own, at=OLDEST)
    second = publish(own.path)
    assert second.files[:-1] == first.files
    assert {path: path.read_bytes() for path in before} == before
    (written,) = parts_in(second.files[-1].path)
    assert written[:2] == ("int_hourly_views", NEWS)
    assert second.new_bytes == second.files[-1].bytes < first.bytes / 5
    assert sorted(snapshot_folder(own.path).glob("*.duckdb")) == [
        file.path for file in second.files
    ]


def test_nothing_is_written_when_no_row_has_changed(own: Warehouse) -> None:
    first = publish(own.path)
    # Rows in another order, in other places of the file.
    own.execute(
        "create table reordered as from fct_sessions order by session_key desc; "
        "drop table fct_sessions; alter table reordered rename to fct_sessions"
    )
    second = publish(own.path)
    assert (second.files, second.id, second.new_bytes) == (first.files, first.id, 0)
    assert second.published_at >= first.published_at
    assert current_snapshot(snapshot_folder(own.path)) == second


def test_values_that_move_between_rows_are_a_change(own: Warehouse) -> None:
    """The checksum of a part is a sum over its rows; it must see which value is in which row."""
    first = publish(own.path)
    own.execute(
        "update dim_posts set word_count = case when canonical_url like '%/a' then 1 else 2 end"
    )
    second = publish(own.path)
    own.execute("update dim_posts set word_count = 3 - word_count")
    third = publish(own.path)
    assert len({first.id, second.id, third.id}) == 3


def test_a_late_event_of_an_old_month_is_written_alone(own: Warehouse) -> None:
    first = publish(own.path)
    own.load_events([view("late", "2025-12-01 13:00:00", "/c")])
    own.build("--select", "+api_responses")
    second = publish(own.path)
    assert second.files[0] == first.files[0]
    periods = {
        period for name, _, period in parts_in(second.files[-1].path) if name == "int_hourly_views"
    }
    # Noon to six of December 1, in periods of six hours since 1970.
    assert periods == {4 * 20_423 + 2}
    snapshot = open_snapshot(second)
    assert_equal_to_warehouse(snapshot, own, has_answers=True)
    snapshot.retire()
    # A full refresh ends in the same rows, so there is nothing to publish.
    own.build("--full-refresh", "--select", "+api_responses")
    assert publish(own.path).files == second.files


@pytest.mark.parametrize(
    "change",
    [
        "alter table bridge_post_tags add column more integer",
        "create or replace macro answers.exports_schema() as concat('ma', 'in')",
        "create or replace view api_related as from (from api_related) where true",
    ],
    ids=["column", "macro", "view"],
)
def test_changed_definitions_have_everything_written(own: Warehouse, change: str) -> None:
    first = publish(own.path)
    if "api_related as" in change:
        sql = own.one("select sql from duckdb_views() where view_name = 'api_related'")
        change = (
            sql.replace("CREATE VIEW", "create or replace view")
            .replace(" AS ", " as select * from (", 1)
            .rstrip("; \n")
            + ")"
        )
    own.execute(change)
    second = publish(own.path)
    assert len(second.files) == 1
    assert second.files != first.files
    assert second.definitions != first.definitions


def test_a_changed_default_of_a_macro_is_a_changed_definition(own: Warehouse) -> None:
    own.execute("create macro answers.more(a, b := 1) as a + b")
    first = publish(own.path)
    own.execute("create or replace macro answers.more(a, b := 2) as a + b")
    assert publish(own.path).definitions != first.definitions


def test_a_snapshot_of_another_version_is_published_as_a_whole(
    own: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(own.path)
    monkeypatch.setattr(manifest, "_FORMAT", "2 divided otherwise")
    with pytest.raises(UserError, match="another version"):
        current_snapshot(snapshot_folder(own.path))
    hear(own)
    assert len(publish(own.path).files) == 1


def test_many_changes_have_everything_written(
    own: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(own.path)
    monkeypatch.setattr(publishing, "_MAX_SHARE", 0.01)
    hear(own)
    assert len(publish(own.path).files) == 1


def test_files_stay_few(own: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_MAX_FILES", 2)
    counts = []
    for (at,) in own.rows(
        "select min(viewed_at) from int_hourly_views group by cast(viewed_at as date) order by 1"
    ) + own.rows("select max(viewed_at) from int_hourly_views"):
        hear(own, at=f"timestamp '{at}'")
        info = publish(own.path)
        counts.append(len(info.files))
    assert counts == [2, 3, 3, 3]
    snapshot = open_snapshot(info)
    assert_equal_to_warehouse(snapshot, own)
    snapshot.retire()


def test_a_file_without_current_parts_is_left_out(own: Warehouse) -> None:
    hear(own, at=OLDEST)
    first = publish(own.path)
    hear(own, at=OLDEST)
    second = publish(own.path)
    assert (len(first.files), len(second.files)) == (2, 2)
    assert second.files[0] == first.files[0]


def test_a_damaged_file_is_not_used_again(own: Warehouse) -> None:
    first = publish(own.path)
    with first.files[0].path.open("r+b") as stream:
        stream.seek(first.bytes // 2)
        stream.write(b"\0a byte or two\0")
    hear(own)
    second = publish(own.path)
    assert len(second.files) == 1
    open_snapshot(second).retire()


def test_an_erased_visitor_is_in_no_file_of_later_snapshots(
    own: Warehouse, temporary: Path
) -> None:
    publish(own.path)
    hear(own)
    stores = Stores()
    old = open_snapshot(publish(own.path), stores=stores)
    ann = own.one("select visitor_key from int_visitors where visitor_site_id = 'ann'")
    assert is_anywhere(ann, snapshot_folder(own.path).glob("*.duckdb"))
    own.execute("create table requests as select 'ann' as visitor_site_id, null as site_id")
    own.run_dbt("run-operation", "erase_visitors", "--args", "{requests: requests}")
    own.build("--select", "+api_responses")
    open_snapshot(publish(own.path), stores=stores).retire()
    old.retire()
    assert list(temporary.glob("readership-stores-*/*.duckdb")) == []
    # The files of the snapshot before the current one stay, since it may still be read.
    hear(own)
    publish(own.path)
    assert not is_anywhere(ann, snapshot_folder(own.path).glob("*.duckdb"))
    stores.close()


def is_anywhere(visitor_key: object, files: Iterable[Path]) -> bool:
    """Return whether any table of some files has rows of a visitor."""
    for file in files:
        with duckdb.connect(str(file), read_only=True) as connection:
            for (table,) in connection.execute(
                "select table_name from duckdb_columns() where column_name = 'visitor_key' "
                "and table_name in (select table_name from duckdb_tables())"
            ).fetchall():
                sql = f"select count(*) from {table} where visitor_key = ?"
                if connection.execute(sql, [visitor_key]).fetchall() != [(0,)]:
                    return True
    return False


# ---------- kills, damage and other publishers

_KILLED = """
import os, sys
from pathlib import Path
from readership.service.snapshots import manifest, publishing

publishing._MAX_SHARE = 10
warehouse, name, moment = sys.argv[1:]
place = Path if name == "replace" else publishing
step = getattr(place, name)

def killed(*arguments, **named):
    if moment == "after":
        step(*arguments, **named)
    os._exit(9)

setattr(place, name, killed)
publishing.publish(Path(warehouse))
"""


@pytest.mark.parametrize(
    ("step", "moment"),
    [("_copy", "before"), ("_copy", "after"), ("set_current", "before"), ("replace", "before"),
     ("set_current", "after")],
)  # fmt: skip
def test_a_killed_publisher_leaves_the_old_or_the_new_snapshot(
    own: Warehouse, step: str, moment: str
) -> None:
    folder = snapshot_folder(own.path)
    first = publish(own.path)
    hear(own)
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(own.path), step, moment])
    assert killed.returncode == 9
    found = current_snapshot(folder)
    assert found is not None
    assert (found == first) == ((step, moment) != ("set_current", "after"))
    open_snapshot(found).retire()
    last = publish(own.path)
    snapshot = open_snapshot(last)
    assert_equal_to_warehouse(snapshot, own)
    snapshot.retire()
    kept = {*names(first), *names(found), *names(last), CURRENT, "publishing.lock"}
    assert {file.name for file in folder.iterdir()} <= kept


def test_a_publisher_killed_at_any_call_leaves_the_old_or_the_new_snapshot(
    own: Warehouse, is_long: bool, figure: Figure
) -> None:
    command = ["publish", "--warehouse", str(own.path)]
    publish(own.path)
    hear(own)
    lived = die_at(0, command)
    assert lived.returncode == 0, lived.stderr
    calls = int(lived.stderr.split()[-1])
    before = current_snapshot(snapshot_folder(own.path))
    kills = list(points(60 if is_long else 3))
    for at in kills:
        hear(own)
        assert die_at(int(at * calls), command).returncode == -9
        found = current_snapshot(snapshot_folder(own.path))
        assert found is not None
        snapshot = open_snapshot(found)
        if found != before:
            assert_equal_to_warehouse(snapshot, own)
        snapshot.retire()
        before = publish(own.path)
        snapshot = open_snapshot(before)
        assert_equal_to_warehouse(snapshot, own)
        snapshot.retire()
    figure("kills_of_publish", len(kills), "kills", 60)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("kind", ["cut off", "changed", "gone"])
def test_a_damaged_part_is_refused(own: Warehouse, number: int, kind: str) -> None:
    publish(own.path)
    hear(own)
    info = publish(own.path)
    file = info.files[number].path
    if kind == "gone":
        file.unlink()
    else:
        with file.open("r+b") as stream:
            if kind == "cut off":
                stream.truncate(file.stat().st_size - 4096)
            else:
                stream.seek(file.stat().st_size // 2)
                stream.write(b"\0a byte or two\0")
    with pytest.raises(UserError, match=rf"{file.name}.*publish --whole"):
        open_snapshot(info)


def test_concurrent_publishers_of_a_change_write_it_once(own: Warehouse) -> None:
    first = publish(own.path)
    hear(own)
    with ThreadPoolExecutor(3) as publishers:
        published = list(publishers.map(publish, [own.path] * 3))
    assert len({info.id for info in published}) == 1
    assert sum(info.new_bytes > 0 for info in published) == 1
    assert published[0].files[:-1] == first.files


# ---------- what readers put together


def test_parts_give_the_rows_and_answers_of_the_warehouse(own: Warehouse) -> None:
    """Whatever is updated, deleted and inserted, however often."""
    chance = random.Random(3)
    stores = Stores()
    info = publish(own.path)
    snapshot = open_snapshot(info, stores=stores)
    tables = [name for (name,) in own.rows("select table_name from duckdb_tables()")]
    tables = [
        name for name in tables
        if name.startswith(("int_hourly", "int_visitor", "fct_sess", "fct_conv", "bridge", "dim_p"))
    ]  # fmt: skip
    for _ in range(5):
        for table in chance.sample(tables, 3):
            some = f"rowid % 3 = {chance.randrange(3)}"
            kind = chance.choice(["delete", "twice", "nothing"])
            if kind == "delete":
                own.execute(f"delete from {table} where {some}")
            elif kind == "twice":
                own.execute(f"insert into {table} select * from {table} where {some}")
        hear(own, at=OLDEST)
        info = publish(own.path)
        new = open_snapshot(info, stores=stores)
        snapshot.retire()
        snapshot = new
        assert_equal_to_warehouse(snapshot, own)
    assert len(info.files) > 1
    # A reader that starts with the last snapshot finds the same.
    fresh = open_snapshot(info)
    assert_equal_to_warehouse(fresh, own, has_answers=True)
    fresh.retire()
    snapshot.retire()
    stores.close()


def test_a_reader_reads_each_file_once(own: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    sha256 = manifest.sha256

    def counting(file: Path) -> str:
        read.append(file.name)
        return sha256(file)

    stores = Stores()
    infos = [publish(own.path)]
    for seconds in (1, 2):
        hear(own, at=OLDEST, seconds=seconds)
        infos.append(publish(own.path))
    monkeypatch.setattr(manifest, "sha256", counting)
    for number, info in enumerate(infos):
        read.clear()
        open_snapshot(info, stores=stores).retire()
        assert read == names(info)[1 if number else 0 :]
    stores.close()


def test_an_open_snapshot_stays_as_it_is(own: Warehouse) -> None:
    stores = Stores()
    hear(own)
    old = open_snapshot(publish(own.path), stores=stores)
    with old.cursor() as cursor:
        before = contents(cursor, ["int_hourly_views"])
        for _ in range(3):
            hear(own)
            open_snapshot(publish(own.path), stores=stores).retire()
            assert contents(cursor, ["int_hourly_views"]) == before
    old.retire()
    stores.close()


def test_stores_are_removed_also_those_of_killed_processes(own: Warehouse, temporary: Path) -> None:
    publish(own.path)
    hear(own)
    info = publish(own.path)
    left, used = (temporary / f"{stores_module._PREFIX}{name}" for name in ("left", "used"))
    for folder in (left, used):
        folder.mkdir()
        (folder / "store_1.duckdb").touch()
    with FileLock(used / "in_use.lock"):
        snapshot = open_snapshot(info)
        assert not left.exists()
        assert used.exists()
        assert len(list(temporary.glob("readership-stores-*/store*"))) == 2
        snapshot.retire()
    assert [path.name for path in temporary.glob("readership-stores-*/")] == [used.name]


def test_no_room_for_a_store_is_reported_in_one_line(
    own: Warehouse, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(own.path)
    hear(own)
    info = publish(own.path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stores_module.shutil, "copyfile", full)
    with pytest.raises(UserError, match=str(temporary)):
        open_snapshot(info)
    assert list(temporary.glob("readership-stores-*/")) == []
