"""Loads that every model has processed have one row; nothing else tells the difference."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.laws.test_deferred_runs import in_schema
from tests.support.comparing import OF_LOADS
from tests.support.events import event
from tests.support.histories import AFTER, BUILT, NEXT
from tests.support.replacements import load_version
from tests.support.warehouses import Dbt, Warehouse

pytestmark = pytest.mark.slow

LOADS = 5
SETTLED = "select count(*) from processed_loads where model = '(settled)'"
OF_MODELS = "select count(*) from processed_loads where model <> '(settled)'"
MODELS = "select count(distinct model) from processed_loads where model <> '(settled)'"
LOADS_OF = "select count(distinct load_id), count(*) from processed_loads where model = '{}'"


@pytest.fixture(scope="module")
def history(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Loads that change what was built before, each of them built."""
    warehouse = Warehouse(tmp_path_factory.mktemp("settled"), dbt)
    for loads in (BUILT, NEXT, AFTER):
        load_version(warehouse, loads)
        warehouse.build()
    for number in range(LOADS - 3):
        warehouse.load_events([event(f"visitor {number}", f"2026-03-05 1{number}:00:00")])
        warehouse.build()
    return warehouse


@pytest.fixture
def settled(history: Warehouse, tmp_path: Path) -> Warehouse:
    shutil.copyfile(history.path, tmp_path / history.path.name)
    return Warehouse(tmp_path, history.dbt)


def rows(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows but those that say how tables came about."""
    return {name: rows for name, rows in warehouse.contents().items() if name not in OF_LOADS}


def test_settled_loads_have_one_row_and_no_load_is_processed_twice(settled: Warehouse) -> None:
    models = settled.one(MODELS)
    # The first load has the settings, the last one waits for the run after it, and the one before
    # until its affected keys are gone.
    assert settled.one(SETTLED) == LOADS - 3
    assert settled.one(OF_MODELS) == 3 * models
    assert settled.one("select count(distinct load_id) from processed_loads") == LOADS
    runs = "select distinct invocation_id from processed_loads where model <> '(settled)'"
    before = settled.rows(runs)
    settled.build()
    # Nothing is new: one more load is settled, and no model has processed any.
    assert settled.one(SETTLED) == LOADS - 2
    assert set(settled.rows(runs)) < set(before)
    found = rows(settled)
    settled.build("--full-refresh")
    assert rows(settled) == found
    assert settled.one(SETTLED) == 0


def test_a_model_that_starts_over_reads_settled_loads_too(settled: Warehouse) -> None:
    found = rows(settled)
    settled.build("--full-refresh", "--select", "int_sessions")
    assert settled.one(SETTLED) == 0
    for model in ("base_event_rows", "int_sessions"):
        assert settled.one(LOADS_OF.format(model)) == (LOADS, LOADS)
    settled.build()
    assert rows(settled) == found
    settled.build()
    # Two loads have settings now: the first, and the last that the model started over with.
    assert settled.one(SETTLED) == LOADS - 2


def test_a_slim_run_reads_the_settled_loads_of_production(
    settled: Warehouse, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir()
    settled.dbt.manifest.writable_manifest().write(str(tmp_path / "state" / "manifest.json"))
    target = Dbt(settled.dbt.target, settled.dbt.shared)
    target.manifest = in_schema(settled.dbt.manifest, "ci")
    target(
        settled.path,
        *("build", "--exclude-resource-type", "test", "unit_test", "--select", "int_pageviews"),
        *("--defer", "--state", str(tmp_path / "state")),
    )
    assert settled.one("select count(distinct load_id) from ci.processed_loads") == LOADS
    pageviews = "select * exclude (session_scope_key) from {}.int_pageviews order by all"
    assert len(settled.rows(pageviews.format("main"))) > 10
    assert settled.rows(pageviews.format("ci")) == settled.rows(pageviews.format("main"))
