"""The tables of the `raw` schema: their columns, for dlt and for Arrow.

What each column means is described where the models read them, in models/staging/_sources.yml.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import pyarrow as pa

from loaders.fields import FIELDS

ColumnType = Literal["text", "bigint", "double", "bool", "json", "binary", "timestamp"]

EVENTS: Final = "events"
REJECTED_LINES: Final = "rejected_lines"
FILES: Final = "files"
USER_AGENTS: Final = "user_agents"
HOSTS: Final = "hosts"
UNKNOWN_FIELDS: Final = "unknown_fields"

LOAD_ID: Final = "_dlt_load_id"

TABLES: Final[dict[str, dict[str, ColumnType]]] = {
    EVENTS: {
        **FIELDS,
        "_unknown_fields": "json",
        "_file": "text",
        "_line": "bigint",
    },
    REJECTED_LINES: {
        "_file": "text",
        "_line": "bigint",
        "reason": "text",
        "detail": "text",
        "line": "binary",
    },
    FILES: {
        "file": "text",
        "version": "text",
        "size_bytes": "bigint",
        "modified_at": "timestamp",
        "lines": "bigint",
        "events": "bigint",
        "rejected": "bigint",
        "blank": "bigint",
        "status": "text",
        "detail": "text",
        "replaced_by": "text",
    },
    USER_AGENTS: {
        "user_agent": "text",
        "browser": "text",
        "browser_version": "text",
        "os": "text",
        "os_version": "text",
        "device": "text",
        "device_brand": "text",
        "device_model": "text",
        "device_type": "text",
        "is_bot": "bool",
        "bot_kind": "text",
    },
    HOSTS: {
        "host": "text",
        "registrable_domain": "text",
        "search_engine": "text",
    },
    UNKNOWN_FIELDS: {
        "field": "text",
        "_file": "text",
        "_line": "bigint",
    },
}
"""Each table's columns and their types; dlt adds `_dlt_load_id` to all of them."""

_ARROW_TYPES: Final[dict[ColumnType, pa.DataType]] = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    # JSON travels as text and becomes JSON in the warehouse.
    "json": pa.string(),
    "binary": pa.binary(),
    "timestamp": pa.timestamp("us", "UTC"),
}

ARROW_SCHEMAS: Final[dict[str, pa.Schema]] = {
    table: pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in columns.items()])
    for table, columns in TABLES.items()
}
"""The Arrow schema of each table, without `_dlt_load_id`."""


def arrow_table(table: str, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Turn rows into an Arrow table.

    Args:
        table: The raw table, as in `TABLES`.
        rows: Values in the order of the table's columns, without `_dlt_load_id`.

    """
    schema = ARROW_SCHEMAS[table]
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.Table.from_arrays(
        [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)],
        schema=schema,
    )
