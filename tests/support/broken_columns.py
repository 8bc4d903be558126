"""A small relation that breaks every rule of the data test columns_hold, and its findings."""

from __future__ import annotations

import json
from typing import Any

from tests.support.warehouses import Warehouse


def envelope(data: object, *, success: bool = True) -> str:
    return json.dumps({"success": success, "data": data})


COLUMNS = "key, site_id, period, views, share, status, valid_from, valid_to, time_zone, response"
ROWS: list[tuple[Any, ...]] = [
    ("a", "x", "1h", 0, 0.0, "open", 10, 10, "Europe/Berlin", envelope([])),
    ("b", "x", "2h", 5, 1.0, "it's", 10, 11, "UTC", envelope([{}] * 10)),
    # Nulls break not_null, and a composite key if two of them are equal.
    (None, None, None, None, None, None, None, None, None, envelope([])),
    (None, None, None, -1, 1.5, "closed", 10, 9, "Mars/Base", envelope([], success=False)),
    ("a", "x", "1h", -3, -0.1, "closed", 10, None, "Mars/Base", None),
    ("a", "y", "1h", 7, 0.5, "open", None, 3, "UTC", envelope([{}] * 11)),
    ("c", "y", "2h", 1, 0.5, "open", 1, 2, "UTC", envelope({})),
    ("d", "y", "3h", 1, 0.5, "open", 1, 2, "UTC", "sorry"),
]
RULES = {
    "unique": ["key", ["site_id", "period"]],
    "not_null": ["key", "views"],
    "accepted_values": {"status": ["open", "it's"]},
    "between": {"share": [0, 1], "valid_to": ["valid_from", 11], "views": [-3, 7]},
    "at_least": {"views": 0, "share": -0.1},
    "not_before": {"valid_to": "valid_from"},
    "known_time_zone": ["time_zone"],
    "response_envelope": ["response"],
}
# Column, rule in words and number of violating rows. Rules without violations are not reported.
FOUND = [
    ("key", "not null", 2),
    ("key", "unique", 2),
    ("response", "an envelope that says success with at most 10 rows", 5),
    ("share", "between 0 and 1", 2),
    ("site_id", "found in known_sites", 3),
    ("site_id, period", "unique", 2),
    ("status", "one of open, it's", 2),
    ("time_zone", "a known time zone", 2),
    ("valid_to", "between valid_from and 11", 1),
    ("valid_to", "not before valid_from", 1),
    ("views", "at least 0", 2),
    ("views", "not null", 1),
]


def literal(value: object) -> str:
    """Return a value as a SQL literal."""
    if value is None:
        return "null"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def found_by_columns_hold(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Return the findings of the data test for these rows, on the engine of a warehouse."""
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in ROWS)
    relation = f"(values {values}) as broken ({COLUMNS})"
    known = "api.Relation.create(schema=target.schema, identifier='known_sites')"
    sql = sql_of(warehouse, relation, RULES, found_in=f"{{'site_id': {known}}}")
    warehouse.execute(
        "create table known_sites as select site_id "
        "from (values ('x'), ('x'), (null), ('z')) as known (site_id)"
    )
    found = sorted(warehouse.rows(sql))
    warehouse.execute("drop table known_sites")
    return found


def sql_of(warehouse: Warehouse, relation: str, rules: dict[str, Any], found_in: str = "{}") -> str:
    """Return the compiled query of the data test; `found_in` is a Jinja expression."""
    call = f"readership.test_columns_hold({relation!r}, found_in={found_in}, **{rules!r})"
    (result,) = warehouse.run_dbt("compile", "--inline", f"{{{{ {call} }}}}")
    return result.node.compiled_code
