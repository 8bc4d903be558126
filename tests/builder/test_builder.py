"""`readership build`: its output, its exit codes and how it reports failures."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from readership.builder import Built
from readership.builder.checking import check_lists
from readership.builder.command_line import main
from readership.builder.progress import LiveProgress, Progress, progress_for
from readership.errors import UserError
from tests.support.events import event
from tests.support.warehouses import ROOT, Warehouse

RULE = "law_1_every_line_is_accounted_for"
Build = Callable[..., tuple[int, str, str]]


@pytest.fixture
def build(
    warehouse: Warehouse,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Build]:
    """Run the command on the warehouse; returns exit code, standard output and standard error."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("READERSHIP_WAREHOUSE", str(warehouse.path))
    # All tests share one folder, so that the project is parsed once.
    folder = tmp_path_factory.getbasetemp() / "builder"
    monkeypatch.setenv("DBT_TARGET_PATH", str(folder))
    monkeypatch.setenv("DBT_LOG_PATH", str(folder))

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(arguments))
        # dbt keeps the file open for the life of the process.
        DuckDBConnectionManager.close_all_connections()
        return code, *capsys.readouterr()

    yield run
    DuckDBConnectionManager.close_all_connections()


@pytest.fixture
def loaded(warehouse: Warehouse) -> Warehouse:
    """A warehouse with the tables that the rule reads."""
    warehouse.load_events([event("ann", "2026-03-02 10:00:00")])
    warehouse.build("--select", "+stg_loads")
    return warehouse


def test_the_result_is_summarized_in_one_line(loaded: Warehouse, build: Build) -> None:
    del loaded
    code, out, err = build("--select", RULE, "--select", "sites")
    assert code == 0
    assert re.fullmatch(r"built and passed: 1 list, [1-9]\d* data tests; \d+ s\n", out)
    assert err.splitlines() == [
        "readership build: reading the project",
        "readership build: building and testing",
    ]


def test_a_build_says_where_the_events_of_new_loads_went(
    warehouse: Warehouse, build: Build
) -> None:
    models = ("--select", "+ops_loads")
    kept = event("ada", "2026-03-02 10:00:00")
    lost = [event("bob", f"2026-03-02 10:00:0{number}", url="no address") for number in range(3)]
    lost.append(event("", "2026-03-02 10:00:00", url="no address"))
    warehouse.load_events([kept, kept, *lost])
    assert build(*models)[2].splitlines()[-2:] == [
        "new events: 1 staged, 1 repeated, 4 refused (unparsable_url 4, missing_visitor_id 1)",
        "more than 2% of the new events were refused: ops_rejections names the rules, with samples",
    ]
    warehouse.load_events([event("bob", "2026-03-02 11:00:00", url="no address")])
    assert build(*models)[2].splitlines()[-2:] == [
        "new events: 0 staged, 0 repeated, 1 refused (unparsable_url 1)",
        "all of the new events were refused: ops_rejections names the rules, with samples",
    ]
    # Nothing is new, and of good events there is nothing to warn of.
    assert "new events" not in build(*models)[2]
    warehouse.load_events([event("bob", "2026-03-02 12:00:00")])
    assert build(*models)[2].splitlines()[-1] == "new events: 1 staged, 0 repeated, 0 refused"


