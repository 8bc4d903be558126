"""A table of another make on PostgreSQL gives the marts that DuckDB has of files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.laws.test_own_table import (
    EVENTS,
    FEW_MARTS,
    MARTS,
    TOO_OLD,
    OwnTable,
    freshness_of,
    marts_of,
    received_now,
)
from tests.support.own_table import VARIABLES, add_rows, create_table
from tests.support.postgres_server import PostgresServer
from tests.support.warehouses import Dbt, PostgresWarehouse, Warehouse


class OwnPostgresTable(PostgresWarehouse, OwnTable):
    """A PostgreSQL database whose events are in a table of another make."""


@pytest.fixture(scope="module")
def own(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, is_long: bool
) -> Iterator[OwnPostgresTable]:
    """The built database; days grew between two builds. With `--long`, all marts."""
    folder = tmp_path_factory.mktemp("postgres")
    variables = VARIABLES | {"source_described": True}
    with postgres.database() as database:
        dbt = Dbt(folder / "dbt", folder, "postgres", variables=variables)
        warehouse = OwnPostgresTable(folder / "own", dbt, server=postgres, database=database)
        create_table(warehouse)
        for some in (EVENTS[::2], EVENTS[1::2]):
            add_rows(warehouse, some)
            with warehouse._settings():
                warehouse.enrich()
            warehouse.build(*(MARTS if is_long else FEW_MARTS))
        yield warehouse


def test_a_table_gives_the_marts_of_duckdb(own: OwnPostgresTable, warehouse: Warehouse) -> None:
    warehouse.load_events(EVENTS)
    warehouse.build()
    expected = warehouse.ordered(*marts_of(own))
    for name, rows in marts_of(own).items():
        assert sorted(map(repr, rows)) == sorted(map(repr, expected[name])), name


def test_freshness_fails_until_a_new_event_is_received(own: OwnPostgresTable) -> None:
    assert freshness_of(own, "publisher.events") == TOO_OLD
    add_rows(own, [received_now()])
    assert freshness_of(own, "publisher.events") == "pass"
