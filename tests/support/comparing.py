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


def contents_of(warehouse: Warehouse) -> dict[str, tuple[list[str], list[str]]]:
    """Return the columns of each relation and the `repr` of its rows, without those of the run."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    columns: dict[str, list[str]] = {}
    names = [name for name in warehouse.names() if name not in BOOKKEEPING]
    with warehouse.reader() as read:
        for name, column in read(
            "select table_name, column_name from information_schema.columns "
            f"where table_schema = '{warehouse.schema}' and table_catalog = current_database() "
            "order by table_name, ordinal_position"
        ):
            if column not in OF_LOADS and not column.endswith("load_id"):
                columns.setdefault(name, []).append(column)
        for name in names:
            rows = read(f"select {', '.join(columns[name])} from {name}")
            found[name] = columns[name], sorted(map(repr, rows))
    return found


def differences(one: Warehouse, other: Warehouse) -> dict[str, Any]:
    """Return the differences of two warehouses by relation: some rows that only one of them has."""
    assert one.names() == other.names()
    found: dict[str, Any] = {}
    contents, others = contents_of(one), contents_of(other)
    for name, (columns, rows) in contents.items():
        other_columns, other_rows = others[name]
        if columns != other_columns:
            found[name] = columns, other_columns
        elif rows != other_rows:
            here, there = set(rows), set(other_rows)
            found[name] = sorted(here - there)[:2], sorted(there - here)[:2]
    return found
