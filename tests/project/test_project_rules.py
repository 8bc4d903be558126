"""The layers of the project: what each may read, and what public models must declare."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.contracts.graph.manifest import Manifest

from loaders.fields import FIELDS, ID_FIELDS
from tests.support.warehouses import ROOT

# The layers that each layer may read. An intermediate model may be between two marts. Which
# intermediate models exports may read is enforced by dbt's `access`.
MAY_READ = {
    "staging": {"raw", "seeds", "staging"},
    "bookkeeping": {"staging", "bookkeeping"},
    "intermediate": {"seeds", "staging", "intermediate", "marts"},
    "marts": {"seeds", "staging", "intermediate", "marts"},
    "exports": {"intermediate", "marts", "exports"},
}

# Exports that share one macro, in macros/exports/export_rows.sql.
REALTIME = ("authors", "posts", "referrers", "sections", "tags")
REFERRERS = ("ai", "internal", "other", "search", "social")


@pytest.fixture(scope="module")
def models(manifest: Manifest) -> dict[str, Any]:
    return {
        unique_id: node
        for unique_id, node in manifest.nodes.items()
        if node.resource_type == "model"
    }


def layer(manifest: Manifest, unique_id: str) -> str:
    if unique_id.startswith("source."):
        return "raw"
    if unique_id.startswith("seed."):
        return "seeds"
    return manifest.nodes[unique_id].fqn[1]


def public(models: dict[str, Any]) -> list[Any]:
    return [m for m in models.values() if m.fqn[1] in ("marts", "exports") and m.fqn[2] != "base"]


def test_a_layer_reads_only_from_earlier_layers(manifest: Manifest, models: dict[str, Any]) -> None:
    wrong = [
        f"{node.name} reads {parent}"
        for unique_id, node in models.items()
        for parent in node.depends_on.nodes
        # Every incremental model reads the loads, its processed loads and the affected keys.
        if not parent.endswith("._dlt_loads")
        and layer(manifest, parent) not in {"bookkeeping", *MAY_READ[layer(manifest, unique_id)]}
    ]
    assert not wrong, f"read from a layer that may not be: {', '.join(wrong)}"


def test_every_model_and_column_is_described(models: dict[str, Any]) -> None:
    wrong = [m.name for m in models.values() if not m.description.strip()]
    wrong += [
        f"{m.name}.{column.name}"
        for m in models.values()
        for column in m.columns.values()
        if not column.description.strip()
    ]
    assert not wrong, f"no description: {', '.join(wrong)}"


def test_public_models_have_a_contract_and_a_tested_key(
    manifest: Manifest,
    models: dict[str, Any],
) -> None:
    rules: dict[str, set[str]] = {
        node.attached_node: {name for name, columns in node.test_metadata.kwargs.items() if columns}
        for node in manifest.nodes.values()
        if node.resource_type == "test" and node.name.startswith("columns_hold_")
    }
    wrong = []
    for model in public(models):
        held = rules.get(model.unique_id, set())
        if not model.config.contract.enforced:
            wrong.append(f"{model.name} has no contract")
        if "unique" not in held:
            wrong.append(f"{model.name} has no tested key")
        if "not_null" not in held:
            wrong.append(f"{model.name} has no column tested for nulls")
    assert not wrong, "; ".join(wrong)


def test_all_columns_of_a_relation_are_tested_by_one_query(manifest: Manifest) -> None:
    tests = [node for node in manifest.nodes.values() if getattr(node, "test_metadata", None)]
    assert {node.test_metadata.name for node in tests} == {"columns_hold", "relationships"}
    named: dict[str, list[str]] = {}
    for node in tests:
        if node.test_metadata.name == "columns_hold":
            of = node.sources[0] if node.sources else [manifest.nodes[node.attached_node].name]
            named.setdefault("_".join(["columns_hold", *of]), []).append(node.name)
    assert len(named) > 100
    # Without explicit names, dbt would derive them from all arguments. Tests with a severity of
    # their own append to the name.
    wrong = {
        name: tests_of_name
        for name, tests_of_name in named.items()
        if tests_of_name.count(name) != 1
        or not all(test.startswith(name) for test in tests_of_name)
    }
    assert not wrong, f"each needs one test of this name: {wrong}"


def test_dbt_reads_all_macros_but_those_of_other_engines(manifest: Manifest) -> None:
    read = {macro.original_file_path for macro in manifest.macros.values()}
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "macros").rglob("*.sql")}
    folders = {path.name for path in (ROOT / "macros" / "engine").iterdir()}
    assert {str(Path(file).parent) for file in files - read} == {
        f"macros/engine/{folder}" for folder in folders - {"shared", "duckdb"}
    }


def test_every_variable_has_a_default_and_a_known_name() -> None:
    defaults = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]["readership"]
    macro = (ROOT / "macros/checks/variable_names.sql").read_text()
    known = re.findall(r"'(\w+)'", macro.partition("return([")[2].partition("])")[0])
    assert known == list(defaults)


def test_the_fields_of_a_table_are_those_of_the_loader() -> None:
    macros = (ROOT / "macros/sources/table_fields.sql").read_text()
    listed = macros.partition("{% endmacro %}")[0].partition("endmacro")[0]
    by_type = re.findall(r"'(text|bigint|double|bool|json)': '([a-z_\s]+)'", listed)
    assert {name: kind for kind, names in by_type for name in names.split()} == FIELDS
    ids = macros.partition("macro id_fields()")[2].partition("endmacro")[0]
    assert set(re.findall(r"'(\w+)'", ids)) == ID_FIELDS


def test_every_model_with_a_rule_has_unit_tests(manifest: Manifest, models: dict[str, Any]) -> None:
    tested = {test.model for test in manifest.unit_tests.values()}
    # The first two have no rows of their own; a data test compares the third with its parts.
    without = {"processed_loads", "claimed_loads", "api_responses"}
    missing = sorted({m.name for m in models.values()} - tested - without)
    assert not missing, f"no unit tests: {', '.join(missing)}"
    assert not tested & without


def test_models_are_next_to_their_descriptions_and_have_the_prefix_of_their_layer(
    models: dict[str, Any],
) -> None:
    prefixes = {
        "staging": ("stg_", "base_"),
        "bookkeeping": ("processed_loads", "claimed_loads", "affected_keys"),
        "intermediate": ("int_",),
        "marts": ("fct_", "dim_", "bridge_", "ops_", "trending_", "evergreen_"),
        "exports": ("api_",),
    }
    wrong = [
        f"{m.name} begins with none of {', '.join(prefixes[m.fqn[1]])}"
        for m in models.values()
        if not m.name.startswith(prefixes[m.fqn[1]])
    ]
    wrong += [
        f"{m.name} is not described in {m.name}.yml beside it"
        for m in models.values()
        if not (m.patch_path or "").endswith(m.original_file_path.replace(".sql", ".yml"))
    ]
    assert not wrong, "; ".join(wrong)


def test_names_of_unit_tests_are_valid_table_names_on_every_engine(manifest: Manifest) -> None:
    # PostgreSQL limits names to 63 bytes, and dbt appends the version of an export.
    longest = 63 - len("_v1")
    exports = [t.name for t in manifest.unit_tests.values() if t.model.startswith("api_")]
    others = [t.name for t in manifest.unit_tests.values() if not t.model.startswith("api_")]
    wrong = [name for name in exports if len(name) > longest]
    wrong += [name for name in others if len(name) > longest + len("_v1")]
    assert not wrong, f"names of unit tests that are too long: {', '.join(wrong)}"


@pytest.mark.parametrize(
    ("model", "sibling"),
    [
        *((f"api_realtime_{of}", f"api_analytics_{of}") for of in REALTIME),
        *((f"api_referrers_{of}", "api_analytics_referrers") for of in REFERRERS),
    ],
)
def test_exports_of_the_same_rows_have_the_same_contract(
    models: dict[str, Any], model: str, sibling: str
) -> None:
    contracts = [
        [
            (column.name, column.data_type, column.description)
            for node in models.values()
            if node.name == name
            for column in node.columns.values()
        ]
        for name in (model, sibling)
    ]
    assert contracts[0] == contracts[1] != []


def test_every_export_of_the_same_rows_exists(models: dict[str, Any]) -> None:
    found = {
        node.name
        for node in models.values()
        if any(macro in node.raw_code for macro in ("realtime_rows_of(", "referrer_rows_where("))
    }
    assert found == {
        *(f"api_realtime_{of}" for of in REALTIME),
        *(f"api_referrers_{of}" for of in REFERRERS),
    }
