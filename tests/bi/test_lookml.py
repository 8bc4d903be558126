"""The LookML project: what it says is in the warehouse, and no join counts a row twice."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.contracts.graph.manifest import Manifest

from bi.lookml import files
from bi.lookml.__main__ import main
from tests.support.awkward import awkward_events
from tests.support.lookml import LookmlProject
from tests.support.warehouses import ROOT, Warehouse

LOOKER = ROOT / "bi/looker"
PROJECT = LookmlProject(LOOKER, "main")
EXPLORES = sorted(PROJECT.explores)
VIEWS = sorted(PROJECT.views)


@pytest.fixture(scope="module")
def given(manifest: Manifest) -> dict[str, Any]:
    """The parsed project as manifest.json has it."""
    return {
        kind: {unique_id: one.to_dict() for unique_id, one in getattr(manifest, kind).items()}
        for kind in ("nodes", "semantic_models", "metrics")
    }


@pytest.fixture(scope="module")
def built(module_warehouse: Warehouse) -> Warehouse:
    module_warehouse.load_events(awkward_events())
    module_warehouse.build()
    return module_warehouse


def test_the_files_are_what_the_manifest_says(given: dict[str, Any]) -> None:
    written = files(given)
    kept = {
        str(file.relative_to(LOOKER)): file.read_text()
        for file in LOOKER.rglob("*")
        if file.is_file()
    }
    assert kept == written, "run `make lookml`"


def test_every_public_mart_has_a_view(given: dict[str, Any]) -> None:
    tables = {PROJECT.table(view).removeprefix("main.") for view in VIEWS}
    public = {
        node["name"]
        for node in given["nodes"].values()
        if node["resource_type"] == "model"
        and node["access"] == "public"
        and node["fqn"][1] == "marts"
    }
    assert tables == public


def test_columns_of_the_publisher_s_own_are_dimensions(given: dict[str, Any]) -> None:
    changed = copy.deepcopy(given)
    meta = changed["nodes"]["model.readership.fct_sessions"]["config"]["meta"]
    text = "Value of age in extra_data, as integer."
    meta["own_columns"] = [{"name": "reader_age", "data_type": "bigint", "description": text}]
    meta["own_columns"] += [
        {"name": "trial_ends_at", "data_type": "timestamp", "description": text}
    ]
    before, after = (files(one)["views/sessions.view.lkml"] for one in (given, changed))
    assert "reader_age" not in before
    assert re.search(r"dimension: reader_age \{\s+type: number", after)
    assert "dimension_group: trial_ends_utc {" in after


@pytest.mark.parametrize("view", VIEWS)
def test_no_group_of_times_repeats_a_timeframe_in_its_name(view: str) -> None:
    for group in PROJECT.views[view].get("dimension_groups", []):
        assert not re.search(r"_(date|time|hour|week|month|quarter|year)$", group["name"])


@pytest.mark.parametrize("explore", EXPLORES)
def test_every_field_is_one_of_the_warehouse(built: Warehouse, explore: str) -> None:
    fields: dict[str, list[str]] = {"dimension": [], "measure": []}
    for name in PROJECT.names(explore):
        for field in PROJECT.fields(PROJECT.view_of(explore, name)).values():
            fields[field.kind].append(PROJECT.sql(explore, field.name, name))
    assert len(fields["dimension"]) > 3
    for kind, columns in fields.items():
        numbered = ", ".join(f"{sql} as f{number}" for number, sql in enumerate(columns))
        limit = " limit 0" if kind == "dimension" else ""
        built.rows(f"select {numbered} from {PROJECT.relation(explore)}{limit}")


def test_every_view_has_an_explore() -> None:
    assert EXPLORES == VIEWS


def test_a_column_that_is_no_more_is_found(built: Warehouse, tmp_path: Path) -> None:
    broken = tmp_path / "pageviews.view.lkml"
    text = (LOOKER / "views/pageviews.view.lkml").read_text()
    broken.write_text(text.replace("${TABLE}.engaged_seconds", "${TABLE}.engaged_secs"))
    project = LookmlProject(LOOKER, "main")
    project.views |= LookmlProject(tmp_path, "main").views
    with pytest.raises(duckdb.BinderException, match="engaged_secs"):
        built.one(
            f"select {project.sql('pageviews', 'engaged_seconds', 'pageviews')}"
            f" from {project.relation('pageviews')}"
        )


@pytest.mark.parametrize("explore", EXPLORES)
def test_joins_add_no_rows_and_change_no_measure(built: Warehouse, explore: str) -> None:
    measures = [
        PROJECT.sql(explore, name, explore)
        for name, field in PROJECT.fields(explore).items()
        if field.kind == "measure"
    ]
    assert measures
    asked = f"select count(*), {', '.join(measures)} from "
    (alone,) = built.rows(asked + PROJECT.relation(explore, []))
    assert alone[0] == built.one(f"select count(*) from {PROJECT.table(explore)}")
    assert built.rows(asked + PROJECT.relation(explore)) == [alone]


def test_explores_have_rows_to_join(built: Warehouse) -> None:
    for explore in ("pageviews", "sessions", "engaged_time"):
        assert built.one(f"select count(*) from {PROJECT.table(explore)}") > 50


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_one_primary_key_and_no_row_shares_it(built: Warehouse, view: str) -> None:
    (key,) = [
        dimension["sql"].removeprefix("${TABLE}.")
        for dimension in PROJECT.views[view].get("dimensions", [])
        if dimension.get("primary_key") == "yes"
    ]
    rows, keys = built.rows(f"select count(*), count(distinct {key}) from {PROJECT.table(view)}")[0]
    assert rows == keys


def test_every_tile_asks_for_fields_that_are_there() -> None:
    tiles = 0
    for dashboard in PROJECT.dashboards:
        for filter_ in dashboard["filters"]:
            assert_known(filter_["explore"], filter_["field"])
        for tile in dashboard["elements"]:
            assert tile["fields"]
            for field in [*tile["fields"], *tile.get("pivots", []), *tile["listen"].values()]:
                assert_known(tile["explore"], field)
            for field in tile.get("sorts", []):
                assert_known(tile["explore"], field.removesuffix(" desc"))
                assert field.removesuffix(" desc") in tile["fields"]
            assert set(tile["listen"]) <= {one["name"] for one in dashboard["filters"]}
            tiles += 1
    assert len(PROJECT.dashboards) == 2
    assert tiles >= 20


def test_no_two_tiles_lie_on_each_other() -> None:
    for dashboard in PROJECT.dashboards:
        taken: set[tuple[int, int]] = set()
        for tile in dashboard["elements"]:
            own = {
                (tile["row"] + row, tile["col"] + column)
                for row in range(tile["height"])
                for column in range(tile["width"])
            }
            assert not own & taken, tile["title"]
            assert tile["col"] + tile["width"] <= 24
            taken |= own


def test_every_tile_is_answered(built: Warehouse) -> None:
    for dashboard in PROJECT.dashboards:
        for tile in dashboard["elements"]:
            explore = tile["explore"]
            columns = [
                f"{PROJECT.sql(explore, name, view)} as {view}_{name}"
                for view, name in (field.split(".") for field in tile["fields"])
            ]
            grouped = [
                str(number)
                for number, field in enumerate(tile["fields"], 1)
                if PROJECT.fields(PROJECT.view_of(explore, field.split(".")[0]))[
                    field.split(".")[1]
                ].kind
                == "dimension"
            ]
            by = f" group by {', '.join(grouped)}" if grouped else ""
            built.one(
                f"select count(*) from (select {', '.join(columns)}"
                f" from {PROJECT.relation(explore)}{by})"
            )


def assert_known(explore: str, field: str) -> None:
    view, _, name = field.partition(".")
    assert name in PROJECT.fields(PROJECT.view_of(explore, view)), f"{explore}: {field}"


def test_the_command_writes_the_folder_anew(
    given: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest, folder = tmp_path / "manifest.json", tmp_path / "looker"
    assert main([str(manifest), str(folder)]) == 1
    assert "does not exist; `dbt parse` writes it" in capsys.readouterr().err
    assert main([str(manifest)]) == 2
    manifest.write_text(json.dumps(given, default=str))
    (folder / "views").mkdir(parents=True)
    (folder / "views/gone.view.lkml").write_text("view: gone {}")
    assert main([str(manifest), str(folder)]) == 0
    assert not (folder / "views/gone.view.lkml").exists()
    assert (folder / "README.md").read_text() == (LOOKER / "README.md").read_text()


def test_a_filter_that_looker_cannot_be_given_is_named(given: dict[str, Any]) -> None:
    broken = copy.deepcopy(given)
    metric = next(one for one in broken["metrics"].values() if one["type"] == "simple")
    metric["filter"] = {"where_filters": [{"where_sql_template": "views > 3"}]}
    with pytest.raises(ValueError, match=f"{metric['name']}.*'views > 3'.*one dimension"):
        files(broken)


def test_the_page_names_measures_that_are_there() -> None:
    page = (ROOT / "docs/looker.md").read_text()
    table = page.partition("| there | here |")[2].partition("\n\n")[0]
    named = [
        tuple(field.split("."))
        for row in table.splitlines()[2:]
        for field in re.findall(r"`(\w+\.\w+)`", row.split("|")[2])
    ]
    assert len(named) >= 18
    assert [
        (view, name) for view, name in named if name not in PROJECT.fields(view)
    ] == []  # fmt: skip
