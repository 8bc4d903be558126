"""Interrupted, partial and repeated runs."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from datetime import date, datetime

import pytest

from tests.support.events import event, heartbeat, without_session
from tests.support.warehouses import ROOT, DbtFailedError, Warehouse

MORNING = [
    event("ada", "2026-03-02 10:00:00"),
    heartbeat("ada", "2026-03-02 10:00:20", 20),
    without_session(event("bob", "2026-03-02 10:00:00")),
]
EVENING = [
    heartbeat("ada", "2026-03-02 10:00:40", 15),
    without_session(event("bob", "2026-03-02 10:20:00", path="/b")),
    event("cleo", "2026-03-02 20:00:00"),
]
NIGHT = [event("cleo", "2026-03-02 20:01:00", path="/c", pageview_id="p2")]

# dbt in a process that kills itself after a number of commits of models that processed a load.
KILLED = """
import os, pathlib, pickle, signal, sys
from dbt.adapters.duckdb.environments import local
from dbt.cli.main import dbtRunner
original, claimed, left = local.DuckDBCursorWrapper.execute, set(), [int(sys.argv[1])]
def execute(self, sql, bindings=None):
    done = original(self, sql, bindings)
    if "insert into" in sql and "processed_loads" in sql and "as invocation_id" in sql:
        claimed.add(id(self))
    elif sql.strip().rstrip(";").split()[-1].lower() == "commit" and id(self) in claimed:
        claimed.discard(id(self))
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return done
local.DuckDBCursorWrapper.execute = execute
manifest = pickle.loads(pathlib.Path(sys.argv[3]).read_bytes()).deepcopy()
dbtRunner(manifest=manifest).invoke(["--quiet", "run", "--threads", "1"])
pathlib.Path(sys.argv[2]).touch()
"""


@pytest.fixture(scope="module")
def whole(module_warehouse: Warehouse) -> dict[str, list[tuple]]:
    """The rows after one load and one build."""
    module_warehouse.load_events([*MORNING, *EVENING, *NIGHT])
    module_warehouse.build()
    return module_warehouse.contents()


def test_a_failed_run_processes_no_load_and_the_next_run_is_complete(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events([*MORNING, *EVENING, *NIGHT])
    with pytest.raises(DbtFailedError, match="base_event_rows"):
        warehouse.build(earliest_event_date="2000-02-31")
    assert warehouse.one("select count(*) from raw.events") == 7
    assert warehouse.one("select count(*) from processed_loads") == 0
    warehouse.build()
    assert warehouse.contents() == whole


def test_a_run_that_failed_between_models_is_resumed(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.load_events([*EVENING, *NIGHT])
    warehouse.execute("alter table int_pageviews rename column views to looks")
    with pytest.raises(DbtFailedError, match="int_pageviews"):
        warehouse.build()
    warehouse.execute("alter table int_pageviews rename column looks to views")
    warehouse.build()
    assert warehouse.contents() == whole


def test_building_a_part_and_then_the_rest_equals_a_whole_build(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.load_events(EVENING)
    warehouse.build("--select", "staging", "bookkeeping")
    warehouse.load_events(NIGHT)
    warehouse.build("--select", "base_event_rows+1")
    warehouse.build("--select", "int_pageviews")
    warehouse.build("--select", "int_sessions+")
    warehouse.build()
    assert warehouse.contents() == whole


def test_an_empty_run_in_between_changes_nothing(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events(MORNING)
    warehouse.build("--empty")
    warehouse.load_events([*EVENING, *NIGHT])
    warehouse.build("--empty")
    warehouse.build()
    warehouse.build("--empty")
    warehouse.build()
    assert warehouse.contents() == whole


def test_a_new_site_built_layer_by_layer_has_its_rows(warehouse: Warehouse) -> None:
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.load_events([event("dora", "2026-03-02 11:00:00", apikey="new.example.com")])
    for room in ("staging", "bookkeeping", "intermediate", "fct_sessions"):
        warehouse.build("--select", room)
    warehouse.build()
    in_rooms = warehouse.contents()
    warehouse.build("--full-refresh")
    assert in_rooms == warehouse.contents()
    assert warehouse.one("select count(*) from fct_pageviews where site_id like 'new%'") == 1


def test_a_post_named_in_a_load_that_a_model_processes_late_has_its_name_everywhere(
    warehouse: Warehouse,
) -> None:
    named = {"path": "/x", "metadata_title": "X", "metadata_post_id": "77"}
    warehouse.load_events([event("ada", "2026-03-02 10:00:00", path="/x")])
    warehouse.build()
    warehouse.load_events([event("bob", "2026-03-02 11:00:00", **named)])
    warehouse.build("--select", "staging", "bookkeeping", "intermediate")
    warehouse.load_events([event("cleo", "2026-03-02 12:00:00", **named)])
    warehouse.build("--select", "base_event_rows", "base_event_copies", "base_page_posts")
    warehouse.build("--select", "int_pageviews")
    warehouse.build()
    assert warehouse.one("select count(distinct post_key), sum(views) from fct_pageviews") == (1, 3)
    in_parts = warehouse.contents()
    warehouse.build("--full-refresh")
    assert in_parts == warehouse.contents()


def test_a_day_delivered_again_under_another_name_changes_nothing(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events([*MORNING, *EVENING, *NIGHT])
    warehouse.build()
    again = warehouse.folder / "again.jsonl.gz"
    lines = [json.dumps(record) for record in reversed([*MORNING, *EVENING, *NIGHT])]
    again.write_bytes(gzip.compress("\n".join(lines).encode()))
    warehouse.load(again)
    warehouse.build()
    assert warehouse.contents() == whole
    assert warehouse.one("select sum(duplicate_events) from ops_loads") == 7


def test_an_empty_warehouse_builds(warehouse: Warehouse) -> None:
    warehouse.init()
    warehouse.build()
    assert not any(warehouse.contents().values())
    warehouse.check()


def test_over_the_limit_the_oldest_loads_go_first_and_the_others_are_reported(
    warehouse: Warehouse, whole: dict[str, list[tuple]], capsys: pytest.CaptureFixture[str]
) -> None:
    for part in (MORNING, EVENING, NIGHT):
        warehouse.load_events(part)
    warehouse.build(events_per_run=1)
    assert warehouse.one("select count(*) from stg_events") == len(MORNING)
    assert "2 loads with 4 events wait for the next run: events_per_run is 1." in (
        capsys.readouterr().out
    )
    warehouse.build(events_per_run=4)
    assert "wait for the next run" not in capsys.readouterr().out
    assert warehouse.contents() == whole


def test_a_rebuilt_day_is_recomputed_with_all_affected_keys(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events([*MORNING, *EVENING, *NIGHT, event("ada", "2026-03-05 10:00:00")])
    warehouse.build()
    built = warehouse.contents()
    warehouse.execute("update base_event_rows set broken_rules = 'x', is_valid = false")
    warehouse.execute("update base_event_rows set device_class = 'tablet'")
    warehouse.execute("update int_pageviews set engaged_seconds = 1")
    warehouse.execute("delete from fct_sessions where started_at < '2026-03-03'")
    warehouse.build(rebuild_dates=["2026-03-02"])
    assert warehouse.contents()["fct_sessions"] == built["fct_sessions"]
    assert warehouse.rows(
        "select viewed_date, max(engaged_seconds) from fct_pageviews group by 1 order by 1"
    ) == [(date(2026, 3, 2), 35), (date(2026, 3, 5), 1)]
    assert warehouse.one("select count(*) from base_event_rows where not is_valid") == 1
    assert warehouse.one("select count(*) from base_event_rows where device_class = 'tablet'") == 1
    warehouse.build(rebuild_dates=["2026-03-02", "2026-03-05"])
    assert warehouse.contents() == built


def test_over_the_limit_the_oldest_days_are_rebuilt_first_and_the_others_are_reported(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse.load_events([*MORNING, *EVENING, *NIGHT, event("ada", "2026-03-05 10:00:00")])
    warehouse.build()
    built = warehouse.contents()
    warehouse.execute("update base_event_rows set device_class = 'tablet'")
    dates = ["2026-03-05", "2026-03-02", "2026-03-02"]
    warehouse.build(rebuild_dates=dates, events_per_run=1)
    assert (
        'list them again in the next run: rebuild_dates: ["2026-03-05"]. events_per_run is 1.'
        in capsys.readouterr().out
    )
    assert warehouse.rows("select event_at from stg_events where device_class = 'tablet'") == [
        (datetime(2026, 3, 5, 10),)
    ]
    warehouse.build(rebuild_dates=["2026-03-05"], events_per_run=1)
    assert "list them again" not in capsys.readouterr().out
    assert warehouse.contents() == built
    warehouse.build()
    assert warehouse.one("select count(*) from affected_keys") == 0


def test_a_part_that_reads_a_model_emptied_by_an_empty_run_is_refused(
    warehouse: Warehouse, whole: dict[str, list[tuple]]
) -> None:
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.load_events([*EVENING, *NIGHT])
    warehouse.build("--empty")
    with pytest.raises(DbtFailedError, match="An --empty run left no rows in base_events"):
        warehouse.build("--select", "base_event_rows")
    warehouse.build("--exclude", "config.materialized:incremental")
    warehouse.build("--select", "int_sessions", "fct_sessions")
    warehouse.build()
    assert warehouse.contents() == whole


@pytest.mark.by_dbt
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_killed_run_is_complete_after_a_repetition(
    warehouse: Warehouse, whole: dict[str, list[tuple]], share: float
) -> None:
    """The later the kill, the more models have processed the load."""
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.load_events([*EVENING, *NIGHT])
    incrementals = warehouse.one("select count(distinct model) from processed_loads")
    done = warehouse.folder / "done"
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", KILLED),
            *(str(round(incrementals * share)), str(done), str(warehouse.dbt.manifest_file)),
        ],
        cwd=ROOT,
        env=os.environ | {"READERSHIP_WAREHOUSE": str(warehouse.path)},
        stdout=subprocess.DEVNULL,
    )
    assert process.wait(timeout=120) == -signal.SIGKILL
    assert not done.exists()
    processed = warehouse.one(
        "select count(*) from processed_loads "
        "where load_id = (select max(load_id) from processed_loads)"
    )
    assert 0 < processed < incrementals
    warehouse.build()
    assert warehouse.contents() == whole


def test_a_view_replaces_a_table_of_the_same_name(warehouse: Warehouse) -> None:
    warehouse.init()
    warehouse.execute("create table main.api_history as select 1 as value")
    warehouse.build()
    warehouse.build("--select", "api_history")
    kinds = "select table_type from information_schema.tables where table_name like 'api_history%'"
    assert warehouse.rows(kinds) == [("VIEW",)]
    columns = "from duckdb_columns() where table_name = 'api_history'"
    of_columns, commented = warehouse.one(f"select count(*), count(comment) {columns}")
    assert of_columns == commented > 1


def test_a_broken_data_test_is_reported_by_name(warehouse: Warehouse) -> None:
    warehouse.load_events(MORNING)
    warehouse.build()
    warehouse.check()
    warehouse.execute("update fct_sessions set pageviews = -5")
    with pytest.raises(AssertionError, match="columns_hold_fct_sessions"):
        warehouse.check()
