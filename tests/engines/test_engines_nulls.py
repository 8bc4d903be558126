"""The models give the same rows wherever an engine puts nulls."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.comparing import differences
from tests.support.warehouses import ROOT, PostgresWarehouse, Warehouse

pytestmark = pytest.mark.both_engines

SETTING = "        TimeZone: UTC\n"


def test_rows_do_not_depend_on_where_an_engine_puts_nulls(
    both: tuple[Warehouse, PostgresWarehouse], tmp_path: Path
) -> None:
    """Spark and BigQuery put nulls first where DuckDB and PostgreSQL put them last.

    Takes over 20 s: a full build by dbt.
    """
    in_duckdb, _ = both
    profile = (ROOT / "profiles/profiles.yml").read_text()
    assert SETTING in profile
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "profiles.yml").write_text(
        profile.replace(
            SETTING, f"{SETTING}        default_null_order: nulls_first_on_asc_last_on_desc\n"
        )
    )
    shutil.copy(in_duckdb.path, tmp_path)
    dbt = replace(in_duckdb.dbt, profiles=profiles)
    nulls_first = Warehouse(tmp_path, dbt, is_by_dbt=True)
    nulls_first.build("--full-refresh")
    found = differences(in_duckdb, nulls_first)
    # Key tables keep removed rows until every model has removed them.
    assert {name: rows for name, rows in found.items() if not name.startswith("base_")} == {}
