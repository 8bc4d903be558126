"""Runs in a separate schema that read unbuilt models from production: `--defer`."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from dbt.contracts.graph.manifest import Manifest

from tests.support.events import event, heartbeat
from tests.support.warehouses import Dbt, Warehouse

MORNING = [event("ada", "2026-03-02 10:00:00"), heartbeat("ada", "2026-03-02 10:00:20", 20)]
EVENING = [heartbeat("ada", "2026-03-02 10:00:40", 15), event("bob", "2026-03-02 20:00:00")]
# The model that the simulated pull request changes.
CHANGED = "int_pageviews"


@pytest.fixture
def production(warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    """A built warehouse, with the state of its project to compare with."""
    warehouse.load_events(MORNING)
    warehouse.build()
    (tmp_path / "state").mkdir()
    manifest = warehouse.dbt.manifest
    manifest.writable_manifest().write(str(tmp_path / "state" / "manifest.json"))
    return warehouse


def in_schema(manifest: Manifest, schema: str) -> Manifest:
    """Return the project as parsed for another schema, with one changed model."""
    moved = manifest.deepcopy()
    for node in moved.nodes.values():
        if node.resource_type in ("model", "seed"):
            node.schema = schema
            node.relation_name = (node.relation_name or "").replace('"main"', f'"{schema}"')
            if node.name == CHANGED:
                node.raw_code += "\n-- changed"
    return moved


def slim_build(production: Warehouse, *arguments: str) -> None:
    """Build the selected nodes in a separate schema."""
    target = Dbt(production.dbt.target, production.dbt.shared)
    target.manifest = in_schema(production.dbt.manifest, "ci")
    target(
        production.path,
        *("build", "--exclude-resource-type", "test", "unit_test"),
        *("--defer", "--state", str(production.folder / "state"), *arguments),
    )


def of_schemas(warehouse: Warehouse, *schemas: str) -> dict[str, list[tuple]]:
    """Return every row of every table in some schemas, and their catalog entries."""
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name, sql from duckdb_tables() "
            "where list_contains(?, schema_name)",
            [list(schemas)],
        ).fetchall()
        return {
            name: [(sql,), *connection.execute(f"select * from {name} order by all").fetchall()]
            for name, sql in tables
        }


def test_a_slim_run_changes_nothing_outside_its_schema_and_reads_production(
    production: Warehouse,
) -> None:
    before = of_schemas(production, "main", "raw")
    assert len(before) > 40
    slim_build(production, "--select", "state:modified")
    assert of_schemas(production, "main", "raw") == before
    state = {"ci.claimed_loads", "ci.processed_loads"}
    assert set(of_schemas(production, "ci")) == {"ci.int_pageviews", *state}
    pageviews = "select * exclude (session_scope_key) from {}.int_pageviews order by all"
    assert production.rows(pageviews.format("ci")) == production.rows(pageviews.format("main"))
    assert production.rows("select distinct model from ci.processed_loads") == [(CHANGED,)]


def test_a_repeated_slim_run_follows_production(
    production: Warehouse,
) -> None:
    slim_build(production, "--select", "state:modified+", "--exclude", "api_responses")
    production.load_events(EVENING)
    # Raw has a load that production has not processed, so models read from there lack it.
    slim_build(production, "--select", "state:modified")
    views = "select sum(views), sum(engaged_seconds) from {}.int_pageviews"
    assert production.one(views.format("ci")) == (1, 20)
    production.build()
    production.build()
    before = of_schemas(production, "main", "raw")
    slim_build(production, "--select", "state:modified+", "--exclude", "api_responses")
    assert of_schemas(production, "main", "raw") == before
    assert production.one(views.format("ci")) == (2, 35)
    everything = "select * from {}.fct_pageviews order by all"
    assert production.rows(everything.format("ci")) == production.rows(everything.format("main"))


def test_a_slim_run_from_the_raw_tables_reads_nothing_from_production(
    production: Warehouse,
) -> None:
    before = of_schemas(production, "main", "raw")
    slim_build(production)
    assert of_schemas(production, "main", "raw") == before
    everything = "select * from {}.fct_pageviews order by all"
    assert production.rows(everything.format("ci")) == production.rows(everything.format("main"))
