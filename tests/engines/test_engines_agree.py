"""The models give the same rows on PostgreSQL as on DuckDB."""

from __future__ import annotations

import pytest

from tests.support.broken_columns import FOUND, found_by_columns_hold
from tests.support.comparing import differences
from tests.support.warehouses import PostgresWarehouse, Warehouse

pytestmark = pytest.mark.both_engines


def test_every_relation_has_the_same_rows_as_on_duckdb(
    both: tuple[Warehouse, PostgresWarehouse],
) -> None:
    in_duckdb, in_postgres = both
    assert differences(in_duckdb, in_postgres) == {}
    # Either has them, and one of them has them sooner.
    sizes = {name: len(rows) for name, rows in in_duckdb.contents().items()}
    assert {name for name, size in sizes.items() if size == 0} <= {"trending_posts"}


def test_the_data_tests_pass(both: tuple[Warehouse, PostgresWarehouse]) -> None:
    """Takes over 20 s: dbt runs every data test on the server."""
    _, in_postgres = both
    in_postgres.test()


def test_columns_that_break_a_rule_are_reported(
    both: tuple[Warehouse, PostgresWarehouse],
) -> None:
    _, in_postgres = both
    assert found_by_columns_hold(in_postgres) == FOUND


def test_the_unit_tests_of_the_models_pass(both: tuple[Warehouse, PostgresWarehouse]) -> None:
    """Takes over 20 s: some 300 unit tests, each a query on the server."""
    _, in_postgres = both
    assert len(in_postgres.run_dbt("test", "--select", "test_type:unit")) > 300


def test_a_full_refresh_gives_the_rows_of_three_incremental_builds(
    both: tuple[Warehouse, PostgresWarehouse],
) -> None:
    """Takes over 20 s: a full build by dbt on PostgreSQL."""
    in_duckdb, in_postgres = both
    in_postgres.build("--full-refresh")
    found = differences(in_duckdb, in_postgres)
    # Key tables keep removed rows until every model has removed them.
    assert {name for name in found if not name.startswith("base_")} == set()


def test_tables_have_indexes_on_the_keys_of_incremental_runs(
    both: tuple[Warehouse, PostgresWarehouse],
) -> None:
    _, in_postgres = both
    indexes = in_postgres.rows(
        "select tablename, substring(indexdef from '[(](.*)[)]$') from pg_indexes "
        f"where schemaname = '{in_postgres.schema}'"
    )
    assert {
        ("base_event_rows", "event_key"),
        ("base_event_rows", "session_scope_key"),
        ("int_pageviews", "session_scope_key"),
        ("fct_sessions", "visitor_key"),
        ("fct_engaged_time", "hour_at"),
    } <= set(indexes)


def test_dbt_never_writes_the_password(
    both: tuple[Warehouse, PostgresWarehouse],
) -> None:
    _, in_postgres = both
    password = in_postgres.server.password
    written = [path for path in in_postgres.dbt.target.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert [path for path in written if password.encode() in path.read_bytes()] == []
