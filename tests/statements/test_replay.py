"""Replays of recorded runs, compared with runs of dbt itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from readership.errors import UserError
from readership.statements import runs
from readership.statements.files import Recording, project_checksum, project_files
from readership.statements.recording import (
    AFTER_NODES,
    BEFORE_NODES,
    CannotRecordError,
    RunLog,
    SentStatement,
    Transaction,
    logging_run,
    transactions_of,
)
from readership.statements.runs import Recordings
from readership.statements.state import Node
from tests.support.events import event, heartbeat, without_session
from tests.support.replacements import load_version
from tests.support.warehouses import ROOT, Dbt, DbtFailedError, Warehouse

VIEW = event("ada", "2026-03-02 10:00:00", metadata_title="One")
BEAT = heartbeat("ada", "2026-03-02 10:00:20", 20)
BOB = without_session(event("bob", "2026-03-02 11:00:00"))
CLEO = event("cleo", "2026-03-02 12:00:00", path="/c", pageview_id="p2")
DORA = event("dora", "2026-03-03 12:00:00", path="/c")
# Invocation ids differ between runs.
WITHOUT_RUN_ID = "* exclude (invocation_id)"


def contents(warehouse: Warehouse) -> dict[str, list[tuple]]:
    """Return every row of every relation without invocation ids, and every comment and column."""
    rows = warehouse.ordered(*(name for name in warehouse.names() if name != "processed_loads"))
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        rows["processed_loads"] = connection.execute(
            f"select {WITHOUT_RUN_ID} from processed_loads order by all"
        ).fetchall()
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
def replayed(dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each run since was a replay, without dbt."""
    results: list[bool] = []
    original = Recordings.run

    def run(*arguments: object) -> bool:
        results.append(original(*arguments))
        return results[-1]

    monkeypatch.setattr(Recordings, "run", run)
    return results


