"""Every error of the report is one line on stderr, with the remedy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from readership.report import command_line as command


def _fails_with(done: object, *words: str) -> None:
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith(("readership report: ", "readership query: "))
    assert done.err.count("\n") == 1
    for word in words:
        assert word in done.err


def test_a_missing_file_is_an_error(run: Callable, tmp_path: Path) -> None:
    path = tmp_path / "none.duckdb"
    _fails_with(run("--warehouse", path), "there is no warehouse", str(path), "`make run`")
    assert not path.exists()


def test_the_environment_names_the_file(
    run: Callable, warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = "run it in the project folder (the one with dbt_project.yml), or name the file"
    _fails_with(run(), str(tmp_path / "data" / "readership.duckdb"), elsewhere)
    (tmp_path / "dbt_project.yml").touch()
    _fails_with(run(), "run `make run` to make one")
    monkeypatch.setenv("READERSHIP_WAREHOUSE", warehouse.name)
    done = run()
    assert done.code == 0
    assert str(warehouse) in done.out
    assert f"--warehouse {warehouse}" in done.out


def test_a_folder_is_an_error(run: Callable, tmp_path: Path) -> None:
    _fails_with(run("--warehouse", tmp_path), "folder", str(tmp_path))


def test_a_file_of_another_kind_is_an_error(run: Callable, tmp_path: Path) -> None:
    path = tmp_path / "notes.duckdb"
    path.write_text("not a database " * 1_000)
    _fails_with(run("--warehouse", path), "not a sound DuckDB file", str(path), "--warehouse")


def test_a_damaged_file_is_an_error(run: Callable, warehouse: Path) -> None:
    kept = bytearray(warehouse.read_bytes())
    kept[100] ^= 0xFF
    warehouse.write_bytes(kept)
    _fails_with(run("--warehouse", warehouse), "not a sound DuckDB file", str(warehouse))


def test_a_file_of_another_duckdb_version_is_an_error(
    run: Callable, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        message = "IO Error: Trying to read a database file with version number 999,\n\nbut ..."
        raise duckdb.IOException(message)

    monkeypatch.setattr(duckdb, "connect", refuse)
    _fails_with(run("--warehouse", warehouse), "a version of DuckDB that this one cannot read")


def test_a_file_in_use_by_another_process_is_an_error(run: Callable, warehouse: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()",
            str(warehouse),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        done = run("--warehouse", warehouse)
        holder.kill()
    _fails_with(done, "in use by another process", str(warehouse), "wait")


def test_missing_marts_are_an_error(run: Callable, warehouse: Path, change: Callable) -> None:
    change(warehouse, "drop table ops_loads")
    _fails_with(run("--warehouse", warehouse), "ops_loads", str(warehouse), "`readership build`")


def test_marts_with_missing_columns_are_an_error(
    run: Callable, warehouse: Path, change: Callable
) -> None:
    change(warehouse, "alter table fct_sessions drop column visitor_key")
    _fails_with(run("--warehouse", warehouse), "visitor_key", "`readership build`")


def test_a_file_without_raw_tables_is_an_error(run: Callable, tmp_path: Path) -> None:
    path = tmp_path / "new.duckdb"
    duckdb.connect(str(path)).close()
    for arguments in ((), ("query", "select * from fct_pageviews")):
        done = run(*arguments, "--warehouse", path)
        _fails_with(done, f"nothing has been loaded into this warehouse: {path}", "`make run`")
        assert "Catalog Error" not in done.err


def test_a_failed_query_names_the_remedy(run: Callable, warehouse: Path) -> None:
    for sql, words in {
        "select * from nothing": ("nothing does not exist", "show tables"),
        "select nothing from dim_sites": ("nothing", "describe TABLE"),
        "selec 1": ("syntax error", "correct the SQL"),
        "delete from dim_sites": ("read-only", "select statements only"),
        " -- nothing": ("empty", "write a select"),
        "select error('one\ntwo')": ("one two",),
    }.items():
        _fails_with(run("query", sql, "--warehouse", warehouse), *words)


def test_an_empty_warehouse_is_not_an_error(
    run: Callable, warehouse: Path, change: Callable
) -> None:
    for table in ("ops_loads", "dim_sites", "fct_sessions", "fct_pageviews"):
        change(warehouse, f"truncate {table}")
    done = run("--warehouse", warehouse)
    assert done.code == 0
    assert "holds no events yet" in done.out
    assert "make run" in done.out


def test_a_warehouse_with_only_refused_events_is_reported(
    run: Callable, warehouse: Path, change: Callable
) -> None:
    change(
        warehouse,
        "truncate dim_sites",
        "update ops_loads set staged_events = 0, refused_events = 1003",
    )
    done = run("--warehouse", warehouse)
    assert done.code == 0
    assert "1,003" in done.out
    assert "no valid events" in done.out
    assert "Try next" not in done.out


def test_an_interruption_leaves_no_traceback(
    run: Callable, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "open_for_reading", interrupt)
    _fails_with(run("--warehouse", warehouse), "interrupted")


def test_a_query_without_memory_says_so(
    run: Callable, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block")

    monkeypatch.setattr(command.layout, "result", fails)
    done = run("query", "select 1", "--warehouse", warehouse)
    _fails_with(done, "out of memory: the query: let other programs end, or ask for less")


@pytest.mark.parametrize("arguments", [["report"], ["query", "select repeat('x', 10000000)"]])
def test_a_closed_pipe_is_not_an_error(warehouse: Path, arguments: list[str]) -> None:
    reading = subprocess.Popen(
        [sys.executable, "-m", "readership", *arguments, "--warehouse", str(warehouse)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        if "query" in arguments:
            reading.stdout.read(10)
        reading.stdout.close()
        assert reading.stderr.read() == b""
    assert reading.returncode == 0
