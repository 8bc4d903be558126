"""Loading into Postgres: the same rows as in DuckDB, each once, whatever happens on the way."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from dlt.destinations._adbc_jobs import AdbcParquetCopyJob

from loaders import pipeline
from loaders.__main__ import main
from loaders.discovering import EventFile, LoadRequest
from loaders.pipeline import Progress
from loaders.reading import FileReader, blocks, workers
from loaders.reading.gate import Rejection, Row, judge
from loaders.reading.lines import MAX_LINE_BYTES
from loaders.reasons import WRONG_TYPE
from loaders.tables import LOAD_ID, TABLES
from loaders.writing import DuckDbFile, Ledger, NamedDestination, packages
from readership.errors import UserError
from simulator.command_line import main as simulate
from tests.support.kinesis_server import KinesisServer
from tests.support.loading import Load, Write
from tests.support.postgres_server import PostgresServer

ROOT = Path(__file__).parents[2]
CREDENTIALS = "DESTINATION__POSTGRES__CREDENTIALS"
EVENT = {"event_id": "0x1", "user_agent": "agent", "url": "https://a.com/"}
FINISHED = f"{LOAD_ID} in (select load_id from raw._dlt_loads where status = 0)"

Ask = Callable[[str], list[tuple[Any, ...]]]

_IN_DUCKDB = {"json": "{}::varchar", "timestamp": "epoch_us({})"}
_IN_POSTGRES = {"json": "{}::text", "timestamp": "(extract(epoch from {}) * 1000000)::bigint"}


@pytest.fixture(autouse=True)
def workplace(
    postgres: PostgresServer,
    postgres_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """Name the database to dlt, and let it work in a folder of the test's own."""
    monkeypatch.setenv(CREDENTIALS, postgres.url(postgres_database))
    monkeypatch.chdir(tmp_path)
    yield
    # What dlt worked with is gone after every load, also after those that broke off.
    left = {path.name for path in tmp_path.glob("data/.dlt/*")}
    assert left <= {"postgres.lock"}


@pytest.fixture
def ask(postgres: PostgresServer, postgres_database: str) -> Ask:
    """Give a function that asks the database, in a connection of its own."""
    return lambda sql: postgres.rows(sql, database=postgres_database)


@pytest.fixture
def load_postgres() -> Load:
    """Give a function that loads paths into the database."""

    def load_paths(*paths: Path | str) -> pipeline.LoadSummary:
        target = NamedDestination("postgres")
        return pipeline.load(LoadRequest(tuple(map(str, paths))), target, Progress())

    return load_paths


def select(table: str, spellings: dict[str, str]) -> str:
    columns = (
        spellings.get(kind, "{}").format(f'"{name}"') for name, kind in TABLES[table].items()
    )
    return f"select {', '.join(columns)} from raw.{table}"


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    plain = (tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows)
    return sorted(plain, key=repr)


def contents(ask: Ask) -> dict[str, list[tuple[Any, ...]]]:
    """Every raw row but for the names of loads, and how the loads stand."""
    found = {table: in_order(ask(select(table, _IN_POSTGRES))) for table in TABLES}
    at = list(TABLES["files"]).index("replaced_by")
    found["files"] = [(*row[:at], row[at] is not None) for row in found["files"]]
    found["loads"] = ask("select distinct status from raw._dlt_loads")
    return found


