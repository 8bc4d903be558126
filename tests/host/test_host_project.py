"""Use as a package in another project, which puts every layer in a schema of its own."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from readership.service import open_snapshot, publish
from tests.support.events import SITE, event, heartbeat
from tests.support.warehouses import ROOT, Warehouse

MORNING = [
    event(
        "ada",
        "2026-03-02 10:00:00",
        metadata_title="One",
        metadata_section="News",
        extra_data={"Desk": "Sports"},
    ),
    heartbeat("ada", "2026-03-02 10:00:20", 20),
]
EVENING = [heartbeat("ada", "2026-03-02 10:00:40", 15), event("bob", "2026-03-03 20:00:00")]


class Host:
    """The project of tests/host, in a folder of its own, on a warehouse."""

    def __init__(self, folder: Path, warehouse: Warehouse) -> None:
        self.folder = folder
        self.warehouse = warehouse
        shutil.copytree(ROOT / "tests/host", folder)
        (folder / "packages.yml").write_text(json.dumps({"packages": [{"local": str(ROOT)}]}))
        assert self.invoke("deps").success
        parsed = self.invoke("parse")
        assert parsed.success, parsed.exception
        self.manifest: Manifest = parsed.result
        # dbt cannot copy these.
        self.manifest.disabled = {}

    def invoke(self, *command: str, manifest: Manifest | None = None) -> dbtRunnerResult:
        """Run dbt on this project; without a manifest, dbt parses the project."""
        places = ["--project-dir", str(self.folder), "--profiles-dir", str(ROOT / "profiles")]
        with mock.patch.dict(os.environ, READERSHIP_WAREHOUSE=str(self.warehouse.path)):
            done = dbtRunner(manifest=manifest).invoke(["--quiet", *command, *places])
            DuckDBConnectionManager.close_all_connections()
        return done

    def __call__(self, *command: str, **variables: object) -> dbtRunnerResult:
        """Run one dbt command."""
        options = ["--vars", json.dumps(variables)] if variables else []
        return self.invoke(*command, *options, manifest=self.manifest.deepcopy())

    def build(self, *arguments: str, **variables: object) -> None:
        """Run seeds and models."""
        done = self("build", "--exclude-resource-type", "test", "unit_test", *arguments,
                    **variables)  # fmt: skip
        assert done.success, messages_of(done)


def messages_of(done: dbtRunnerResult) -> str:
    """Return the messages of dbt for a failed command."""
    results: list[Any] = list(done.result or [])
    return str(done.exception or [result.message for result in results])


@pytest.fixture(scope="module")
def host(module_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Host:
    """The built project. Takes over 20 s, to parse and build another project."""
    module_warehouse.load_events(MORNING)
    made = Host(tmp_path_factory.mktemp("host") / "newsroom", module_warehouse)
    # The seeds of the host are not loaded yet, which does not concern the package.
    made.build("--select", "package:readership")
    return made


def test_every_layer_is_in_its_schema_with_the_rows_of_a_standalone_project(
    host: Host, warehouse: Warehouse
) -> None:
    warehouse.load_events(MORNING)
    desk = {"key": "Desk", "type": "text", "name": "reader_desk"}
    warehouse.build(skim_max_seconds=10, extra_columns=[desk])
    schemas = dict(
        host.warehouse.rows(
            "select table_schema, count(*) from information_schema.tables group by 1"
        )
    )
    assert schemas.keys() == {
        *("raw", "main_lists", "main_staging", "main_bookkeeping", "main_intermediate"),
        *("main_marts", "main_exports"),
    }
    for table in ("fct_pageviews", "fct_sessions", "dim_posts"):
        rows = f"select * from main_marts.{table} order by all"
        assert host.warehouse.rows(rows) == warehouse.rows(rows.replace("_marts", ""))
    # A column that only a variable of the host names.
    assert host.warehouse.one("select reader_desk from main_marts.fct_sessions") == "Sports"


def test_a_snapshot_reads_from_the_schemas_of_the_layers(host: Host, tmp_path: Path) -> None:
    done = host("run-operation", "readership.publish_answers")
    assert done.success, messages_of(done)
    own = tmp_path / host.warehouse.path.name
    shutil.copy(host.warehouse.path, own)
    with duckdb.connect(str(own)) as connection:
        # Relations of an earlier build, before the layers had schemas.
        connection.execute("create table main.dim_sites as from main_marts.dim_sites limit 0")
    snapshot = open_snapshot(publish(own))
    with snapshot.cursor() as cursor:
        schemas = cursor.execute("select distinct schema_name from duckdb_tables()").fetchall()
        (views,) = cursor.execute(
            "select row_json::json -> '$.metrics.views' from answers.analytics_post_detail("
            f"'{SITE}', timestamp '2026-03-02', timestamp '2026-03-03')"
        ).fetchall()
        responses = cursor.execute("select count(*) from api_responses").fetchall()
    assert list(snapshot.sites) == [SITE]
    assert {schema for (schema,) in schemas} <= {"main_intermediate", "main_marts", "published"}
    assert views == ("1",)
    assert responses == host.warehouse.rows("select count(*) from main_exports.api_responses")
    snapshot.retire()


def test_a_subject_that_is_left_out_answers_with_no_rows(host: Host) -> None:
    """The project of the tests has no videos and no conversions."""
    names = {name for (name,) in host.warehouse.rows("select table_name from duckdb_tables()")}
    names |= {name for (name,) in host.warehouse.rows("select view_name from duckdb_views()")}
    assert "fct_sessions" in names
    assert not {"fct_video_plays", "fct_conversions", "api_top_videos_v1"} & names
    done = host("run-operation", "readership.publish_answers")
    assert done.success, messages_of(done)
    period = "timestamp '2026-03-02', timestamp '2026-03-03'"
    for answer in ("top_videos", "conversions_url"):
        assert host.warehouse.rows(f"select * from answers.{answer}('{SITE}', {period})") == []


def test_every_subject_of_the_page_can_be_left_out(host: Host) -> None:
    page = (ROOT / "docs/your_dbt_project.md").read_text()
    written = page.partition("## Leaving out a subject")[2].partition("```yaml\n")[2]
    left_out = yaml.safe_load(written.partition("```")[0])
    project = host.folder / "dbt_project.yml"
    before = project.read_text()
    for exports in (left_out["models"]["readership"]["exports"], {"+enabled": False}):
        left_out["models"]["readership"]["exports"] = exports
        project.write_text(json.dumps(yaml.safe_load(before) | left_out))
        parsed = host.invoke("parse")
        assert parsed.success, parsed.exception
        models = {n.name for n in parsed.result.nodes.values() if n.resource_type == "model"}
        assert {"fct_sessions", "ops_loads"} <= models
        subjects = ("video", "conversion", "trending", "evergreen", "usual_hours", "age_shares")
        assert [name for name in models if any(word in name for word in subjects)] == []
    assert [name for name in models if name.startswith("api_")] == []
    project.write_text(before)


def test_missing_seeds_of_the_host_do_not_stop_a_run(host: Host) -> None:
    done = host("run", "--select", "package:readership,config.materialized:incremental")
    assert done.success, messages_of(done)


def test_changed_settings_are_refused_in_any_schema(host: Host) -> None:
    done = host("run", "--select", "int_sessions", session_gap_minutes=10)
    assert not done.success
    changed = "session_gap_minutes was 30 when rows were stored and is 10 now: recompute with"
    assert changed in messages_of(done)


def test_an_unknown_variable_of_the_package_stops_the_run_but_not_those_of_the_host(
    host: Host,
) -> None:
    project = host.folder / "dbt_project.yml"
    written = project.read_text()
    # Variables of the host with names close to ours, in every place where they can be defined.
    own = "  session_gap_minuts: 5\n  newsroom: {response_limits: 3}\n  readership:\n"
    project.write_text(written.replace("  readership:\n", own, 1))
    done = host("run", "--select", "int_sessions", session_gap_minuts=7, response_limits=4)
    assert done.success, messages_of(done)
    project.write_text(
        written.replace("  readership:\n", "  readership:\n    skim_max_secs: 5\n    desk: x\n", 1)
    )
    done = host("run", "--select", "int_sessions")
    project.write_text(written)
    assert not done.success
    assert "no variable `skim_max_secs`; did you mean `skim_max_seconds`?" in messages_of(done)
    assert "no variable `desk`." in messages_of(done)


def test_new_events_reach_the_models_of_the_host_and_pending_loads_are_reported(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.warehouse.load_events(EVENING[:1])
    host.warehouse.load_events(EVENING[1:])
    host.build(events_per_run=1)
    assert "1 loads with 1 events wait for the next run" in capsys.readouterr().out
    host.build()
    assert host.warehouse.rows("select * from main_newsroom.views_by_desk") == [("Politics", 2)]
    assert host.warehouse.one("select sum(views) from main_newsroom.views_by_day") == 2


def test_an_emptied_model_of_the_package_is_not_read_but_one_of_the_host_is(host: Host) -> None:
    assert host("run", "--empty").success
    refused = host("run", "--select", "base_event_rows")
    assert "An --empty run left no rows in base_events" in messages_of(refused)
    own = host("run", "--select", "views_by_day")
    assert own.success, messages_of(own)
    host.build("--select", "package:readership")


def test_visitors_are_erased_in_every_schema(host: Host) -> None:
    host.warehouse.execute(
        "create table raw.requests as select null as site_id, 'bob' as visitor_site_id"
    )
    request = json.dumps({"requests": "raw.requests"})
    done = host("run-operation", "readership.erase_visitors", "--args", request)
    host.warehouse.execute("drop table raw.requests")
    assert done.success, messages_of(done)
    host.build()
    assert host.warehouse.rows("select visitor_site_id from main_marts.dim_visitors") == [("ada",)]