def test_a_failure_to_write_the_answers_fails_the_command(
    loaded: Warehouse, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    del loaded
    # Pretends that the build succeeded: the views that the answers read do not exist.
    monkeypatch.setattr("readership.builder.building.Dbt.build", lambda *_: Built())
    code, out, err = build()
    assert (code, out) == (1, "")
    assert "Encountered an error while running operation" in err
    assert "readership build: dbt stopped: run-operation: see the errors above" in err


def test_a_failed_data_test_is_shown_and_fails_the_command(loaded: Warehouse, build: Build) -> None:
    loaded.execute("update raw.files set lines = lines + 1")
    code, out, err = build("--select", RULE)
    assert code == 1
    assert out.startswith("built and passed: nothing; 1 failed; ")
    assert f"Failure in test {RULE} (tests/data/{RULE}.sql)" in err
    assert "Got 1 result, configured to fail if != 0" in err
    assert "writing the answers" not in err


def test_a_warehouse_without_raw_events_is_explained_in_one_line_without_the_frame_of_dbt(
    warehouse: Warehouse, build: Build
) -> None:
    warehouse.execute("create table other (id integer)")
    code, out, err = build()
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == (
        "readership build: There is no raw.events in this warehouse: load event files first (`make "
        "run`, or `readership load PATH`), or create empty tables with `readership init`."
    )


def test_a_warehouse_that_does_not_exist_is_named_and_not_created(
    warehouse: Warehouse, build: Build
) -> None:
    message = (
        f"readership build: there is no warehouse yet: {warehouse.path}: make one with "
        "`readership load PATH`\n"
    )
    assert build() == (1, "", message)
    assert not warehouse.path.exists()


def test_a_line_of_a_list_without_a_value_for_each_column_is_named(tmp_path: Path) -> None:
    check_lists(ROOT)
    file = tmp_path / "seeds/sites.csv"
    file.parent.mkdir()
    file.write_text('site_id,site_name,time_zone\na,"A, B",UTC\n\nb,UTC\n')
    check_lists(tmp_path)
    (tmp_path / "dbt_project.yml").write_text("name: readership\n")
    with pytest.raises(UserError) as error:
        check_lists(tmp_path)
    assert str(error.value) == (
        f"2 values for 3 columns: {file}, line 4: give one for each of site_id, site_name, "
        "time_zone; put a value with a comma in quotes"
    )


def test_a_folder_without_a_project_is_named(
    loaded: Warehouse, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del loaded
    monkeypatch.chdir(tmp_path)
    remedy = "run it in the project folder (the one with dbt_project.yml)"
    assert build() == (1, "", f"readership build: there is no dbt project: {tmp_path}: {remedy}\n")
    monkeypatch.chdir(ROOT / "docs")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert build() == (
        1,
        "",
        f"readership build: this is not the project folder: {ROOT / 'docs'}: run it in {ROOT}, "
        "where profiles.yml is\n",
    )


def test_variables_and_warehouse_are_options(
    warehouse: Warehouse, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.load_events([event("ann", "2026-03-02 10:00:00")])
    warehouse.build("--select", "+base_event_rows")
    monkeypatch.setenv("READERSHIP_WAREHOUSE", "elsewhere.duckdb")
    options = ("--warehouse", str(warehouse.path), "--select", "base_event_rows")
    assert build(*options)[0] == 0
    code, _, err = build(*options, "--vars", "{session_gap_minutes: 10}")
    assert (code, err.splitlines()[-1]) == (
        1,
        "readership build: session_gap_minutes was 30 when rows were stored and is 10 now: "
        "recompute with `readership build --full-refresh` (or `dbt build --full-refresh`), or "
        "restore the setting",
    )


def test_exhausted_memory_is_one_line_with_the_remedy(
    loaded: Warehouse, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    del loaded
    monkeypatch.setenv("READERSHIP_MEMORY", "1MB")
    code, _, err = build("--select", "referrer_classes")
    assert code == 1
    assert re.fullmatch(
        r"readership build: out of memory: .*: let DuckDB take more with READERSHIP_MEMORY=8GB, .*",
        err.splitlines()[-1],
    )
    assert "Possible solutions" not in err
    assert "Traceback" not in err


def test_a_selection_without_nodes_is_an_error(loaded: Warehouse, build: Build) -> None:
    del loaded
    code, out, err = build("--select", "no_such_model")
    assert code == 1
    assert (out, "no_such_model" in err) == ("", True)


def test_a_pipe_gets_a_line_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    progress = progress_for(stream)
    assert type(progress) is Progress
    now = [100.0]
    monkeypatch.setattr("readership.console.progress.time.monotonic", lambda: now[0])
    with progress.shown():
        progress.step("building and testing")
        progress.expect(3)
        for name in ("a", "b", "c"):
            now[0] += 6
            progress.advance(name)
    assert stream.getvalue().splitlines() == [
        "readership build: building and testing",
        "readership build: 2 of 3 done, the last b",
    ]


def test_a_terminal_gets_a_bar_and_keeps_the_messages() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    progress = progress_for(stream)
    assert isinstance(progress, LiveProgress)
    with progress.shown():
        progress.step("building and testing")
        progress.expect(2)
        progress.advance("fct_sessions")
        progress.tell("Failure in test [x]")
    shown = stream.getvalue()
    assert "Failure in test [x]" in shown
    assert "1/2" in shown
    assert "fct_sessions" in shown
