"""Warehouses for the same events: a DuckDB file and a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.postgres_server import PostgresServer
from tests.support.warehouses import Dbt, PostgresWarehouse, Warehouse


@pytest.fixture(scope="module")
def duckdb_warehouse(tmp_path_factory: pytest.TempPathFactory, dbt: Dbt) -> Warehouse:
    """An empty DuckDB file."""
    return Warehouse(tmp_path_factory.mktemp("duckdb"), dbt)


@pytest.fixture(scope="module")
def postgres_warehouse(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[PostgresWarehouse]:
    """An empty PostgreSQL database."""
    folder = tmp_path_factory.mktemp("postgres")
    with postgres.database() as database:
        dbt = Dbt(folder / "dbt", folder, "postgres")
        yield PostgresWarehouse(folder, dbt, server=postgres, database=database)
