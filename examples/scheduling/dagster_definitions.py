"""Load and build every hour, with Dagster. Not run by any test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import dagster
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

HOME = Path("/srv/readership")
TABLES = ("events", "rejected_lines", "files", "unknown_fields", "user_agents", "hosts")
project = DbtProject(project_dir=HOME, profiles_dir=HOME / "profiles")
project.prepare_if_dev()


@dagster.multi_asset(specs=[dagster.AssetSpec(["raw", table]) for table in TABLES])
def raw() -> None:
    """Load what is new; dbt's sources have the same keys, so the models wait for it."""
    load = [HOME / ".venv/bin/python", "-m", "readership", "load", os.environ["EVENTS"]]
    subprocess.run(load, cwd=HOME, check=True)


@dbt_assets(manifest=project.manifest_path)
def models(context: dagster.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[object]:
    """Build all models in one process, since a DuckDB file has one writer."""
    yield from dbt.cli(["build"], context=context).stream()


hourly = dagster.define_asset_job("hourly", selection="*")
definitions = dagster.Definitions(
    assets=[raw, models],
    resources={"dbt": DbtCliResource(project_dir=project)},
    schedules=[dagster.ScheduleDefinition(job=hourly, cron_schedule="10 * * * *")],
)
