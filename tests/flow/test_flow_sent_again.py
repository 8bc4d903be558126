"""Runs that are sent again from recordings, held to runs of dbt's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from errors import UserError
from statements import runs
from statements.recording import CannotRecordError, RunLog, SentStatement, transactions_of
from statements.runs import Recordings, project_checksum
from tests.events import event, heartbeat, without_session
from tests.replacements import load_version
from tests.warehouses import ROOT, Dbt, Warehouse

VIEW = event("ada", "2026-03-02 10:00:00", metadata_title="One")
BEAT = heartbeat("ada", "2026-03-02 10:00:20", 20)
BOB = without_session(event("bob", "2026-03-02 11:00:00"))
CLEO = event("cleo", "2026-03-02 12:00:00", path="/c", pageview_id="p2")
DORA = event("dora", "2026-03-03 12:00:00", path="/c")
# Names of runs and times of loads are of the run, and the loader's tables are as they were loaded.
OF_RUNS = "* exclude (invocation_id)"


def contents(warehouse: Warehouse) -> dict[str, list[tuple]]:
    """Every row of every relation but for the names of runs, and every comment and column."""
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        rows = {
            name: connection.execute(
                f"select {OF_RUNS if name == 'processed_loads' else '*'} from {name} order by all"
            ).fetchall()
            for name in warehouse.names()
        }
        rows["(relations)"] = connection.execute(
            "select table_name, sql, comment from duckdb_tables() where schema_name = 'main' "
            "union all select view_name, sql, comment from duckdb_views() "
            "where schema_name = 'main' order by all"
        ).fetchall()
        rows["(columns)"] = connection.execute(
            "select table_name, column_name, data_type, comment from duckdb_columns() "
            "where schema_name = 'main' order by all"
        ).fetchall()
    return rows


def copy_of(warehouse: Warehouse, folder: Path, *, is_by_dbt: bool) -> Warehouse:
    folder.mkdir()
    copied = Warehouse(folder, warehouse.dbt, is_by_dbt)
    copied.path.write_bytes(warehouse.path.read_bytes())
    return copied


@pytest.fixture
def spared(dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether dbt was spared, for each run since."""
    seen: list[bool] = []
    plain = Recordings.run

    def run(*arguments: object) -> bool:
        seen.append(plain(*arguments))
        return seen[-1]

    monkeypatch.setattr(Recordings, "run", run)
    return seen


