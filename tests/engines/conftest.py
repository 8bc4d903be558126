"""Warehouses for the same events: a DuckDB file and a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from readership.service.warehouses import PostgresAddress
from tests.support.engine_loads import three_loads
from tests.support.postgres_server import PostgresServer
from tests.support.reader_role import address_of, create_reader, drop_reader
from tests.support.warehouses import Dbt, PostgresWarehouse, Warehouse


@pytest.fixture(scope="module")
def duckdb_warehouse(tmp_path_factory: pytest.TempPathFactory, dbt: Dbt) -> Warehouse:
    """An empty DuckDB file."""
    return Warehouse(tmp_path_factory.mktemp("duckdb"), dbt)


@pytest.fixture(scope="module")
def postgres_warehouse(
    tmp_path_factory: pytest.TempPathFactory, shared_folder: Path, postgres: PostgresServer
) -> Iterator[PostgresWarehouse]:
    """An empty PostgreSQL database."""
    folder = tmp_path_factory.mktemp("postgres")
    with postgres.database() as database:
        dbt = Dbt(folder / "dbt", shared_folder, "postgres", database=database)
        yield PostgresWarehouse(folder, dbt, server=postgres, database=database)


@pytest.fixture(scope="session")
def both(
    tmp_path_factory: pytest.TempPathFactory,
    dbt: Dbt,
    shared_folder: Path,
    postgres: PostgresServer,
) -> Iterator[tuple[Warehouse, PostgresWarehouse]]:
    """Both warehouses after three loads with a build each: late and repeated days, a changed file.

    Takes over 20 s: dbt builds three times on PostgreSQL, with a hundred statements each. Test
    files that use it have the mark `both_engines`, so that one process runs them. They leave the
    rows as they are.
    """
    folder = tmp_path_factory.mktemp("events")
    with postgres.database() as database:
        in_duckdb = Warehouse(folder / "duckdb", dbt)
        in_duckdb.folder.mkdir()
        in_postgres = PostgresWarehouse(
            folder / "postgres",
            Dbt(folder / "dbt", shared_folder, "postgres", database=database),
            server=postgres,
            database=database,
        )
        for paths in three_loads(folder, events=4000):
            for warehouse in (in_duckdb, in_postgres):
                warehouse.load(*paths)
                warehouse.build()
        yield in_duckdb, in_postgres


@pytest.fixture(scope="session")
def published(both: tuple[Warehouse, PostgresWarehouse]) -> Iterator[PostgresWarehouse]:
    """The database of `both` with its answers, and a role that reads them."""
    _, in_postgres = both
    in_postgres.run_dbt("run-operation", "publish_answers")
    create_reader(in_postgres)
    yield in_postgres
    drop_reader(in_postgres)


@pytest.fixture
def address(published: PostgresWarehouse, monkeypatch: pytest.MonkeyPatch) -> PostgresAddress:
    """The address of the database for the role that reads; the environment has its password."""
    return address_of(published, monkeypatch)
