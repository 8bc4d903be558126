"""The rooms of the design: who may read whom, and what a public model has to tell."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.warehouses import ROOT, Dbt

# From which rooms a room may read. A private step may stand between two marts; which steps exports
# may read, dbt holds by their access.
MAY_READ = {
    "staging": {"raw", "seeds", "staging"},
    "bookkeeping": {"staging", "bookkeeping"},
    "intermediate": {"seeds", "staging", "intermediate", "marts"},
    "marts": {"seeds", "staging", "intermediate", "marts"},
    "exports": {"intermediate", "marts", "exports"},
}

# What the exports of one macro are of: macros/exports/export_rows.sql.
REALTIME = ("authors", "posts", "referrers", "sections", "tags")
REFERRERS = ("ai", "internal", "other", "search", "social")


@pytest.fixture(scope="module")
def manifest(dbt: Dbt) -> Any:  # noqa: ANN401
    return dbt.manifest


@pytest.fixture(scope="module")
def models(manifest: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        unique_id: node
        for unique_id, node in manifest.nodes.items()
        if node.resource_type == "model"
    }


def room(manifest: Any, unique_id: str) -> str:  # noqa: ANN401
    if unique_id.startswith("source."):
        return "raw"
    if unique_id.startswith("seed."):
        return "seeds"
    return manifest.nodes[unique_id].fqn[1]


def public(models: dict[str, Any]) -> list[Any]:
    return [m for m in models.values() if m.fqn[1] in ("marts", "exports") and m.fqn[2] != "base"]


def test_a_room_reads_only_from_the_rooms_before_it(manifest: Any, models: dict[str, Any]) -> None:  # noqa: ANN401
    wrong = [
        f"{node.name} reads {parent}"
        for unique_id, node in models.items()
        for parent in node.depends_on.nodes
        # Every incremental model asks which loads there are, which it has processed, and what
        # they affect.
        if not parent.endswith("._dlt_loads")
        and room(manifest, parent) not in {"bookkeeping", *MAY_READ[room(manifest, unique_id)]}
    ]
    assert not wrong


def test_every_model_and_column_is_described(models: dict[str, Any]) -> None:
    wrong = [m.name for m in models.values() if not m.description.strip()]
    wrong += [
        f"{m.name}.{column.name}"
        for m in models.values()
        for column in m.columns.values()
        if not column.description.strip()
    ]
    assert not wrong


def test_what_bi_reads_has_a_contract_and_a_tested_key(
    manifest: Any,  # noqa: ANN401
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
    assert not wrong


def test_the_columns_of_a_relation_are_tested_by_one_query(manifest: Any) -> None:  # noqa: ANN401
    tests = [node for node in manifest.nodes.values() if getattr(node, "test_metadata", None)]
    assert {node.test_metadata.name for node in tests} == {"columns_hold", "relationships"}
    named: dict[str, list[str]] = {}
    for node in tests:
        if node.test_metadata.name == "columns_hold":
            of = node.sources[0] if node.sources else [manifest.nodes[node.attached_node].name]
            named.setdefault("_".join(["columns_hold", *of]), []).append(node.name)
    assert len(named) > 100
    # dbt would make a name of all the arguments. What has a severity of its own adds to the name.
    wrong = {
        name: given
        for name, given in named.items()
        if given.count(name) != 1 or not all(one.startswith(name) for one in given)
    }
    assert wrong == {}


def test_every_variable_has_a_default_and_a_known_name() -> None:
    defaults = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]["readership"]
    macro = (ROOT / "macros/checks/variable_names.sql").read_text()
    known = re.findall(r"'(\w+)'", macro.partition("return([")[2].partition("])")[0])
    assert known == list(defaults)


def test_every_model_with_a_rule_has_unit_tests(manifest: Any, models: dict[str, Any]) -> None:  # noqa: ANN401
    tested = {test.model for test in manifest.unit_tests.values()}
    # The one holds no rows of its own; the other is held to its parts by a test of the data.
    without = {"processed_loads", "api_responses"}
    assert {m.name for m in models.values()} - tested == without


def test_models_stand_beside_their_descriptions_under_their_rooms_prefix(
    models: dict[str, Any],
) -> None:
    prefixes = {
        "staging": ("stg_", "base_"),
        "bookkeeping": ("processed_loads", "affected_keys"),
        "intermediate": ("int_",),
        "marts": ("fct_", "dim_", "bridge_", "ops_", "trending_", "evergreen_"),
        "exports": ("api_",),
    }
    wrong = [
        m.name
        for m in models.values()
        if not m.name.startswith(prefixes[m.fqn[1]])
        or not (m.patch_path or "").endswith(m.original_file_path.replace(".sql", ".yml"))
    ]
    assert not wrong


def test_unit_tests_have_names_that_every_engine_can_give_a_table(manifest: Any) -> None:  # noqa: ANN401
    # PostgreSQL's bound for names is 63, and dbt puts the version of an export after them.
    longest = 63 - len("_v1")
    exports = [t.name for t in manifest.unit_tests.values() if t.model.startswith("api_")]
    others = [t.name for t in manifest.unit_tests.values() if not t.model.startswith("api_")]
    assert [name for name in exports if len(name) > longest] == []
    assert [name for name in others if len(name) > longest + len("_v1")] == []


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


def test_the_exports_of_the_same_rows_are_all_there(models: dict[str, Any]) -> None:
    found = {
        node.name
        for node in models.values()
        if any(macro in node.raw_code for macro in ("realtime_rows_of(", "referrer_rows_where("))
    }
    assert found == {
        *(f"api_realtime_{of}" for of in REALTIME),
        *(f"api_referrers_{of}" for of in REFERRERS),
    }
