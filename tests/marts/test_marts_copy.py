"""The copy of the marts: the same rows, whole at every moment, in place of nothing else."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.dataset
import pytest
from dbt.contracts.graph.manifest import Manifest
from filelock import FileLock

from readership.command_line import main
from readership.errors import UserError
from readership.marts import CURRENT, MARTS, copy_marts
from tests.support.newsrooms import NEWS, TRIBUNE, events, view
from tests.support.warehouses import ROOT, Warehouse

# Ids that mean something to a file system, a reader of paths, or SQL. The last is too long to name
# a folder once it is encoded; of 007 and 7, a number is the same.
AWKWARD = ["a/b", "..", "50%", "x=y&z", 'it\'s "so"', "007", "7", "true", "Ä" * 120]


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    odd = [
        view("vi", "2026-03-10 12:00:00", "/a", apikey=site, url="https://odd.example/a")
        for site in AWKWARD
    ]
    # In New York it is the last evening of March, in Berlin the first morning of April.
    late = [view("vi", "2026-04-01 03:30:00", "/a", apikey=site) for site in (NEWS, TRIBUNE)]
    module_warehouse.load_events([*events(), *odd, *late])
    module_warehouse.build()
    return module_warehouse


@pytest.fixture(scope="module")
def copied(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a copy, `marts.duckdb` and `parquet`; read only."""
    folder = tmp_path_factory.mktemp("copied")
    copy_marts(built.path, folder / "marts.duckdb", folder=folder / "parquet")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A warehouse with two marts of a few rows."""
    path = tmp_path / "small.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table ops_loads as select 1 as load_id")
        connection.execute("create table dim_sites as select 'a.example' as site_id")
    return path


@contextmanager
def reading(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def test_the_list_of_marts_is_that_of_the_project(manifest: Manifest) -> None:
    public = {
        node.name: {column.name: column.data_type for column in node.columns.values()}
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.access == "public" and node.fqn[1] == "marts"
    }
    assert sorted(MARTS) == sorted(public)
    assert {name: mart.has_site for name, mart in MARTS.items()} == {
        name: "site_id" in columns for name, columns in public.items()
    }
    dates = {name: [c for c, kind in of.items() if kind == "date"] for name, of in public.items()}
    assert {name: mart.date for name, mart in MARTS.items()} == {
        name: of[0] if name.startswith(("fct_", "ops_")) and len(of) == 1 else None
        for name, of in dates.items()
    }
    # The columns that folders of Parquet files are named by are no mart's own.
    assert [name for name, columns in public.items() if {"site", "month"} & set(columns)] == []


def test_no_mart_has_what_the_network_tells_of_a_visitor(manifest: Manifest) -> None:
    told = ("ip_", "_ip", "latitude", "longitude", "network", "user_agent")
    columns = {
        f"{name}.{column}"
        for name in MARTS
        for column in manifest.nodes[f"model.readership.{name}"].columns
    }
    assert len(columns) > 300
    assert {c for c in columns if any(word in c.partition(".")[2] for word in told)} == set()


def test_every_mart_is_there_with_its_rows_types_and_comments(
    built: Warehouse, copied: Path
) -> None:
    file = copied / "marts.duckdb"
    described = "select column_name, data_type, comment from duckdb_columns() where table_name = "
    with reading(file) as copy, reading(built.path) as warehouse:
        tables = copy.execute("select table_name, comment from duckdb_tables()").fetchall()
        assert sorted(name for name, _ in tables) == sorted(MARTS)
        assert [name for name, comment in tables if not comment] == []
        for name in MARTS:
            query = f"{described}'{name}' order by column_index"
            assert copy.execute(query).fetchall() == warehouse.execute(query).fetchall()
        copies = {name: copy.execute(f"from {name} order by all").fetchall() for name in MARTS}
    assert copies == built.ordered(*MARTS)
    assert sum(map(bool, copies.values())) > 20


def test_an_older_duckdb_reads_the_file(copied: Path) -> None:
    with reading(copied / "marts.duckdb") as connection:
        ((tags,),) = connection.execute(
            "select tags from duckdb_databases() where database_name = 'marts'"
        ).fetchall()
    # The version of the file itself, which older ones compare with those they know: 64 to 68.
    version = int.from_bytes((copied / "marts.duckdb").read_bytes()[12:20], "little")
    assert (tags["storage_version"], version) == ("v1.2.0+", 65)


def columns_of(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """The columns of a mart, each with what selects it as Parquet has it: keys are text."""
    return {
        column: f"cast({column} as varchar) as {column}" if kind == "UUID" else column
        for column, kind in connection.execute(
            "select column_name, data_type from duckdb_columns() where table_name = ? "
            "order by column_index",
            [name],
        ).fetchall()
    }


def test_parquet_has_the_same_rows_for_duckdb_and_arrow(copied: Path) -> None:
    with reading(copied / "marts.duckdb") as connection:
        for name, mart in MARTS.items():
            place = copied / "parquet" / CURRENT / name
            columns = columns_of(connection, name)
            found = connection.execute(
                f"select {', '.join(columns.values())} from {name} order by all"
            )
            types, expected = found.description, found.fetchall()
            found = connection.execute(
                f"select {', '.join(columns)} "
                f"from read_parquet('{place}/**/*.parquet', hive_partitioning = true) order by all"
            )
            assert found.description == types, name
            assert found.fetchall() == expected, name
            rows = pyarrow.dataset.dataset(place, partitioning="hive").to_table()
            added = ["site"] * mart.has_site + ["month"] * bool(mart.date)
            assert rows.column_names == [*columns, *added], name
            connection.register("arrows", rows.select([*columns]))
            assert connection.execute("from arrows order by all").fetchall() == expected, name


def test_files_are_by_site_and_by_month_on_its_clock(copied: Path) -> None:
    current = copied / "parquet" / CURRENT
    months = {
        site: sorted(path.name for path in (current / "fct_pageviews" / f"site={site}").iterdir())
        for site in (NEWS, TRIBUNE)
    }
    assert months == {
        NEWS: ["month=2025-12", "month=2026-03"],
        TRIBUNE: ["month=2026-03", "month=2026-04"],
    }
    assert {path.name for path in (current / "dim_posts" / f"site={NEWS}").iterdir()} == {
        path.name for path in (current / "dim_posts" / f"site={NEWS}").glob("part_*.parquet")
    }
    (whole,) = (current / "dim_dates").iterdir()
    assert whole.name.endswith(".parquet")


@pytest.mark.parametrize("site", AWKWARD, ids=range(len(AWKWARD)))
def test_an_awkward_site_has_its_rows_and_no_others(copied: Path, site: str) -> None:
    place = (copied / "parquet" / CURRENT / "fct_pageviews").resolve()
    files = pyarrow.dataset.dataset(place, partitioning="hive")
    table = files.to_table(filter=pyarrow.dataset.field("site_id") == site)
    assert table.column("views").to_pylist() == [1]
    if len(site.encode()) < 80:
        (folder,) = table.column("site").unique().to_pylist()
        assert str(folder) == site
    # No part of a site's name has led out of the two folders of its files.
    depths = {len(path.relative_to(place).parts) for path in place.rglob("*.parquet")}
    assert depths == {3}


def changed(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("insert into ops_loads values (2)")


def loads_of(folder: Path, *, of_parquet: bool = False) -> list[int]:
    place = f"'{folder}/parquet/{CURRENT}/ops_loads/*.parquet'"
    with duckdb.connect() as connection:
        if not of_parquet:
            connection.execute(f"attach '{folder}/marts.duckdb' as copy (read_only)")
            place = "copy.ops_loads"
        return [load for (load,) in connection.execute(f"from {place} order by all").fetchall()]


def test_who_has_the_copy_open_reads_on_and_sees_the_new_one_next_time(
    small: Path, tmp_path: Path
) -> None:
    file, folder = tmp_path / "marts.duckdb", tmp_path / "parquet"
    copy_marts(small, file, folder=folder)
    followed = (folder / CURRENT).resolve()
    # DuckDB opens a file once in a process; by another name it does so again.
    reader = tmp_path / "reader.duckdb"
    os.link(file, reader)
    with reading(reader) as before:
        changed(small)
        copy_marts(small, file, folder=folder)
        assert before.execute("from ops_loads").fetchall() == [(1,)]
        assert loads_of(tmp_path) == loads_of(tmp_path, of_parquet=True) == [1, 2]
    assert len([*followed.rglob("*.parquet")]) == 2
    # No file of two versions has the same path below them.
    names = [path.name for path in folder.rglob("*.parquet")]
    assert len(names) == len(set(names)) == 4
    copy_marts(small, file, folder=folder)
    assert not followed.exists()
    copy_marts(small, file, folder=folder, alone=True)
    assert len([*folder.iterdir()]) == 2


DYING = """
import os, signal, sys
from pathlib import Path
from readership.marts import copying

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

