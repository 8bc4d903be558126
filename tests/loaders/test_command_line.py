"""The command line: one line for what went wrong, and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from loaders import file_rows, pipeline
from loaders.__main__ import main
from loaders.commands.progress import PlainProgress, progress_for
from loaders.tables import TABLES
from loaders.writing import DuckDbFile
from tests.support.loading import Query, Write

ROOT = Path(__file__).parents[2]
EVENT = {"event_id": "0x1", "action": "pageview"}


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "loaders", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def error_of(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([str(argument) for argument in arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"readership {arguments[0]}: ")
    assert err.count("\n") == 1
    return err


def test_a_load_ends_with_a_summary_on_stdout_and_exit_code_0(
    write: Write, warehouse: Path
) -> None:
    folder = write("a.jsonl", EVENT, {**EVENT, "slot_x": 1}, "bad", '{"version": "x"}').parent
    (folder / "b.gz").write_bytes(b"hello")
    done = run("load", folder, READERSHIP_WAREHOUSE=str(warehouse))
    assert done.returncode == 0
    assert "1 loaded, 0 skipped as known, 1 unreadable" in done.stdout
    assert f"{folder}/b.gz: unreadable: not gzip: its first bytes are not gzip's" in done.stdout
    assert "events     2 (" in done.stdout
    assert "rejected   2 lines: 1 broken_json, 1 wrong_type" in done.stdout
    assert "new fields slot_x" in done.stdout
    assert f"warehouse  {warehouse}" in done.stdout
    assert done.stderr.splitlines() == ["readership load: reading 2 files, 0.0 MB"]


def test_nothing_new_is_exit_code_0(
    write: Write, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["load", str(write("a.jsonl", EVENT)), "--warehouse", str(warehouse)]
    assert main(arguments) == 0
    capsys.readouterr()
    assert main(arguments) == 0
    assert "0 loaded, 1 skipped as known" in capsys.readouterr().out


def test_init_creates_the_tables_in_the_warehouse_named_by_the_option(
    warehouse: Path, query: Query, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--warehouse", str(warehouse)]) == 0
    assert capsys.readouterr().out == f"{warehouse} is ready\n"
    tables = query("select table_name from duckdb_tables() where schema_name = 'raw'")
    assert {(table,) for table in TABLES} <= set(tables)


def test_the_warehouse_can_be_read_by_duckdb_1(write: Write, warehouse: Path, query: Query) -> None:
    storage = "select tags['storage_version'] from duckdb_databases() where path is not null"
    pipeline.init(DuckDbFile(warehouse))
    assert query(storage) == [("v1.2.0+",)]
    assert main(["load", str(write("a.jsonl", EVENT)), "--warehouse", str(warehouse)]) == 0
    assert query(storage) == [("v1.2.0+",)]


def test_help_says_what_the_exit_codes_mean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["load", "--help"])
    assert left.value.code == 0
    assert "exit codes:" in capsys.readouterr().out


def test_a_dry_run_says_what_would_be_loaded_and_changes_nothing(
    write: Write, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write("2026/06/01/a.jsonl", EVENT).parents[3]
    arguments = ["load", str(folder), "--warehouse", str(warehouse)]
    assert main([*arguments, "--dry-run"]) == 0
    assert not warehouse.exists()
    out = capsys.readouterr().out.splitlines()
    assert out == [
        f"     0.000 MB  new       {folder}/2026/06/01/a.jsonl",
        "     0.000 MB  in 1 file would be loaded, 0 are known",
    ]

    assert main(arguments) == 0
    write("2026/06/01/a.jsonl", EVENT, EVENT)
    write("2026/06/02/b.jsonl", EVENT)
    before = warehouse.read_bytes()
    capsys.readouterr()
    assert main([*arguments, "--dry-run"]) == 0
    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()] == [
        "changed",
        "new",
        "in",
    ]
    assert main([*arguments, "--dry-run", "--reload", "2026-06-02", "--since", "2026-06-02"]) == 0
    assert "in 1 file would be loaded, 0 are known" in capsys.readouterr().out
    assert warehouse.read_bytes() == before


def test_days_and_files_are_chosen_on_the_command_line(
    write: Write, warehouse: Path, query: Query, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in (1, 2, 3):
        path = write(f"2026/06/0{day}/a.jsonl", EVENT)
    folder = path.parents[3]
    arguments = ["load", str(folder), "--warehouse", str(warehouse)]
    assert main([*arguments, "--since", "2026-06-02", "--until", "2026-06-02"]) == 0
    assert query("select _file from raw.events") == [(f"{folder}/2026/06/02/a.jsonl",)]
    assert main([*arguments, "--reload", "2026-06-02"]) == 0
    assert "3 loaded, 0 skipped" in capsys.readouterr().out
    assert main(["load", "--reload", str(path), "--warehouse", str(warehouse)]) == 0
    assert "1 in place of what was loaded of them before" in capsys.readouterr().out
    assert query("select count(*) from raw.events") == [(3,)]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["load"],
        ["unload"],
        ["load", "x", "--fast"],
        ["load", "x", "--since", "yesterday"],
        ["load", "x", "--workers", "many"],
        ["load", "x", "--workers", "-1"],
        ["load", "--reload", "2026-06-01"],
    ],
)
def test_a_wrong_command_line_is_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: readership" in capsys.readouterr().err


def test_a_missing_path_is_one_line_and_no_traceback(tmp_path: Path, warehouse: Path) -> None:
    missing = tmp_path / "missing"
    done = run("load", missing, "--warehouse", warehouse)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"readership load: no such file or folder: {missing}: check the path\n"
    assert not warehouse.exists()


def test_a_locked_warehouse_is_named_with_the_process_that_holds_it(
    write: Write, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.init(DuckDbFile(warehouse))
    hold = f"import duckdb; c = duckdb.connect({str(warehouse)!r}); print('held'); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        path = write("a.jsonl", EVENT)
        error = error_of(capsys, "load", path, "--warehouse", warehouse)
        holder.communicate("\n")
    assert error.startswith(
        "readership load: the warehouse is in use by another process "
        f"(process {holder.pid}): {warehouse}: "
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"no database\n" * 1000, "the warehouse is not a sound DuckDB file"),
        (b"short", "the warehouse is not a sound DuckDB file"),
        (None, "the warehouse was made by a version of DuckDB that this one cannot read"),
    ],
)
def test_a_warehouse_that_duckdb_cannot_read_is_left_alone(
    write: Write,
    warehouse: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
    what: str,
) -> None:
    warehouse.parent.mkdir()
    warehouse.write_bytes(content or b"")
    if content is None:

        def refuse(*_: object, **__: object) -> None:
            raise duckdb.IOException(
                "IO Error: Trying to read a database file with version number 99, but we can only "
                "read versions between 64 and 69.\nThe database file was created with v3."
            )

        monkeypatch.setattr(duckdb, "connect", refuse)
    path = write("a.jsonl", EVENT)
    error = error_of(capsys, "load", path, "--warehouse", warehouse)
    assert error.startswith(f"readership load: {what}: {warehouse}: ")
    assert warehouse.read_bytes() == (content or b"")


@pytest.mark.parametrize("name", ["notes.json", "events.csv", "a.parquet", "s.db"])
def test_a_file_of_another_kind_is_no_warehouse(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    # DuckDB would open some of these as a database in memory, and keep nothing.
    other = tmp_path / name
    other.write_bytes(b'{"a": 1}\n{"a": 2}\n')
    for command in ("init", "load", "status"):
        paths = [write("a.jsonl", EVENT)] if command == "load" else []
        error = error_of(capsys, command, *paths, "--warehouse", other)
        said = f"readership {command}: the warehouse is not a sound DuckDB file: {other}: "
        assert error.startswith(said)
    assert other.read_bytes() == b'{"a": 1}\n{"a": 2}\n'


@pytest.mark.parametrize("name", ["", " ", ":memory:", "s3://bucket/w.duckdb", "md:w"])
def test_a_warehouse_is_a_file(write: Write, capsys: pytest.CaptureFixture[str], name: str) -> None:
    error = error_of(capsys, "load", write("a.jsonl", EVENT), "--warehouse", name)
    assert error.startswith(f"readership load: a warehouse is a file on this machine: {name!r}: ")


def test_what_a_summary_shows_cannot_steer_a_terminal(
    write: Write, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("a\nb.jsonl", '{"x\\u001b[31my": 1, "": 2}')
    arguments = ["load", str(path), "--warehouse", str(warehouse)]
    assert main([*arguments, "--dry-run"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(arguments) == 0
    assert 'new fields "", x\\x1b[31my' in capsys.readouterr().out


def test_a_warehouse_folder_that_cannot_be_made_is_named(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("a.jsonl", EVENT)
    error = error_of(capsys, "load", path, "--warehouse", path / "in" / "a-file.duckdb")
    assert f"cannot make the folder of the warehouse: {path / 'in'}: " in error


def test_a_load_that_died_before_its_tables_were_made_leaves_everything_to_do(
    write: Write, warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema raw")
    path = str(write("a.jsonl", EVENT))
    assert main(["load", path, "--dry-run", "--warehouse", str(warehouse)]) == 0
    assert "1 " in capsys.readouterr().out
    assert main(["load", path, "--warehouse", str(warehouse)]) == 0


@pytest.mark.parametrize("name", ["raw", "main", "Main", "temp", "system"])
def test_a_warehouse_file_with_a_name_that_duckdb_cannot_tell_apart_is_refused(
    name: str, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("a.jsonl", EVENT)
    error = error_of(capsys, "load", path, "--warehouse", tmp_path / f"{name}.duckdb")
    assert f"a warehouse file cannot be called {name}: " in error


def test_a_warehouse_that_cannot_be_written_is_named(
    warehouse: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise duckdb.IOException(f'IO Error: Cannot open file "{warehouse}": Permission denied')

    monkeypatch.setattr(duckdb, "connect", refuse)
    error = error_of(capsys, "init", "--warehouse", warehouse)
    assert error.startswith(
        f"readership init: cannot open the warehouse: {warehouse}: check that its "
    )


def test_a_folder_as_warehouse_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = error_of(capsys, "init", "--warehouse", tmp_path)
    assert error.startswith(f"readership init: the warehouse is a folder: {tmp_path}: ")


def test_a_load_that_the_warehouse_refuses_is_one_line(
    write: Write,
    warehouse: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(file_rows, "arrow_table", refuse)
    assert main(["load", str(write("a.jsonl", EVENT)), "--warehouse", str(warehouse)]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"readership load: the load failed: {warehouse}: put this right ")
    assert "Input/output error" in error


def test_progress_is_plain_and_sparse_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = progress_for()
    assert isinstance(progress, PlainProgress)
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with progress.reading(2, 50_000_000):
        for now[0], events in ((1.0, 10), (21.0, 2_000), (70.0, 3_000), (71.0, 4_000)):
            progress.advance(files=1, events=events, rejected=1, bytes_read=42_000_000)
    assert capsys.readouterr().err.splitlines() == [
        "readership load: reading 2 files, 50.0 MB",
        "readership load: 1 of 2 files, 3,000 events, 1 rejected, 0.6 MB/s, 13 s left",
    ]