def breaking_off(after: int) -> Callable[..., None]:
    """A `send` that dies when so many parts of a run have been sent."""
    plain, left = runs.send, [after]

    def send(*arguments: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise InterruptedError
        plain(*arguments)

    return send


def test_every_relation_is_as_dbt_makes_it_after_a_run_that_was_cut_short_too(
    warehouse: Warehouse, tmp_path: Path, spared: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over 20 s: it is dbt's own runs, each of them twice, that the others are held to."""
    steps: list[tuple[dict, tuple[str, ...], int]] = [
        ({"1.jsonl": [VIEW, BOB]}, (), 40),
        ({"2.jsonl": [BEAT, CLEO]}, (), 60),
        ({"1.jsonl": [VIEW]}, ("--select", "staging"), 8),
        ({"3.jsonl": [DORA]}, (), 25),
        ({}, ("--full-refresh",), 50),
    ]
    for number, (files, selection, parts_sent) in enumerate(steps):
        if files:
            load_version(warehouse, files)
        by_dbt = copy_of(warehouse, tmp_path / f"{number} by dbt", is_by_dbt=True)
        by_dbt.build(*selection)
        # It may be the first of its kind, and so recorded.
        copy_of(warehouse, tmp_path / f"{number} recorded", is_by_dbt=False).build(*selection)
        cut_short = copy_of(warehouse, tmp_path / f"{number} cut short", is_by_dbt=False)
        with monkeypatch.context() as context:
            context.setattr(runs, "send", breaking_off(parts_sent))
            with pytest.raises(InterruptedError):
                cut_short.build(*selection)
        cut_short.build(*selection)
        spared.clear()
        warehouse.build(*selection)
        assert spared == [True]
        expected = contents(by_dbt)
        for found in (contents(warehouse), contents(cut_short)):
            assert found.keys() == expected.keys()
            for name, rows in expected.items():
                assert found[name] == rows, name


def test_a_warehouse_in_another_situation_is_left_to_dbt(
    warehouse: Warehouse, spared: list[bool]
) -> None:
    warehouse.load_events([VIEW])
    warehouse.build("--select", "+stg_events")
    warehouse.load_events([BEAT])
    warehouse.build("--select", "+stg_events")
    warehouse.build("--select", "+stg_events")
    warehouse.load_events([BOB])
    warehouse.build("--select", "+stg_events")
    warehouse.execute("drop table base_event_copies")
    spared.clear()
    warehouse.build("--select", "+stg_events")
    assert spared == [False]
    assert warehouse.one("select count(*) from stg_events") == 3


def test_what_hooks_send_is_of_the_run_and_what_it_selects(
    warehouse: Warehouse, tmp_path: Path, spared: list[bool]
) -> None:
    lists = ("sites", "campaign_channels")
    warehouse.init()
    warehouse.build("--select", "processed_loads", *lists)
    warehouse.build("--empty", "--select", *lists)
    for number, selection in enumerate([lists[:1], lists, lists[:1]]):
        built = copy_of(warehouse, tmp_path / str(number), is_by_dbt=False)
        built.build("--select", *selection)
    assert spared[-3:] == [False, False, True]
    assert built.rows("select model from processed_loads where load_id = '(emptied)'") == [
        ("seed.readership.campaign_channels",)
    ]


def test_a_statement_that_fails_is_told_of_with_its_node_of_which_nothing_is_kept() -> None:
    made = runs.Transaction("model.a", ("create table made as select 1 as one",), True, "")
    failing = ("create table gone as select 1 as one", "select no from made")
    with duckdb.connect() as connection:
        recording = runs.Recording("run", (made, runs.Transaction("model.b", failing, True, "")))
        with pytest.raises(UserError, match=r"^a statement of the run failed: model\.b: .*\"no\""):
            runs.send(connection, recording, "another", {})
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == [
            ("made",)
        ]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            RunLog(sent=[SentStatement(0, "model.a", "select count(*) from raw.events")]),
            "model.a asks",
        ),
        (RunLog(has_printed=True), "told something"),
        (RunLog(has_bindings=True), "values apart"),
        (
            RunLog(
                sent=[
                    SentStatement(0, "model.a", "begin"),
                    SentStatement(0, "model.a", "create table a as select 1"),
                    SentStatement(1, "model.b", "create table b as select 1"),
                    SentStatement(0, "model.a", "commit"),
                ]
            ),
            "two transactions",
        ),
    ],
)
def test_a_run_whose_statements_may_be_others_next_time_is_not_recorded(
    log: RunLog, said: str
) -> None:
    with pytest.raises(CannotRecordError, match=said):
        transactions_of(log, "main")


def test_what_is_rolled_back_or_only_asks_is_left_out() -> None:
    log = RunLog(
        sent=[
            SentStatement(0, "model.a", "begin"),
            SentStatement(0, "model.a", "create table a as select 1"),
            SentStatement(0, "model.a", "rollback"),
            SentStatement(0, "model.a", "BEGIN"),
            SentStatement(0, "model.a", "/* {} */ describe (select 1)"),
            SentStatement(0, "model.a", "create table b as select 1"),
            SentStatement(0, "model.a", "COMMIT"),
            SentStatement(1, "", "select count(*) from main.processed_loads"),
        ]
    )
    assert [each.statements for each in transactions_of(log, "main")] == [
        ("create table b as select 1",)
    ]


def test_recordings_are_of_every_file_that_dbt_reads(dbt: Dbt, tmp_path: Path) -> None:
    kinds = ("nodes", "macros", "sources", "exposures", "metrics", "semantic_models", "unit_tests")
    read = {
        part.original_file_path.removeprefix("./")
        for kind in kinds
        for part in getattr(dbt.manifest, kind).values()
        if part.package_name == "readership"
    }
    assert len(read) > 100
    assert {path for path in read if not path.startswith(runs.PROJECT_FILES)} == set()
    for place in ("dbt_project.yml", "models/a.sql"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        before = project_checksum(tmp_path)
        (tmp_path / place).write_text(json.dumps(place))
        assert project_checksum(tmp_path) != before
    assert project_checksum(ROOT) == project_checksum(ROOT)