def error_of(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that a command ends with when it cannot do its work."""
    assert main([str(argument) for argument in arguments]) == 1
    out, err = capsys.readouterr()
    said = [
        line
        for line in err.splitlines()
        if not re.match(r"readership load: (reading|writing)", line)
    ]
    assert (out, len(said)) == ("", 1)
    return said[0]


def test_postgres_and_duckdb_hold_the_same_rows(
    warehouse: Path, ask: Ask, tmp_path: Path, write: Write
) -> None:
    simulate(["--events", "3000", "--days", "2", "--mess", "--out", str(tmp_path / "made-up")])
    write("awkward.jsonl", *awkward_lines())
    request = LoadRequest((str(tmp_path / "made-up"), str(tmp_path / "events")))
    # One reader, because of two that meet a new field either may report it.
    duck, other = (
        pipeline.load(request, target, Progress(), workers=0)
        for target in (DuckDbFile(warehouse), NamedDestination("postgres"))
    )
    assert (duck.files, duck.rejected, duck.troubles) == (
        other.files,
        other.rejected,
        other.troubles,
    )
    assert duck.files["loaded"] > 1
    for table in TABLES:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            expected = connection.execute(select(table, _IN_DUCKDB)).fetchall()
        assert len(expected) > 0, table
        assert in_order(ask(select(table, _IN_POSTGRES))) == in_order(expected), table
        assert ask(f"select count(*) from raw.{table} where not {FINISHED}") == [(0,)]


def awkward_lines() -> list[Any]:
    deep = "[" * 900 + "]" * 900
    return [
        # Numbers as text, texts as numbers, numbers that are none.
        {"event_id": "0x2", "session_id": "1_471_428_000_000", "ip_lat": "1.5e1", "ip_lon": "NaN"},
        '{"event_id": "0x3", "ip_lat": NaN, "ip_lon": -0.0, "session_id": 9223372036854775807}',
        {"event_id": 17, "pageview_id": 12345678901234567890, "metadata_post_id": -0},
        # Fields that nobody has listed, and texts of every kind.
        {"event_id": "0x4", "slot_x": {"b": [1, 2.50], "a": None}, "näme": "ü", "": 0, "q'": '"'},
        {
            "event_id": "0x5",
            "metadata_title": "Jürgen 👩‍👩‍👧 «été» \u2028\t\\ \r\n end",
            "url": "\ufeff",
        },
        '{"event_id": "0x6", "metadata_title": "\\ud83d\\udc4d", "extra_data": "\\\\u0000"}',
        {"event_id": "0x7", "user_agent": "\\N", "url": "", "referrer": "\\.", "action": '"'},
        {"event_id": "0x8", "metadata_title": "x" * 1_000_000, "extra_data": ["y" * 1_000_000]},
        # JSON that another would write otherwise.
        '{"event_id": "0x9", "extra_data": {"a": 1e999999, "b": 1.50, "b": 2, "c": 1'
        + "0" * 40
        + "}}",
        '{"event_id": "0xa", "extra_data": {"a":  1e999999, "b":\t1.50 , "b": 2}, "new": 1E400}',
        '{"event_id": "0xb", "extra_data": "\\ud83d\\udc4d \\u00e9", "metadata_tags": "one"}',
        f'{{"event_id": "0xc", "extra_data": {deep}, "deeper": {deep}}}',
        # Lines that are refused.
        '{"event_id": "0xd", "extra_data": "\\ud83d"}',
        '{"event_id": "0xe", "metadata_title": "a\\u0000b"}',
        '{"event_id": "0xf", "extra_data": {"a": "\\u0000"}}',
        '{"event_id": "0x10", "session_id": 1e999999}',
        '{"event_id": "0x11", "session_id": 9223372036854775808}',
        b'{"event_id": "\xff\xfe\x00"}\n',
        b"\x00\x01\x80\xff\\x00\n",
        b"\xef\xbb\xbf{}\n",
        "null",
        "",
        '{"a":' * 3,
        "z" * (MAX_LINE_BYTES + 7),
    ]


def test_json_is_kept_as_the_text_that_was_sent(
    write: Write, load_postgres: Load, ask: Ask
) -> None:
    sent = '{"a": 1e999999, "b":  1.50, "b": 2}'
    load_postgres(write("a.jsonl", f'{{"extra_data": {sent}}}'))
    assert ask("select pg_typeof(extra_data)::text, extra_data::text from raw.events") == [
        ("json", sent)
    ]


def test_a_file_that_was_loaded_is_skipped_also_from_another_machine(
    write: Write, load_postgres: Load, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write("a.jsonl", EVENT, "bad")
    assert load_postgres(path).events == 1
    before = contents(ask)
    monkeypatch.chdir(new_folder(tmp_path))
    summary = load_postgres(path)
    assert (summary.files, summary.skipped, summary.events) == ({}, 1, 0)
    assert contents(ask) == before


def new_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def test_a_changed_file_takes_the_place_of_its_old_rows_in_one_commit(
    write: Write, load_postgres: Load, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    visible = f"select event_id from raw.events where {FINISHED} order by event_id"
    old = [("0x1",), ("0x2",)]
    path = write("a.jsonl", EVENT, {**EVENT, "event_id": "0x2"})
    load_postgres(path)
    forget_begun = Ledger.forget_begun
    looked = []

    def look(ledger: Ledger, load_id: str) -> None:
        # All that the commit does has been done, and others see nothing of it.
        assert ask(visible) == old
        assert ask("select count(*) from raw.events") == [(3,)]
        assert ask("select count(*) from raw.files where replaced_by is not null") == [(0,)]
        looked.append(load_id)
        forget_begun(ledger, load_id)

    monkeypatch.setattr(Ledger, "forget_begun", look)
    write("a.jsonl", {**EVENT, "event_id": "0x3"})
    summary = load_postgres(path)
    assert (summary.replaced, len(looked)) == (1, 1)
    assert ask(visible) == ask("select event_id from raw.events") == [("0x3",)]
    assert ask("select replaced_by from raw.files order by 1") == [(looked[0],), (None,)]
    # One transaction has put the old account out of force and the new load into it.
    assert len(ask(
        f"select xmin::text from raw.files where replaced_by = '{looked[0]}' union "
        f"select xmin::text from raw._dlt_loads where load_id = '{looked[0]}' and status = 0"
    )) == 1  # fmt: skip


def test_a_load_that_breaks_while_it_reads_leaves_nothing(
    write: Write,
    load_postgres: Load,
    ask: Ask,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = write("a.jsonl", EVENT).parent
    load_postgres(folder)
    before = contents(ask)
    write("b.jsonl", EVENT, "bad", EVENT)

    def break_off(files: list[EventFile], reader: FileReader) -> Iterator[Any]:
        yield from read_here(files, reader)
        raise ValueError("of no use")

    read_here = workers._read_here
    with monkeypatch.context() as patch:
        patch.setattr(workers, "_read_here", break_off)
        error = error_of(capsys, "load", folder, "--target", "postgres")
    assert error.startswith("readership load: the load failed: postgres: ")
    assert error.endswith(": of no use")
    assert contents(ask) == before
    assert load_postgres(folder).events == 2
    assert load_postgres(folder).events == 0


KILL_POINTS = {
    "reading": "before:loaders.file_rows:arrow_table",
    "begun": "after:loaders.writing.ledger:Ledger.begin",
    "sent, not committed": "before:adbc_driver_manager.dbapi:Connection.commit",
    "some committed": "after:adbc_driver_manager.dbapi:Connection.commit",
    "all but the last commit": "before:dlt.destinations.impl.postgres.sql_client:"
    "Psycopg2SqlClient.commit_transaction",
    "finished": "after:loaders.writing.destination:OneCommit.complete_load",
}


@pytest.mark.parametrize("point", KILL_POINTS)
def test_a_killed_load_is_completed_by_the_next_one_wherever_that_runs(
    point: str,
    write: Write,
    load_postgres: Load,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = write("a.jsonl", EVENT).parent
    load_postgres(folder)
    write("a.jsonl", {**EVENT, "event_id": "0x2"}, "bad")
    write("b.jsonl", {**EVENT, "url": "https://b.com/", "slot_x": 1})
    there = new_folder(tmp_path)
    done = subprocess.run(
        [
            *(sys.executable, ROOT / "tests/support/kill_at_point.py", KILL_POINTS[point]),
            *("load", folder, "--target", "postgres"),
        ],
        cwd=there,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    visible = ask(f"select event_id from raw.events where {FINISHED} order by 1")
    assert visible == ([("0x1",), ("0x2",)] if point == "finished" else [("0x1",)])
    summary = load_postgres(folder)
    assert summary.taken_back == (0 if point in ("reading", "finished") else 1)
    assert summary.events == (0 if point == "finished" else 2)
    assert ask("select event_id from raw.events order by 1") == [("0x1",), ("0x2",)]
    assert ask("select reason from raw.rejected_lines") == [("broken_json",)]
    assert ask("select host from raw.hosts order by 1") == [("a.com",), ("b.com",)]
    assert ask("select user_agent from raw.user_agents") == [("agent",)]
    assert ask("select field from raw.unknown_fields") == [("slot_x",)]
    assert ask("select status, count(*) from raw._dlt_loads group by 1") == [(0, 2)]
    after = contents(ask)
    assert load_postgres(folder).events == 0
    assert contents(ask) == after


@pytest.mark.parametrize("same_machine", [True, False])
def test_a_second_load_at_the_same_time_ends_with_one_line(
    same_machine: bool,
    write: Write,
    load_postgres: Load,
    ask: Ask,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = write("a.jsonl", EVENT).parent
    errors = []

    def meanwhile(files: list[EventFile], reader: FileReader) -> Iterator[Any]:
        with monkeypatch.context() as patch:
            if not same_machine:
                patch.chdir(new_folder(tmp_path))
            errors.append(error_of(capsys, "load", folder, "--target", "postgres"))
        yield from read_here(files, reader)

    read_here = workers._read_here
    monkeypatch.setattr(workers, "_read_here", meanwhile)
    assert load_postgres(folder).events == 1
    assert errors == [
        "readership load: another load is running into the warehouse: postgres: "
        "wait for it to end and run again"
    ]
    assert ask("select count(*) from raw.events") == [(1,)]


def test_a_load_that_another_one_took_back_says_so_and_keeps_nothing(
    write: Write, load_postgres: Load, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is lost with its connection; then the notes in `_dlt_loads` decide."""
    path = write("a.jsonl", EVENT)
    claim = Ledger.claim

    def lose_the_lock(ledger: Ledger, load_id: str) -> None:
        monkeypatch.setattr(Ledger, "claim", claim)
        ask(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' "
            "and database = (select oid from pg_database where datname = current_database())"
        )
        with monkeypatch.context() as patch:
            patch.chdir(new_folder(path.parent))
            assert load_postgres(path).taken_back == 1
        claim(ledger, load_id)

    monkeypatch.setattr(Ledger, "claim", lose_the_lock)
    with pytest.raises(UserError, match="another load has taken back what this one had brought"):
        load_postgres(path)
    assert ask("select count(*), count(distinct _dlt_load_id) from raw.events") == [(1, 1)]
    assert ask(f"select count(*) from raw.events where {FINISHED}") == [(1,)]
    assert load_postgres(path).skipped == 1


def test_connections_lost_while_rows_are_sent_are_made_again(
    write: Write, load_postgres: Load, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = AdbcParquetCopyJob.run
    lost = []

    def lose(job: AdbcParquetCopyJob) -> None:
        if not lost:
            lost.append(ask(END_ALL))
        run(job)

    monkeypatch.setattr(AdbcParquetCopyJob, "run", lose)
    assert load_postgres(write("a.jsonl", EVENT)).events == 1
    assert lost
    assert ask(f"select count(*) from raw.events where {FINISHED}") == [(1,)]
    assert ask("select count(*) from raw.hosts") == [(1,)]


# Ends every other connection to the database.
END_ALL = (
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid()"
)


def test_a_connection_lost_in_the_last_commit_is_one_line_and_the_next_load_completes_it(
    write: Write,
    load_postgres: Load,
    ask: Ask,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write("a.jsonl", EVENT)
    forget_begun = Ledger.forget_begun

    def lose(ledger: Ledger, load_id: str) -> None:
        ask(END_ALL)
        forget_begun(ledger, load_id)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "forget_begun", lose)
        error = error_of(capsys, "load", path, "--target", "postgres")
    assert error.startswith(
        "readership load: the load failed: postgres: put this right and run again, "
    )
    assert "terminating connection" in error or "server closed the connection" in error
    assert ask("select count(*) from raw.events") == [(0,)]
    assert load_postgres(path).events == 1
    assert ask(f"select count(*) from raw.events where {FINISHED}") == [(1,)]


def test_rows_that_were_sent_twice_do_not_stay(
    write: Write,
    load_postgres: Load,
    ask: Ask,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The connection may be lost after a commit and before it is known here."""
    path = write("a.jsonl", EVENT)
    run = AdbcParquetCopyJob.run

    def forget(job: AdbcParquetCopyJob) -> None:
        run(job)
        monkeypatch.setattr(AdbcParquetCopyJob, "run", run)
        raise OSError("connection lost")

    monkeypatch.setattr(AdbcParquetCopyJob, "run", forget)
    error = error_of(capsys, "load", path, "--target", "postgres")
    assert "1 rows were sent and 2 have arrived: raw." in error
    assert ask("select count(*) from raw.events") == [(0,)]
    assert load_postgres(path).events == 1
    assert ask("select count(*) from raw.user_agents") == [(1,)]


def test_a_refused_login_is_one_line_without_the_password(
    write: Write,
    postgres: PostgresServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write("a.jsonl", EVENT)
    url = postgres.url()
    for credentials, what in {
        postgres.url(password="wr0ng-secret"): "password authentication failed",
        postgres.url("nowhere"): 'database "nowhere" does not exist',
        url.replace(str(postgres.port), "1"): "Connection refused",
        url.replace("127.0.0.1", "no-host.invalid"): "could not translate host name",
        url.replace("postgresql:", "mysql:"): "invalid dsn",
        url.replace("://", "//"): "no credentials, or not of the right form: postgres: set",
    }.items():
        monkeypatch.setenv(CREDENTIALS, credentials)
        error = error_of(capsys, "load", path, "--target", "postgres")
        assert what in error
        assert CREDENTIALS in error
        for secret in ("wr0ng", postgres.password, postgres.password.partition("/")[2]):
            assert secret not in error
    monkeypatch.delenv(CREDENTIALS)
    error = error_of(capsys, "init", "--target", "postgres")
    assert error == (
        "readership init: no credentials, or not of the right form: postgres: set "
        f"{CREDENTIALS} in the environment to a URL with user, password, host and database"
    )


@pytest.mark.parametrize("package", ["psycopg2", "adbc_driver_manager"])
def test_a_missing_package_is_named(
    package: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.startswith("dlt.destinations.impl.postg")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    error = error_of(capsys, "init", "--target", "postgres")
    assert error.startswith(
        "readership init: cannot use the destination: postgres: "
        "pip install --no-deps -r requirements-postgres.lock ("
    )


def test_a_database_without_write_permission_is_one_line(
    postgres: PostgresServer,
    postgres_database: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    postgres.rows("create role guest login password 'guest-secret'")
    try:
        guest = replace(postgres, user="guest", password="guest-secret")
        monkeypatch.setenv(CREDENTIALS, guest.url(postgres_database))
        error = error_of(capsys, "init", "--target", "postgres")
    finally:
        postgres.rows("drop role guest")
    assert error.startswith(
        "readership init: the load failed: postgres: put this right and run again"
    )
    assert "permission denied for database" in error


def test_status_and_rejected_lines_are_those_of_duckdb_also_after_a_replay(
    write: Write,
    warehouse: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd = {**EVENT, "event_id": "0x2", "version": "7", "apikey": "ä.com"}
    lines = (EVENT, odd, b'{"apikey": "b.com"\xff\n', "bad", {**odd, "event_id": "0x3"})
    folder = write("a.jsonl", *lines).parent
    write("b.jsonl.gz", "", "[]", odd)

    def old_gate(line: Any, *, cut: bool = False) -> Row | Rejection | None:  # noqa: ANN401
        is_odd = isinstance(line, bytes) and b'"7"' in line
        return Rejection(WRONG_TYPE, "version: no number") if is_odd else judge(line, cut=cut)

    def output_of(*arguments: object) -> list[str]:
        """What a command says in JSON of each of the two, without names and times of loads."""
        said = []
        for options in (("--warehouse", warehouse), ("--target", "postgres")):
            assert main([*map(str, arguments), "--format", "json", *map(str, options)]) == 0
            timeless = re.sub(
                r'"(load_id|now|warehouse|loaded_at|finished_at|lag_seconds)": [^,}]+', "",
                capsys.readouterr().out,
            )  # fmt: skip
            said.append(timeless)
        assert said[0] == said[1]
        return said[0].splitlines()

    with monkeypatch.context() as patch:
        patch.setattr(blocks, "judge", old_gate)
        for options in (("--warehouse", warehouse), ("--target", "postgres")):
            assert main(["load", str(folder), "--workers", "0", *map(str, options)]) == 0
    capsys.readouterr()
    assert len(output_of("rejected")) == 6
    assert len(output_of("rejected", "--reason", "wrong_type", "--file", folder / "a.jsonl")) == 2
    output_of("status")
    assert '  "replayed": 3,' in output_of("rejected", "--replay")
    assert len(output_of("rejected")) == 3
    output_of("status")


def test_rows_are_sent_in_batches_of_which_a_connection_holds_one(
    write: Write, load_postgres: Load, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "_LOT_ROWS", 3)
    run = AdbcParquetCopyJob.run
    lots = []

    def look(job: AdbcParquetCopyJob) -> None:
        assert job._ingest_per_rowgroup
        if job.job_file_info().table_name == "events":
            stored = pq.ParquetFile(job._file_path).metadata
            lots.extend(stored.row_group(at).num_rows for at in range(stored.num_row_groups))
        run(job)

    monkeypatch.setattr(AdbcParquetCopyJob, "run", look)
    for name in "abcdefg":
        path = write(f"{name}.jsonl", EVENT, "bad", EVENT)
    assert load_postgres(path.parent).events == 14
    assert lots == [4, 4, 4, 2]
    monkeypatch.setattr(packages, "_LOT_BYTES", 1)
    lots.clear()
    write("h.jsonl", EVENT)
    write("i.jsonl", EVENT)
    load_postgres(path.parent)
    assert lots == [1, 1]
    assert ask("select count(*), count(distinct _file) from raw.events") == [(16, 9)]
    assert ask("select count(*), count(distinct _file) from raw.rejected_lines") == [(7, 7)]


def test_the_environment_may_name_the_target(
    write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READERSHIP_TARGET", "postgres")
    assert main(["init"]) == 0
    assert capsys.readouterr().out == "postgres is ready\n"
    assert main(["load", str(write("a.jsonl", EVENT))]) == 0
    assert "warehouse  postgres\n" in capsys.readouterr().out


def test_a_stream_goes_on_where_the_last_load_ended(
    kinesis: KinesisServer, load_postgres: Load, ask: Ask
) -> None:
    stream, shard = "kinesis://events", "shardId-000000000000"
    kinesis.put(*({"event_id": f"0x{at}"} for at in range(20)), b"bad")
    assert load_postgres(stream).events == 20
    child = kinesis.add_shard(shard)
    kinesis.put(*({"event_id": f"0x{at}"} for at in range(20, 30)), shard=child)
    assert load_postgres(stream).events == 10
    assert load_postgres(stream).events == 0
    first, last = kinesis.shards[child].records[0][0], kinesis.shards[child].records[-1][0]
    assert ask("select file, version, lines from raw.files order by lines desc, file")[1:] == [
        (f"{stream}/{child}/{first}", str(last), 10),
        (stream, "from trim-horizon", 0),
        (f"{stream}/{shard}", "closed", 0),
    ]
    numbers = ask("select event_id from raw.events order by _file, _line")
    assert [number for (number,) in numbers] == [f"0x{at}" for at in range(30)]
    assert ask(f"select count(*) from raw.rejected_lines where {FINISHED}") == [(1,)]
