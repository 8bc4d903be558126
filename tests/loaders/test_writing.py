"""Destinations of dlt's other than the DuckDB file: which will do, and that they hold the same."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from loaders import pipeline
from loaders.__main__ import main
from loaders.discovering import LoadRequest
from loaders.pipeline import Progress
from loaders.tables import TABLES
from loaders.writing import NamedDestination, target_for
from tests.support.loading import Load, Query, Write

EVENT = {"event_id": "0x1", "url": "https://a.com/", "slot_x": 1}


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NamedDestination:
    """Give a DuckDB file that dlt takes to as to any other database: with Parquet files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DESTINATION__OTHER__DESTINATION_TYPE", "duckdb")
    monkeypatch.setenv("DESTINATION__OTHER__CREDENTIALS", str(tmp_path / "other.duckdb"))
    return NamedDestination("other")


@pytest.mark.slow
def test_any_database_of_dlts_takes_the_rows_that_the_duckdb_file_takes(
    write: Write, load: Load, query: Query, other: NamedDestination, tmp_path: Path
) -> None:
    def load_other(path: Path) -> pipeline.LoadSummary:
        return pipeline.load(LoadRequest((str(path),)), other, Progress())

    lines = (EVENT, '{"extra_data": {"a": 1e999999, "b":  1.50, "b": 2}}', "bad", b"\xff\n")
    path = write("a.jsonl", *lines)
    for to in (load, load_other):
        assert to(path).events == 2
        assert to(path).skipped == 1
    write("a.jsonl", *lines, EVENT)
    for to in (load, load_other):
        summary = to(path)
        assert (summary.events, summary.replaced) == (3, 1)
    for table in TABLES:
        left_out = "_dlt_load_id, replaced_by" if table == "files" else "_dlt_load_id"
        sql = f"select * exclude ({left_out}) from raw.{table} order by all"
        with duckdb.connect(str(tmp_path / "other.duckdb"), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            assert connection.execute(sql).fetchall() == query(sql)


def test_a_destination_exists_once_something_was_loaded_into_it(
    write: Write, other: NamedDestination, tmp_path: Path
) -> None:
    assert not other.exists()
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        connection.execute("create schema if not exists raw")
    assert not other.exists()
    request = LoadRequest((str(write("a.jsonl", EVENT)),))
    assert pipeline.plan(request, other).skipped == 0
    pipeline.load(request, other, Progress())
    assert other.exists()
    assert pipeline.plan(request, other).skipped == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere", "dlt has no such destination: nowhere: name one, such as duckdb or postgres"),
        ("filesystem", "not a warehouse for this: it is no database: filesystem: choose a "),
        ("dummy", "not a warehouse for this: it is no database: dummy: choose a "),
        ("databricks", "not a warehouse for this: it has no transactions: databricks: choose a "),
        ("snowflake", "cannot use the destination: snowflake: pip install 'dlt[snowflake]' ("),
        ("motherduck", "no credentials, or not of the right form: motherduck: set DESTINATION__"),
    ],
)
def test_an_unsuitable_destination_is_one_line(
    name: str,
    says: str,
    write: Write,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    path = write("a.jsonl", EVENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DESTINATION__FILESYSTEM__BUCKET_URL", str(tmp_path / "bucket"))
    for command in (["init"], ["load", str(path)], ["load", "--dry-run", str(path)]):
        assert main([*command, "--target", name]) == 1
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert err.startswith(f"readership {command[0]}: {says}")


def test_the_warehouse_file_is_the_target_called_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    assert target_for("duckdb", path).place == str(path)
    assert target_for("postgres", path).place == "postgres"


def test_help_says_where_credentials_come_from(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("load", "init"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        said = capsys.readouterr().out
        assert "--target NAME" in said
        assert "DESTINATION__POSTGRES__CREDENTIALS=postgresql://" in said