at, warehouse, folder = sys.argv[1], *map(Path, sys.argv[2:])
if hasattr(copying, at):
    setattr(copying, at, die)
copying.copy_marts(
    warehouse, folder / "marts.duckdb", folder=folder / "parquet",
    told=lambda name, *_: die() if name == at else None,
)
"""


@pytest.mark.parametrize(
    "at", ["ops_loads", "ops_loads as Parquet", "finish", "activate", "remove_others"]
)
def test_a_copy_that_dies_leaves_the_one_before_or_the_new_one_whole(
    small: Path, tmp_path: Path, at: str
) -> None:
    folder = tmp_path / "copy"
    copy_marts(small, folder / "marts.duckdb", folder=folder / "parquet")
    changed(small)
    died = subprocess.run(
        [sys.executable, "-c", DYING, at, str(small), str(folder)],
        cwd=ROOT, check=False, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert loads_of(folder) == ([1, 2] if at in ("activate", "remove_others") else [1])
    assert loads_of(folder, of_parquet=True) == ([1, 2] if at == "remove_others" else [1])
    copy_marts(small, folder / "marts.duckdb", folder=folder / "parquet")
    assert loads_of(folder) == loads_of(folder, of_parquet=True) == [1, 2]
    copy_marts(small, folder / "marts.duckdb", folder=folder / "parquet", alone=True)
    assert {path.name for path in folder.iterdir()} == {
        "marts.duckdb", "parquet", ".marts.duckdb.lock", ".parquet.lock"
    }  # fmt: skip
    assert len([*(folder / "parquet").iterdir()]) == 2


def test_a_copy_that_fails_leaves_the_one_before(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["marts", "--warehouse", str(small), "--out", str(tmp_path / "marts.duckdb")]
    assert main(arguments) == 0
    with duckdb.connect(str(small)) as connection:
        connection.execute("create view trending_posts as select error('broken') as site_id")
    capsys.readouterr()
    assert main(arguments) == 1
    assert "the marts cannot be copied (Invalid Input Error: broken)" in capsys.readouterr().err
    assert loads_of(tmp_path) == [1]
    assert [*tmp_path.glob("*.part*")] == []


def test_a_size_of_memory_that_is_none_is_named(
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("READERSHIP_MEMORY", "lots")
    assert main(["marts", "--warehouse", str(small), "--out", str(tmp_path / "m.duckdb")]) == 1
    assert capsys.readouterr().err.endswith(": set READERSHIP_MEMORY to a size such as 4GB\n")


def test_a_place_that_cannot_be_written_is_named(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "marts.duckdb"
    assert main(["marts", "--warehouse", str(small), "--out", str(place)]) == 1
    line = capsys.readouterr().err
    assert line.startswith(f"readership marts: the marts cannot be copied: {place}: ")
    assert line.count("\n") == 1


def test_the_command_says_in_a_line_what_it_wrote(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "parquet"
    arguments = ["--warehouse", str(small), "--out", str(tmp_path / "marts.duckdb")]
    assert main(["marts", *arguments, "--parquet", str(folder)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("2 marts with 2 rows, ")
    assert "; 2 Parquet files, " in printed.out
    assert printed.out.endswith(f" MB, in {folder / CURRENT}\n")
    assert printed.err.startswith("readership marts: copying, 0 of 4 steps done")


def make_text(file: Path, _: Path) -> None:
    file.write_text("a list of mine\n" * 9)


def make_folder(file: Path, _: Path) -> None:
    file.mkdir()


def make_link(file: Path, small: Path) -> None:
    file.symlink_to(small)


def make_other(file: Path, _: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table dim_sites as select 1 as a; create table mine(a int)")


def make_written(file: Path, _: Path) -> None:
    file.write_bytes(b"")
    file.with_name(f"{file.name}.wal").write_bytes(b"")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (make_text, "the file is no DuckDB file"),
        (make_folder, "the copy of the marts is a folder"),
        (make_link, "the copy of the marts would replace the warehouse"),
        (make_other, "the file has another table than marts (main.mine)"),
        (make_written, "a program writes to the copy of the marts, or did not end well"),
    ],
)
def test_nothing_else_is_replaced(
    small: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[Path, Path], None],
    said: str,
) -> None:
    file = tmp_path / "mine.duckdb"
    make(file, small)
    before = file.is_dir() or file.read_bytes()
    assert main(["marts", "--warehouse", str(small), "--out", str(file)]) == 1
    line = capsys.readouterr().err
    assert line.startswith(f"readership marts: {said}: {file}: ")
    assert line.count("\n") == 1
    assert (file.is_dir() or file.read_bytes()) == before


def test_a_folder_with_something_else_is_left_alone(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    arguments = ["--warehouse", str(small), "--out", str(tmp_path / "marts.duckdb")]
    assert main(["marts", *arguments, "--parquet", str(folder)]) == 1
    assert "has something else in it (letter.txt)" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]
    assert not (tmp_path / "marts.duckdb").exists()


def test_of_several_schemas_main_or_the_named_one_is_copied(small: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(small)) as connection:
        connection.execute("create schema dev; create table dev.ops_loads as select 7 as load_id")
    copy_marts(small, tmp_path / "marts.duckdb")
    assert loads_of(tmp_path) == [1]
    copy_marts(small, tmp_path / "marts.duckdb", schema="dev")
    assert loads_of(tmp_path) == [7]
    with duckdb.connect(str(small)) as connection:
        connection.execute("create schema mine; alter table main.ops_loads rename to other")
        connection.execute("create table mine.ops_loads as from dev.ops_loads")
    with pytest.raises(UserError, match=r"ops_loads is in several schemas \(dev, mine\)"):
        copy_marts(small, tmp_path / "marts.duckdb")
    with pytest.raises(UserError, match="there are no marts in schema raw"):
        copy_marts(small, tmp_path / "marts.duckdb", schema="raw")


def test_of_two_copies_to_one_place_the_second_says_so(small: Path, tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / ".marts.duckdb.lock"),
        pytest.raises(UserError, match="another process copies the marts"),
    ):
        copy_marts(small, tmp_path / "marts.duckdb")


def test_the_notebook_draws_what_sql_says(
    copied: Path, built: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("READERSHIP_MARTS", str(copied / "marts.duckdb"))
    notebook = json.loads((ROOT / "examples/notebook/reading.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) == 4
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        exec(compile(cell, f"cell {number}", "exec"), names)
    plots = names["plt"]
    try:
        by_day, by_hour, by_post = [plots.figure(n).axes[0] for n in plots.get_fignums()]
        for figure in map(plots.figure, plots.get_fignums()):
            figure.canvas.draw()
        lines = {
            line.get_label(): [*zip(line.get_xdata(), line.get_ydata(), strict=True)]
            for line in by_day.get_lines()
        }
        bars = [bar.get_height() for bar in by_hour.patches]
        views = sum(bar.get_width() for bar in by_post.containers[0])
        visitors = sum(bar.get_width() for bar in by_post.containers[1])
        axis = [label.get_text() for label in by_post.get_yticklabels()]
    finally:
        plots.close("all")
        names["marts"].close()
    # The events of newsrooms.py, by hand, and the late view of this file.
    march, late = dt.date(2026, 3, 9), dt.date(2026, 3, 31)
    assert lines[NEWS] == [
        (dt.date(2025, 12, 1), 1), (march, 3), (dt.date(2026, 3, 10), 4), (late, 1)
    ]  # fmt: skip
    assert lines[TRIBUNE] == [(dt.date(2026, 3, 10), 1), (dt.date(2026, 4, 1), 1)]
    # A minute at 11:31 in New York.
    assert bars == [1 if hour == 11 else 0 for hour in range(24)]
    top = built.rows(
        "select sum(views) as views, count(distinct visitor_key) filter (where views > 0) "
        "from fct_pageviews group by post_key order by views desc, post_key limit 10"
    )
    assert (views, len(axis)) == (sum(views for views, _ in top), len(top))
    assert axis[-1] == "A"
    assert visitors == sum(visitors for _, visitors in top)


def test_the_streamlit_example_is_sound_python() -> None:
    file = ROOT / "examples/streamlit/app.py"
    compile(file.read_text(), str(file), "exec")
