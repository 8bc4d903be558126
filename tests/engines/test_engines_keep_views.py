"""Runs of tables only keep the views, which PostgreSQL ties to the tables they were created on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.command_line import main as simulate
from tests.support.comparing import differences
from tests.support.warehouses import DbtFailedError, PostgresWarehouse, Warehouse

FREQUENT = ("run", "--selector", "frequent")


@pytest.fixture(scope="module")
def both(
    duckdb_warehouse: Warehouse,
    postgres_warehouse: PostgresWarehouse,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Warehouse, PostgresWarehouse]:
    """Both warehouses after a full build of one day, and two more days with runs of tables only."""
    folder = tmp_path_factory.mktemp("events")
    simulate(["--events", "1500", "--days", "3", "--out", str(folder)])
    for number, day in enumerate(sorted(file.parent for file in folder.rglob("part-00.jsonl*"))):
        for warehouse in (duckdb_warehouse, postgres_warehouse):
            warehouse.load(day)
            if number == 0:
                warehouse.build()
            else:
                warehouse.run_dbt(*FREQUENT)
    assert number == 2
    return duckdb_warehouse, postgres_warehouse


@pytest.fixture
def in_postgres(both: tuple[Warehouse, PostgresWarehouse]) -> Iterator[PostgresWarehouse]:
    """The database; each test must leave the relations that it found."""
    _, in_postgres = both
    before = in_postgres.names()
    yield in_postgres
    assert in_postgres.names() == before


def test_a_run_of_tables_only_keeps_every_view(both: tuple[Warehouse, PostgresWarehouse]) -> None:
    in_duckdb, in_postgres = both
    assert in_postgres.names() == in_duckdb.names()


def test_a_run_of_tables_keeps_views_grants_and_indexes_of_others(
    in_postgres: PostgresWarehouse,
) -> None:
    in_postgres.execute("create view looks as select site_id, events from dim_sites")
    in_postgres.execute("grant select on dim_sites to public")
    in_postgres.execute("create index of_others on fct_sessions (site_id)")
    in_postgres.run_dbt("run", "--select", "dim_sites")
    in_postgres.run_dbt("run", "--select", "fct_sessions", "--full-refresh")
    in_postgres.run_dbt(*FREQUENT)
    indexes = in_postgres.rows(
        "select substring(indexdef from '[(](.*)[)]$') from pg_indexes "
        "where tablename = 'fct_sessions' order by 1"
    )
    assert indexes == [("session_key",), ("site_id",), ("visitor_key",)]
    granted = in_postgres.rows(
        "select grantee from information_schema.table_privileges "
        "where table_name = 'dim_sites' and grantee = 'PUBLIC'"
    )
    assert granted == [("PUBLIC",)]
    assert in_postgres.one("select sum(events) from looks") == in_postgres.one(
        "select sum(events) from dim_sites"
    )
    in_postgres.execute("drop index of_others")
    in_postgres.execute("drop view looks")


def test_a_table_with_changed_columns_gets_its_views_recreated(
    in_postgres: PostgresWarehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    in_postgres.execute("alter table dim_dates add column formerly integer")
    in_postgres.execute("create view looks as select calendar_date, iso_week from dim_dates")
    in_postgres.execute("create view looked as select * from looks")
    in_postgres.execute("comment on view looked is 'It''s ours'")
    in_postgres.execute("comment on column looked.iso_week is 'so many'")
    in_postgres.execute("grant select on looked to public")
    in_postgres.execute("create view gone as select formerly from dim_dates")
    in_postgres.run_dbt("run", "--select", "dim_dates")
    assert "these views are dropped until they are rebuilt: gone." in capsys.readouterr().out
    assert in_postgres.rows(
        "select calendar_date, iso_week from looked order by 1"
    ) == in_postgres.rows("select calendar_date, iso_week from dim_dates order by 1")
    described = in_postgres.one(
        "select obj_description('looked'::regclass), col_description('looked'::regclass, 2), "
        "has_table_privilege('pg_monitor', 'looked', 'select')"
    )
    assert described == ("It's ours", "so many", True)
    in_postgres.execute("drop view looked")
    in_postgres.execute("drop view looks")


def test_a_table_with_other_dependents_than_views_is_not_replaced(
    in_postgres: PostgresWarehouse,
) -> None:
    in_postgres.execute("alter table dim_dates add column formerly integer")
    in_postgres.execute("create materialized view kept as select formerly from dim_dates")
    with pytest.raises(DbtFailedError, match="materialized view kept depends on"):
        in_postgres.run_dbt("run", "--select", "dim_dates")
    assert in_postgres.rows("select formerly from dim_dates") != []
    in_postgres.execute("drop materialized view kept")
    in_postgres.run_dbt("run", "--select", "dim_dates")


def test_a_view_with_changed_columns_gets_dependent_views_recreated(
    in_postgres: PostgresWarehouse,
) -> None:
    in_postgres.execute(
        """do $$ begin
            execute 'create or replace view stg_loads as select found.*, 1 as formerly from ('
            || rtrim(pg_get_viewdef('stg_loads'::regclass), ';') || ') as found';
        end $$"""
    )
    in_postgres.execute("create view looks as select * from stg_loads limit 1")
    in_postgres.execute("create view looked as select load_id from stg_loads")
    in_postgres.run_dbt("run", "--select", "stg_loads")
    assert in_postgres.rows("select to_regclass('looks')") == [(None,)]
    assert len(in_postgres.rows("select load_id from looked")) == 3
    in_postgres.execute("drop view looked")


def test_a_changed_materialization_does_not_cascade(in_postgres: PostgresWarehouse) -> None:
    in_postgres.execute("alter view api_search rename to was")
    in_postgres.execute("create table api_search as select * from was")
    in_postgres.execute("drop view was")
    in_postgres.execute("create view looks as select count(*) as posts from api_search")
    in_postgres.run_dbt("run", "--select", "api_search")
    assert in_postgres.one("select count(*) from looks") == 1
    in_postgres.execute("drop view looks")


def test_seeds_are_reloaded_below_their_views(in_postgres: PostgresWarehouse) -> None:
    in_postgres.run_dbt("seed", "--full-refresh")
    in_postgres.execute("alter table referrer_classes add column formerly text")
    in_postgres.run_dbt("seed", "--full-refresh")


def test_afterwards_every_relation_has_the_same_rows_as_on_duckdb(
    both: tuple[Warehouse, PostgresWarehouse],
) -> None:
    in_duckdb, in_postgres = both
    in_postgres.run_dbt(*FREQUENT)
    assert differences(in_duckdb, in_postgres) == {}
