"""Compare two warehouses row by row, whichever engines they are on."""

from __future__ import annotations

from typing import Any

from tests.support.warehouses import Warehouse

# Columns that depend on the run, not on the events: ids and times of loads and of processing.
OF_LOADS = {"finished_at"}
# stg_event_rows is the current part of base_event_rows.
BOOKKEEPING = {
    "processed_loads", "claimed_loads", "affected_keys", "base_event_rows", "base_event_copies",
}  # fmt: skip


def rows_of(warehouse: Warehouse, name: str) -> tuple[list[str], list[str]]:
    """Return the columns of a relation and the `repr` of its rows, without columns of the run."""
    columns = [
        column
        for (column,) in warehouse.rows(
            "select column_name from information_schema.columns where table_name = "
            f"'{name}' and table_schema = '{warehouse.schema}' order by ordinal_position"
        )
        if column not in OF_LOADS and not column.endswith("load_id")
    ]
    found = warehouse.rows(f"select {', '.join(columns)} from {name}")
    return columns, sorted(map(repr, found))


def differences(one: Warehouse, other: Warehouse) -> dict[str, Any]:
    """Return the differences of two warehouses by relation: some rows that only one of them has."""
    assert one.names() == other.names()
    found: dict[str, Any] = {}
    for name in one.names():
        if name not in BOOKKEEPING:
            (columns, rows), (other_columns, other_rows) = rows_of(one, name), rows_of(other, name)
            if columns != other_columns:
                found[name] = columns, other_columns
            elif rows != other_rows:
                here, there = set(rows), set(other_rows)
                found[name] = sorted(here - there)[:2], sorted(there - here)[:2]
    return found
