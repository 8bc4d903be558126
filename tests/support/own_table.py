"""A table of events of another make than the loader's, as exports and other loaders leave it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.support.warehouses import Warehouse

TABLE = "feed.parsely_events"
VARIABLES = {
    "source_kind": "table",
    "source_schema": "feed",
    "events_table": "parsely_events",
}
# Types that differ from the loader's, all of which both engines know. Columns that no event has are
# left out, as is the column of loads where there is none.
COLUMNS = {
    "action": "varchar",
    "apikey": "varchar",
    "event_id": "varchar",
    "ts_action": "timestamp",
    "timestamp_info_nginx_ms": "varchar",
    "visitor_site_id": "varchar",
    "session_id": "double precision",
    "session_timestamp": "timestamp",
    "session_last_session_timestamp": "numeric(18, 0)",
    "url": "varchar",
    "referrer": "varchar",
    "pageview_id": "varchar",
    "videostart_id": "varchar",
    "engaged_time_inc": "varchar",
    "user_agent": "varchar",
    "flags_is_amp": "varchar",
    "metadata_title": "varchar",
    "metadata_canonical_url": "varchar",
    "metadata_authors": "varchar",
    "metadata_tags": "varchar[]",
    "extra_data": "json",
    "batch": "integer",
    "loaded_by": "varchar",
}


def create_table(warehouse: Warehouse, *without: str) -> None:
    """Create the empty table."""
    warehouse.execute("create schema if not exists feed")
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items() if name not in without)
    warehouse.execute(f"create table {TABLE} ({columns})")


def add_rows(
    warehouse: Warehouse, events: Iterable[dict[str, Any]], batch: int | None = None
) -> None:
    """Add events to the table."""
    rows = []
    for event in events:
        assert event.keys() <= COLUMNS.keys(), event.keys() - COLUMNS.keys()
        values = event | {"batch": batch, "loaded_by": "another loader"}
        rows.append(f"({', '.join(_literal(name, values.get(name)) for name in COLUMNS)})")
    for at in range(0, len(rows), 200):
        warehouse.execute(f"insert into {TABLE} values {', '.join(rows[at : at + 200])}")


def _literal(name: str, value: Any) -> str:  # noqa: ANN401
    """Give a value as SQL, as an export writes it: numbers as floats, flags and lists as text."""
    if value is None:
        return "null"
    if name == "session_timestamp":
        return f"timestamp '1970-01-01' + interval '{value // 1000} seconds'"
    if name == "engaged_time_inc":
        return f"'{value}.0'"
    if name == "metadata_tags":
        return f"array[{', '.join(_quoted(item) for item in value)}]"
    if name == "metadata_authors":
        return _quoted(json.dumps(value, separators=(",", ":")))
    if isinstance(value, dict):
        return _quoted(json.dumps(value))
    return str(value) if isinstance(value, float) else _quoted(str(value))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
