"""Keys of the publisher's own as columns on PostgreSQL, of loads in the other order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import own_columns as own
from tests.support.postgres_server import PostgresServer
from tests.support.warehouses import Dbt, PostgresWarehouse

TABLES = {
    "extra_columns": ("fct_pageviews", "fct_sessions", "fct_conversions"),
    "metadata_columns": ("dim_posts", "dim_posts_history"),
}


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[PostgresWarehouse]:
    """A database with all columns. Takes over 20 s, to parse with variables and to build twice."""
    folder = tmp_path_factory.mktemp("own columns")
    dbt = Dbt(folder / "dbt", folder, "postgres", variables=own.VARIABLES)
    with postgres.database() as database:
        made = PostgresWarehouse(folder, dbt, server=postgres, database=database)
        for load in reversed(own.LOADS):
            made.load_events(load)
            made.build(*own.MODELS)
        yield made


def test_columns_have_the_same_values_whatever_came_first(built: PostgresWarehouse) -> None:
    own.assert_values(built)


def test_columns_are_of_the_contract(built: PostgresWarehouse) -> None:
    types = {"text": ("text", "character varying"), "number": ("double precision",),
             "integer": ("bigint",), "boolean": ("boolean",),
             "timestamp": ("timestamp without time zone",)}  # fmt: skip
    for variable, tables in TABLES.items():
        for table in tables:
            found = {
                name: (kind, comment)
                for name, kind, comment in built.rows(
                    "select column_name, data_type, col_description("
                    f"'{table}'::regclass, ordinal_position) from information_schema.columns "
                    f"where table_name = '{table}'"
                )
            }
            for one in own.VARIABLES[variable]:
                kind, comment = found[one.get("name", one["key"])]
                assert kind in types[one["type"]]
                # dbt stores descriptions of the columns that a contract has.
                assert f"Value of {one['key']} in " in comment


def test_the_manifest_names_the_columns(built: PostgresWarehouse) -> None:
    nodes = built.dbt.manifest.nodes
    for variable, tables in TABLES.items():
        for table in tables:
            named = nodes[f"model.readership.{table}"].config.meta["own_columns"]
            assert [(one["key"], one["type"]) for one in named] == [
                (one["key"], one["type"]) for one in own.VARIABLES[variable]
            ]


def test_no_reserved_word_can_name_a_column(built: PostgresWarehouse) -> None:
    reserved = built.rows("select word from pg_get_keywords() where catcode in ('R', 'T')")
    refused = own.reserved_words()
    assert len(reserved) > 90
    assert [word for (word,) in reserved if word not in refused] == []
