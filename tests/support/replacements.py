"""The changes that the loader makes to the raw tables for replaced files and replayed lines.

They are written in SQL, so that the models are tested independently of the loader.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from tests.support.warehouses import Warehouse

ONLY_FOR_BUILDS = {
    "affected_keys", "base_alias_lists", "base_bot_evidence", "base_bot_visitors",
    "base_event_copies", "base_event_rows", "base_page_posts", "base_post_references",
    "claimed_loads", "processed_loads",
}  # fmt: skip


def load_version(warehouse: Warehouse, contents: dict[str, Iterable[dict[str, Any] | str]]) -> str:
    """Load files by name, which replace their older versions; return the id of the load."""
    warehouse.loads += 1
    files = [
        write_version(warehouse.folder / "events" / name, lines, warehouse.loads)
        for name, lines in contents.items()
    ]
    warehouse.load(*files)
    with duckdb.connect(str(warehouse.path)) as connection:
        load_id = newest_load(connection)
        connection.execute("begin")
        for file in files:
            replace_older(connection, load_id, file.name)
        connection.execute("commit")
    return load_id


def write_version(file: Path, lines: Iterable[dict[str, Any] | str], number: int) -> Path:
    """Write a file with a distinct modification time, which makes it a new version."""
    file.parent.mkdir(parents=True, exist_ok=True)
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    file.write_text("".join(f"{text}\n" for text in texts))
    os.utime(file, (number, number))
    return file


def replace_older(connection: duckdb.DuckDBPyConnection, load_id: str, name: str) -> None:
    """Delete the rows of older versions of a file, and record the load that replaced them."""
    for table in ("events", "rejected_lines"):
        connection.execute(
            f"delete from raw.{table} where _dlt_load_id <> ? and ends_with(_file, ?)",
            [load_id, f"/{name}"],
        )
    connection.execute(
        "update raw.files set replaced_by = ? "
        "where _dlt_load_id <> ? and ends_with(file, ?) and replaced_by is null",
        [load_id, load_id, f"/{name}"],
    )


def replay(warehouse: Warehouse, name: str, events: dict[int, dict[str, Any]]) -> str:
    """Replay quarantined lines of a file, by line number, as the given events."""
    warehouse.load_events(events.values())
    numbers = list(events)
    with duckdb.connect(str(warehouse.path)) as connection:
        load_id = newest_load(connection)
        file, version, original = connection.execute(
            "select file, version, _dlt_load_id from raw.files "
            "where ends_with(file, ?) and replaced_by is null and status <> 'replayed'",
            [f"/{name}"],
        ).fetchall()[0]
        connection.execute("begin")
        connection.execute(
            "update raw.events set _file = ?, _line = list_element(?, _line) "
            "where _dlt_load_id = ?",
            [file, numbers, load_id],
        )
        connection.execute(
            "update raw.files set file = ?, version = ?, status = 'replayed' "
            "where _dlt_load_id = ?",
            [file, version, load_id],
        )
        connection.execute(
            "delete from raw.rejected_lines where _file = ? and list_contains(?, _line)",
            [file, numbers],
        )
        connection.execute(
            "update raw.files set lines = lines - ?, rejected = rejected - ? "
            "where _dlt_load_id = ? and file = ?",
            [len(numbers), len(numbers), original, file],
        )
        connection.execute("commit")
    return load_id


def newest_load(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the id of the load that finished last."""
    return connection.execute("select max(load_id) from raw._dlt_loads").fetchall()[0][0]


def everything(
    warehouse: Warehouse, copy: duckdb.DuckDBPyConnection | None = None
) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables and views in a fixed order, without those for builds only."""
    names = (name for name in warehouse.names() if name not in ONLY_FOR_BUILDS)
    return warehouse.ordered(*names, copy=copy)


def checked_rows(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    """Run the data tests, and return all rows as `everything` does."""
    with warehouse.copied() as copy:
        warehouse.check(copy)
        return everything(warehouse, copy)


def assert_equal_to_a_full_refresh(
    warehouse: Warehouse, found: dict[str, list[tuple[Any, ...]]] | None = None
) -> None:
    """Compare the stored rows with those of a full refresh on the same raw tables.

    Args:
        warehouse: The warehouse; it is fully refreshed.
        found: Its rows, if they have passed the data tests already; else the tests run first.

    """
    found = found or checked_rows(warehouse)
    warehouse.build("--full-refresh")
    expected = everything(warehouse)
    assert found.keys() == expected.keys()
    for name, rows in expected.items():
        assert found[name] == rows, name
