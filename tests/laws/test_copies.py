"""The copies in which rows are compared have the rows that the file gives."""

from __future__ import annotations

import duckdb

from tests.support.histories import BUILT
from tests.support.replacements import load_version
from tests.support.warehouses import PLANNING, Warehouse


def test_a_copy_has_the_rows_of_every_table_and_view(warehouse: Warehouse) -> None:
    load_version(warehouse, BUILT)
    warehouse.build()
    names = warehouse.names()
    with warehouse.copied() as copy:
        copied = warehouse.ordered(*names, copy=copy)
    with duckdb.connect(str(warehouse.path), read_only=True, config=PLANNING) as connection:
        for name in names:
            rows = connection.execute(f"select * from {name} order by all").fetchall()
            assert copied[name] == rows, name
    assert sum(bool(rows) for name, rows in copied.items() if name.startswith("api_")) > 10
    # A copy of some relations has them and what they read, and no more.
    views = ("api_views", "fct_sessions")
    assert warehouse.ordered(*views) == {name: copied[name] for name in views}
    with warehouse.copied(*views) as copy:
        tables = copy.execute(
            "select table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall()
    kept = {name for (name,) in tables}
    assert {*views} <= kept < {*names}
