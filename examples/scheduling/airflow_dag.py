"""Load, build and publish every hour, with Airflow 3 and Cosmos. Not run by any test."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag
from cosmos import DbtTaskGroup, ProfileConfig, ProjectConfig

HOME = "/srv/readership"
PYTHON = f"{HOME}/.venv/bin/python"


@dag(schedule="10 * * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1)
def readership() -> None:
    """Three steps; the pool has one slot, since a DuckDB file has one writer."""
    load = BashOperator(
        task_id="load", cwd=HOME, bash_command=f'{PYTHON} -m readership load "$EVENTS"'
    )
    build = DbtTaskGroup(
        group_id="build",
        project_config=ProjectConfig(HOME),
        profile_config=ProfileConfig(
            profile_name="readership",
            target_name="duckdb",
            profiles_yml_filepath=f"{HOME}/profiles/profiles.yml",
        ),
        operator_args={
            "pool": "readership",
            "dbt_executable_path": f"{HOME}/.venv/bin/dbt",
            "env": {"READERSHIP_WAREHOUSE": f"{HOME}/data/readership.duckdb"},
        },
    )
    publish = BashOperator(
        task_id="publish",
        cwd=HOME,
        bash_command=f"{HOME}/.venv/bin/dbt run-operation publish_answers"
        f" && {PYTHON} -m readership publish",
    )
    load >> build >> publish


readership()