@pytest.fixture
def logs(dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> list[RunLog]:
    """The logs of the runs since in which dbt was needed."""
    kept: list[RunLog] = []

    @contextmanager
    def logging(*arguments: object) -> Iterator[RunLog]:
        with logging_run(*arguments) as log:
            yield log
        kept.append(log)

    monkeypatch.setattr(runs, "logging_run", logging)
    return kept


def built_by_dbt(log: RunLog) -> set[str]:
    """Return the names of the nodes that were not replayed."""
    return {node.name for node in log.nodes.keys() - log.replayed}


def interrupted_after(parts: int) -> Callable[..., None]:
    """Return a `replay` that fails once it has replayed this many parts of a run."""
    original, left = runs.replay, [parts]

    def replay(*arguments: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise InterruptedError
        original(*arguments)

    return replay


def test_a_replay_builds_what_dbt_builds_even_after_an_interrupted_replay(
    warehouse: Warehouse, tmp_path: Path, replayed: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Takes over 20 s: each replay is compared with dbt's own run, and dbt runs each step twice."""
    steps: list[tuple[dict, tuple[str, ...], int]] = [
        ({"1.jsonl": [VIEW, BOB]}, (), 40),
        ({"2.jsonl": [BEAT, CLEO]}, (), 60),
        ({"1.jsonl": [VIEW]}, ("--select", "staging", "bookkeeping"), 8),
        ({"3.jsonl": [DORA]}, (), 25),
        ({}, ("--full-refresh",), 50),
    ]
    for number, (files, selection, parts_replayed) in enumerate(steps):
        if files:
            load_version(warehouse, files)
        by_dbt = copy_of(warehouse, tmp_path / f"{number} by dbt", is_by_dbt=True)
        by_dbt.build(*selection)
        # The first run of its kind is recorded here, so that those below are replays.
        copy_of(warehouse, tmp_path / f"{number} recorded", is_by_dbt=False).build(*selection)
        interrupted = copy_of(warehouse, tmp_path / f"{number} interrupted", is_by_dbt=False)
        with monkeypatch.context() as context:
            context.setattr(runs, "replay", interrupted_after(parts_replayed))
            # In a run of dbt, where a node has no recording, dbt tells of it.
            with pytest.raises((InterruptedError, DbtFailedError)):
                interrupted.build(*selection)
        interrupted.build(*selection)
        replayed.clear()
        warehouse.build(*selection)
        assert replayed == [True]
        expected = contents(by_dbt)
        for found in (contents(warehouse), contents(interrupted)):
            assert found.keys() == expected.keys()
            for name, rows in expected.items():
                assert found[name] == rows, name


def test_dbt_runs_where_the_warehouse_differs_from_the_recording(
    warehouse: Warehouse, replayed: list[bool]
) -> None:
    warehouse.load_events([VIEW])
    warehouse.build("--select", "+stg_events")
    warehouse.load_events([BEAT])
    warehouse.build("--select", "+stg_events")
    warehouse.build("--select", "+stg_events")
    warehouse.load_events([BOB])
    warehouse.build("--select", "+stg_events")
    warehouse.execute("drop table base_event_copies")
    replayed.clear()
    warehouse.build("--select", "+stg_events")
    assert replayed == [False]
    assert warehouse.one("select count(*) from stg_events") == 3


def test_statements_of_hooks_are_recorded_for_the_selection_of_the_run(
    warehouse: Warehouse, tmp_path: Path, replayed: list[bool]
) -> None:
    lists = ("sites", "campaign_channels")
    warehouse.init()
    warehouse.build("--select", "processed_loads", *lists)
    warehouse.build("--empty", "--select", *lists)
    for number, selection in enumerate([lists[:1], lists, lists[:1]]):
        built = copy_of(warehouse, tmp_path / str(number), is_by_dbt=False)
        built.build("--select", *selection)
    assert replayed[-3:] == [False, False, True]
    assert built.rows("select model from processed_loads where load_id = '(emptied)'") == [
        ("seed.readership.campaign_channels",)
    ]


def test_a_failed_statement_is_reported_with_its_node_and_rolls_the_node_back() -> None:
    made = Transaction("model.a", ("create table made as select 1 as one",), True, "")
    failing = ("create table gone as select 1 as one", "select no from made")
    with duckdb.connect() as connection:
        recording = Recording("run", (made, Transaction("model.b", failing, True, "")))
        with pytest.raises(UserError, match=r"^a statement of the run failed: model\.b: .*\"no\""):
            runs.replay(connection, recording, "another", {})
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == [
            ("made",)
        ]


def test_dbt_builds_only_the_nodes_without_a_recording(
    warehouse: Warehouse, tmp_path: Path, logs: list[RunLog]
) -> None:
    """The hooks of a run with `events_per_run` may print a message, so dbt runs them each time."""
    limited = {"events_per_run": 1}
    warehouse.load_events([VIEW])
    warehouse.build()
    warehouse.load_events([BEAT])
    warehouse.load_events([CLEO])
    by_dbt = copy_of(warehouse, tmp_path / "by dbt", is_by_dbt=True)
    by_dbt.build(**limited)
    copy_of(warehouse, tmp_path / "recorded", is_by_dbt=False).build(**limited)
    logs.clear()
    warehouse.build(**limited)
    assert [built_by_dbt(log) for log in logs] == [set()]
    assert contents(warehouse) == contents(by_dbt)
    assert warehouse.one("select count(*) from stg_events") == 2


def test_a_recording_serves_runs_with_other_variables_that_its_node_does_not_read(
    warehouse: Warehouse, tmp_path: Path, logs: list[RunLog]
) -> None:
    warehouse.load_events([VIEW])
    warehouse.build()
    copy_of(warehouse, tmp_path / "default", is_by_dbt=False).build()
    changed = {"trending_window_hours": 12}
    by_dbt = copy_of(warehouse, tmp_path / "by dbt", is_by_dbt=True)
    by_dbt.build(**changed)
    logs.clear()
    warehouse.build(**changed)
    (log,) = logs
    rendered = built_by_dbt(log)
    assert "trending_posts" in rendered
    assert "stg_events" not in rendered
    read = {name for name, variables in log.variables.items() if changed.keys() & variables}
    assert rendered <= {part.rpartition(".")[2] for part in read}
    assert contents(warehouse) == contents(by_dbt)


NODES = {Node(name, "main", name, "table", ()): [] for name in ("model.a", "model.b")}


@pytest.mark.parametrize(
    ("log", "left_out"),
    [
        (RunLog(sent=[SentStatement(0, "model.a", "select 1 from raw.events")]), "model.a"),
        (RunLog(sent=[SentStatement(0, AFTER_NODES, "select 1 from raw.files")]), AFTER_NODES),
        (RunLog(refused={"model.b": "a macro printed a message"}), "model.b"),
    ],
)
def test_a_part_whose_statements_can_differ_next_time_is_not_recorded(
    log: RunLog, left_out: str
) -> None:
    log.nodes = NODES
    parts = {BEFORE_NODES, "model.a", "model.b", AFTER_NODES}
    assert transactions_of(log, "main").keys() == parts - {left_out}


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (
            [
                SentStatement(0, "model.a", "begin"),
                SentStatement(0, "model.a", "create table a as select 1"),
                SentStatement(1, "model.b", "create table b as select 1"),
                SentStatement(0, "model.a", "commit"),
            ],
            "two transactions",
        ),
        (
            [
                SentStatement(0, "model.a", "create table a as select 1"),
                SentStatement(0, AFTER_NODES, "create table c as select 1"),
                SentStatement(0, "model.b", "create table b as select 1"),
            ],
            "between two nodes",
        ),
    ],
)
def test_a_run_that_cannot_be_replayed_in_order_is_not_recorded(
    sent: list[SentStatement], message: str
) -> None:
    with pytest.raises(CannotRecordError, match=message):
        transactions_of(RunLog(sent=sent, nodes=NODES), "main")


def test_queries_and_rolled_back_statements_are_left_out() -> None:
    log = RunLog(
        sent=[
            SentStatement(0, "model.a", "begin"),
            SentStatement(0, "model.a", "create table a as select 1"),
            SentStatement(0, "model.a", "rollback"),
            SentStatement(0, "model.a", "BEGIN"),
            SentStatement(0, "model.a", "/* {} */ describe (select 1)"),
            SentStatement(0, "model.a", "create table b as select 1"),
            SentStatement(0, "model.a", "COMMIT"),
            SentStatement(1, "model.a", "select count(*) from main.processed_loads"),
        ],
        nodes=NODES,
    )
    (committed,) = transactions_of(log, "main")["model.a"]
    assert committed.statements == ("create table b as select 1",)


def test_the_checksum_of_the_project_covers_every_file_that_dbt_reads(
    dbt: Dbt, tmp_path: Path
) -> None:
    kinds = ("nodes", "macros", "sources", "exposures", "metrics", "semantic_models", "unit_tests")
    read = {
        part.original_file_path.removeprefix("./")
        for kind in kinds
        for part in getattr(dbt.manifest, kind).values()
        if part.package_name == "readership"
    }
    assert len(read) > 100
    files = {str(file.relative_to(ROOT)) for file in project_files(ROOT) if ROOT in file.parents}
    assert read - files == set()
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: small\n")
    for place in ("models/a.sql", "profiles.yml", "dbt_packages/other/macros/b.sql"):
        (tmp_path / place).parent.mkdir(exist_ok=True, parents=True)
        before = project_checksum(tmp_path)
        (tmp_path / place).write_text(place)
        assert project_checksum(tmp_path) != before
    assert project_checksum(ROOT) == project_checksum(ROOT)


def test_the_checksum_of_the_project_covers_settings_but_not_the_place_of_the_warehouse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = project_checksum(ROOT)
    monkeypatch.setenv("READERSHIP_WAREHOUSE", "another.duckdb")
    assert project_checksum(ROOT) == before
    monkeypatch.setenv("READERSHIP_MEMORY", "3GB")
    assert project_checksum(ROOT) != before
