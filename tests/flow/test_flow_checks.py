"""What is checked before a run, and what the project promises of its tables."""

from __future__ import annotations

import re
from typing import Any

import pytest

from loaders.fields import FIELDS
from tests.warehouses import ROOT, Dbt, DbtFailedError, Warehouse


@pytest.fixture(scope="module")
def empty(module_warehouse: Warehouse) -> Warehouse:
    module_warehouse.init()
    return module_warehouse


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("session_gap_minutes", "thirty", "must be a number above 0"),
        ("session_gap_minutes", -1, "must be a number above 0"),
        ("session_gap_minutes", True, "must be a number above 0"),
        ("trending_score_threshold", float("inf"), "must be a number above 0"),
        ("count_bots", "no", "must be true or false"),
        ("staff_keys", "is_employee", "must be a list of names"),
        ("staff_keys", ["x') or true --"], "may hold names of letters"),
        ("earliest_event_date", "2000", "must be a date YYYY-MM-DD"),
        ("as_of", "yesterday", "must be empty or UTC"),
        ("default_time_zone", "Mars/Olympus", "must be an IANA time zone name"),
        ("skim_max_seconds", 60, "must be below read_max_seconds"),
    ],
)
def test_a_variable_that_makes_no_sense_stops_the_run_by_name(
    empty: Warehouse, name: str, value: object, said: str
) -> None:
    with pytest.raises(DbtFailedError, match=f"{name}.*{said}"):
        empty.build("--select", "sites", **{name: value})


def test_a_warehouse_without_raw_tables_is_told_what_to_do(warehouse: Warehouse) -> None:
    with pytest.raises(DbtFailedError, match=r"no raw\.events in this warehouse.*loaders init"):
        warehouse.build()


def promised(dbt: Dbt) -> list[Any]:
    return [
        node
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "model" and node.access == "public"
    ]


def test_every_mart_and_export_has_a_contract_and_describes_every_column(dbt: Dbt) -> None:
    models = promised(dbt)
    assert len(models) > 15
    for node in models:
        assert node.contract.enforced, node.name
        assert node.group, node.name
        assert node.description, node.name
        for column in node.columns.values():
            assert column.description, f"{node.name}.{column.name}"


def test_every_mart_and_export_has_a_test_of_its_key(dbt: Dbt) -> None:
    models = promised(dbt)
    keyed = {
        parent
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "test" and node.name.startswith("unique_")
        for parent in node.depends_on.nodes
    }
    assert {node.name for node in models if node.unique_id not in keyed} == set()


def test_staging_reads_only_columns_that_the_loader_writes() -> None:
    sql = (ROOT / "models/staging/base/base_events.sql").read_text()
    read = set(re.findall(r"\blanded\.(\w+)", sql))
    assert len(read) > 80
    assert read - set(FIELDS) == {"_unknown_fields", "_file", "_line", "_dlt_load_id"}


def test_no_model_asks_the_clock() -> None:
    clock = re.compile(r"\b(now\(\)|current_date|current_timestamp|run_started_at|getdate)", re.I)
    for path in [*ROOT.glob("models/**/*.sql"), *ROOT.glob("macros/**/*.sql")]:
        assert not clock.search(path.read_text()), path


def test_models_hold_no_engine_syntax() -> None:
    engine = re.compile(
        r"target\.type|::|json_extract|unnest\(|list_|strptime|qualify |regexp_|epoch\(", re.I
    )
    for path in ROOT.glob("models/**/*.sql"):
        without_macros = re.sub(r"\{\{.*?\}\}", "", path.read_text(), flags=re.S)
        assert not engine.search(without_macros), path
